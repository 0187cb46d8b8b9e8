"""CallSite facts: the calls that rules look at, and which connections are held while they run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pgconnlint.program import ir
from pgconnlint.program.contexts import Contexts
from pgconnlint.program.drivers import row_id
from pgconnlint.program.facts import CallSite, Lifetime, Verdict
from pgconnlint.program.link import Callee, Linked
from pgconnlint.program.parallel import unbounded
from pgconnlint.program.state import Status
from pgconnlint.program.summarising import Solved
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import parts, uses, walk

Held = dict[tuple[str, ir.SpanPair], tuple[Lifetime, ...]]
"""(path, span of a call) -> what is held there."""

_TEXT = 200
_MOST = 60  # parts of arguments that are looked at


def call_sites(
    linked: Linked, contexts: Contexts, lifetimes: Mapping[FunctionId, Sequence[Lifetime]]
) -> tuple[CallSite, ...]:
    """Every call of a driver or library, and every call at all while something is held.

    To be asked when every function was solved; ``lifetimes``: what became of the sites of each.
    """
    held = _held(linked, contexts, lifetimes)
    parallel = unbounded(linked)
    found: list[CallSite] = []
    for function_id in sorted(linked.functions):
        found.extend(_sites(linked, contexts, function_id, held, parallel=function_id in parallel))
    return tuple(sorted(found, key=lambda one: (one.path, one.at, one.qualified)))


# -- what is held


def _held(linked: Linked, contexts: Contexts, lifetimes: Mapping[FunctionId, Sequence[Lifetime]]) -> Held:
    found: dict[tuple[str, ir.SpanPair], list[Lifetime]] = defaultdict(list)
    for function_id in sorted(lifetimes):
        for at, one in _by_solver(linked.solved[function_id], lifetimes[function_id]):
            found[function_id[0], at].append(one)
    for function_id in sorted(linked.functions):
        for at, one in _by_library(linked, function_id, contexts):
            found[function_id[0], at].append(one)
    return {key: tuple(lifetimes) for key, lifetimes in found.items()}


def _by_solver(solved: Solved, facts: Sequence[Lifetime]) -> Iterator[tuple[ir.SpanPair, Lifetime]]:
    """Calls that some path reaches while the site's connection is held (made lazily: really taken)."""
    unit = solved.unit
    if unit is None:
        return
    for site, outcome in solved.sites:
        one = next((fact for fact in facts if fact.at.span.start == site.at[0]), None)
        one = one or next((fact for fact in facts if fact.row == site.row), None)
        if one is None or not outcome.held:
            continue
        places = {index for index, state in outcome.parents if state.status is Status.HELD}
        spans: set[ir.SpanPair] = set()
        for index in places:
            action = unit.graph.nodes[index].action
            if isinstance(action, ir.Call) and action.at != site.at:
                spans.add(action.at)
        yield from ((span, one) for span in sorted(spans))


def _by_library(linked: Linked, function_id: FunctionId, contexts: Contexts) -> Iterator[tuple[ir.SpanPair, Lifetime]]:
    """Inside `with pool.connection()` and `sequelize.transaction(async t => ...)` the library holds one."""
    statements = linked.statements(function_id)
    calls: dict[ir.Var, ir.Call] = {}
    sources: dict[ir.Var, ir.Var] = {}
    if any(isinstance(one, ir.With) for one in statements):
        calls = {one.dst: one for one in linked.calls(function_id)}
        sources = {one.dst: one.src for one in statements if isinstance(one, ir.Copy | ir.Await)}
    for statement in statements:
        match statement:
            case ir.With(context=context, body=body):
                call = calls.get(sources.get(context, context))
                one = _managed(linked, function_id, call, contexts) if call is not None else None
                if one is not None:
                    yield from ((inner.at, one) for inner in walk(body) if isinstance(inner, ir.Call))
            case ir.Call():
                yield from _in_callback(linked, function_id, statement, contexts)


def _managed(linked: Linked, function_id: FunctionId, call: ir.Call, contexts: Contexts) -> Lifetime | None:
    for callee in linked.callees(function_id, call):
        operation = callee.operation
        kind = linked.tables.kinds.get(operation.returns or "") if operation is not None else None
        if operation and operation.manager and not operation.acquires and kind and kind.resource and not kind.lazy:
            return _lifetime(linked, function_id, call, callee, contexts)
    return None


def _in_callback(
    linked: Linked, function_id: FunctionId, call: ir.Call, contexts: Contexts
) -> Iterator[tuple[ir.SpanPair, Lifetime]]:
    for callee in linked.callees(function_id, call):
        operation = callee.operation
        if operation is None or operation.callback is None or not call.args:
            continue
        for var in call.args:
            for one in sorted(linked.types(function_id, var)):
                inner = linked.functions.get((one[1], one[2])) if one[0] == "function" else None
                if inner is not None and one[1] == function_id[0]:
                    given = next((each.name for each in inner.parameters if each.kind == "positional"), "")
                    variable = "" if given.startswith("%") else given.partition("~")[0]
                    holds = replace(_lifetime(linked, function_id, call, callee, contexts), variable=variable)
                    yield from ((it.at, holds) for it in linked.calls((one[1], one[2])))


