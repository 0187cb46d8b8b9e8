"""Call sites: what is called where, with which constants, and what is held meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pgconnlint.program import ir
from pgconnlint.program.contexts import Contexts
from pgconnlint.program.facts import CallSite, Lifetime
from pgconnlint.program.link import Linked
from pgconnlint.program.state import Status
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import walk

Where = tuple[str, ir.SpanPair]


def call_sites(linked: Linked, found: Contexts, lifetimes: dict[FunctionId, list[Lifetime]]) -> Iterator[CallSite]:
    """Every call of a driver row or of a library, in order of files and positions."""
    held = _held(linked, lifetimes)
    for function_id in sorted(linked.functions):
        function = linked.functions[function_id]
        constants = {one.dst: one for one in walk(function.body) if isinstance(one, ir.Const)}
        awaited = {one.src for one in walk(function.body) if isinstance(one, ir.Await)}
        for call, loop, handler in _placed(function.body):
            site = _site(linked, found, function_id, call, constants, held)
            if site is not None:
                yield CallSite(
                    **site,
                    in_loop=loop,
                    in_handler=handler,
                    awaited=call.dst in awaited,  # type: ignore[arg-type]
                )


def _site(
    linked: Linked,
    found: Contexts,
    function_id: FunctionId,
    call: ir.Call,
    constants: dict[ir.Var, ir.Const],
    held: dict[Where, list[Lifetime]],
) -> dict[str, object] | None:
    callees = linked.callees(function_id, call)
    rows = [callee.row for callee in callees if callee.row]
    here = held.get((function_id[0], call.at), [])
    names = [callee.qualified for callee in callees if callee.qualified]
    if not rows and not here and not any("." in name or ":" in name for name in names):
        return None
    document = linked.documents[function_id[0]]
    text = " ".join(document.text[call.at[0] : call.at[1]].split())
    return {
        "qualified": names[0] if names else (call.method or ""),
        "row": rows[0] if rows else None,
        "path": function_id[0],
        "language": linked.modules[function_id[0]].language,
        "function": function_id[1],
        "at": document.at(*call.at),
        "name_at": document.at(*call.name_at),
        "text": text if len(text) <= 200 else text[:197] + "...",
        "arguments": tuple(_constant(constants, var) for var in call.args),
        "keywords": {name: _constant(constants, var) for name, var in call.kwargs},
        "contexts": found.get(function_id),
        "held": tuple(here),
    }


def _constant(constants: dict[ir.Var, ir.Const], var: ir.Var) -> object:
    found = constants.get(var)
    return found.value if found is not None else None


def _placed(body: tuple[ir.Statement, ...]) -> Iterator[tuple[ir.Call, bool, bool]]:
    """Every call with whether it stands in a loop and in a handler."""
    stack = [(body, False, False)]
    while stack:
        statements, loop, handler = stack.pop()
        for statement in statements:
            match statement:
                case ir.Call():
                    yield statement, loop, handler
                case ir.Loop():
                    stack.extend((part, True, handler) for part in (statement.head, statement.body, statement.step))
                    stack.append((statement.orelse, loop, handler))
                case ir.Try():
                    stack.extend((part, loop, handler) for part in (statement.body, statement.orelse, statement.final))
                    stack.extend((one.body, loop, True) for one in statement.handlers)
                case ir.If():
                    stack.extend((part, loop, handler) for part in (statement.then, statement.orelse))
                case ir.With() | ir.Block():
                    stack.append((statement.body, loop, handler))


def _held(linked: Linked, lifetimes: dict[FunctionId, list[Lifetime]]) -> dict[Where, list[Lifetime]]:
    """Which connections are held when a call runs."""
    result: dict[Where, list[Lifetime]] = defaultdict(list)
    for function_id, facts in lifetimes.items():
        solved = linked.solved[function_id]
        if solved.unit is None:
            continue
        for site, outcome in solved.sites:
            fact = next((one for one in facts if one.at.span.start == site.at[0] or one.row == site.row), None)
            if fact is None:
                continue
            spans = set()
            for index, state in outcome.parents:
                action = solved.unit.graph.nodes[index].action
                if state.status is Status.HELD and isinstance(action, ir.Call) and action.at != site.at:
                    spans.add(action.at)
            for span in sorted(spans):
                result[function_id[0], span].append(fact)
    return result