def _lifetime(linked: Linked, function_id: FunctionId, call: ir.Call, callee: Callee, contexts: Contexts) -> Lifetime:
    """What the library itself acquires and gives back."""
    operation = callee.operation
    assert operation is not None
    kind = linked.tables.kinds.get((operation.callback_kinds or (operation.returns or "",))[0])
    document = linked.documents[function_id[0]]
    return Lifetime(
        verdict=Verdict.RELEASED,
        row=row_id(callee.kind, operation),
        library=kind.library if kind else "",
        language=linked.modules[function_id[0]].language,
        at=document.at(*call.at),
        call=_text(document.text, call.at, 60),
        what=kind.what if kind else "connection",
        variable="",
        release="",
        function=function_id[1],
        pooled=True,
        contexts=contexts.get(function_id),
    )


# -- the facts


@dataclass(slots=True)
class _Body:
    """One function's body, indexed."""

    used: set[ir.Var] = field(default_factory=set)
    constants: dict[ir.Var, object] = field(default_factory=dict)
    literals: dict[ir.Var, ir.Build] = field(default_factory=dict)
    copies: dict[ir.Var, ir.Var] = field(default_factory=dict)

    def passed(self, call: ir.Call) -> Iterator[str]:
        """The variables among a call's arguments, and what stands in literals there: keys and variables."""
        waiting = [*call.args, *(var for _, var in call.kwargs)]
        for _ in range(_MOST):
            if not waiting:
                return
            var = waiting.pop()
            yield var.partition("~")[0]
            if var in self.copies:
                waiting.append(self.copies[var])
            literal = self.literals.get(var)
            if literal is not None:
                yield from (key for key, _ in literal.items)
                waiting += [inner for _, inner in literal.items]


def _index(statements: tuple[ir.Statement, ...]) -> _Body:
    body = _Body()
    for one in statements:
        body.used.update(uses(one))
        if isinstance(one, ir.Const):
            body.constants[one.dst] = None if one.dst in body.constants else one.value
        elif isinstance(one, ir.Build):
            body.literals[one.dst] = one
        elif isinstance(one, ir.Copy):
            body.copies[one.dst] = one.src
    return body


def _sites(
    linked: Linked, contexts: Contexts, function_id: FunctionId, held: Held, *, parallel: bool
) -> Iterator[CallSite]:
    function = linked.functions[function_id]
    body: _Body | None = None
    for call, in_loop, in_handler in _calls(function.body):
        holding = held.get((function_id[0], call.at), ())
        callees = linked.callees(function_id, call)
        known = [one for one in callees if one.operation is not None] or [one for one in callees if one.path]
        if not known and not holding:
            continue
        # ".fetch": a method of something unknown, not the function of that name
        unknown = Callee(path=f".{call.method}" if call.receiver is not None else "")
        callee = (known or list(callees) or [unknown])[0]
        body = body or _index(linked.statements(function_id))
        yield _site(linked, contexts, function_id, call, callee, body, holding, in_loop, in_handler, parallel)


def _site(
    linked: Linked,
    contexts: Contexts,
    function_id: FunctionId,
    call: ir.Call,
    callee: Callee,
    body: _Body,
    holding: tuple[Lifetime, ...],
    in_loop: bool,
    in_handler: bool,
    parallel: bool,
) -> CallSite:
    document = linked.documents[function_id[0]]
    return CallSite(
        qualified=callee.qualified,
        row=callee.row,
        path=function_id[0],
        language=linked.modules[function_id[0]].language,
        function=function_id[1],
        at=document.at(*call.at),
        name_at=document.at(*call.name_at),
        text=_text(document.text, call.at, _TEXT),
        arguments=tuple(body.constants.get(var) for var in call.args),
        keywords={name: body.constants.get(var) for name, var in call.kwargs},
        contexts=contexts.get(function_id),
        in_loop=in_loop,
        in_handler=in_handler,
        awaited=call.dst in body.used,
        held=holding,
        parallel=parallel,
        passed=frozenset(body.passed(call)),
    )


def _calls(statements: tuple[ir.Statement, ...]) -> Iterator[tuple[ir.Call, bool, bool]]:
    """Every call with whether it stands in a loop and in an exception handler, in source order."""
    stack: list[tuple[ir.Statement, bool, bool]] = [(one, False, False) for one in reversed(statements)]
    while stack:
        one, in_loop, in_handler = stack.pop()
        if isinstance(one, ir.Call):
            yield one, in_loop, in_handler
            continue
        inside = parts(one)
        if not inside:
            continue
        inner: list[tuple[ir.Statement, bool, bool]] = []
        handlers = {id(handler.body) for handler in one.handlers} if isinstance(one, ir.Try) else set()
        for part in inside:
            loops = in_loop or isinstance(one, ir.Loop)
            handles = in_handler or id(part) in handlers
            inner.extend((each, loops, handles) for each in part)
        stack.extend(reversed(inner))


def _text(text: str, at: ir.SpanPair, limit: int) -> str:
    """The call as written, on one line."""
    written = " ".join(text[at[0] : min(at[1], at[0] + 4 * limit)].split())
    return written if len(written) <= limit else written[: limit - 1] + "…"
