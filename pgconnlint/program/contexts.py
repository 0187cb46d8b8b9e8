"""How often and where functions run: request handlers, jobs, loops, tests, scripts, start-up code.

Roots are recognised by how frameworks register them; what they call inherits their contexts. Calls whose
result is kept (`if (!pool) pool = make()`) and functions that run once (lru_cache) inherit nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pgconnlint.finding import Step, StepKind
from pgconnlint.program import ir
from pgconnlint.program.constants import Constants
from pgconnlint.program.contexts_javascript import javascript_roots
from pgconnlint.program.contexts_python import python_roots
from pgconnlint.program.contexts_reruns import rerun_roots
from pgconnlint.program.facts import Context
from pgconnlint.program.link import Callee, Linked
from pgconnlint.program.memo import Memo
from pgconnlint.program.statements import forwarders
from pgconnlint.program.types import FunctionId

REPEATED = frozenset({Context.HANDLER, Context.JOB, Context.SERVERLESS})
"""Contexts in which code runs again and again in one process."""

_DEPTH = 12


@dataclass(slots=True)
class Contexts:
    """``of``: every function's contexts. ``via``: the caller and call through which a function got them."""

    of: dict[FunctionId, frozenset[Context]]
    via: dict[FunctionId, tuple[FunctionId, ir.Call]]
    memo: Memo
    constants: Constants

    def get(self, function: FunctionId) -> frozenset[Context]:
        return self.of.get(function, frozenset())

    def chain(self, function: FunctionId) -> list[tuple[FunctionId, ir.Call]]:
        """The calls from the root that gives ``function`` its contexts down to it, root first."""
        found: list[tuple[FunctionId, ir.Call]] = []
        while function in self.via and len(found) < _DEPTH:
            found.append(self.via[function])
            function = self.via[function][0]
        return found[::-1]

    def steps(self, linked: Linked, function: FunctionId) -> tuple[Step, ...]:
        """How a handler or a job comes to ``function``, for people."""
        steps = []
        for owner, call in self.chain(function):
            document = linked.documents[owner[0]]
            name = _called(linked.functions[owner])
            steps.append(Step(StepKind.FLOW, f"{name} calls this each time it runs", document.at(*call.name_at)))
        if not steps:
            one = linked.functions[function]
            document = linked.documents[function[0]]
            steps.append(Step(StepKind.FLOW, f"{_called(one)} runs again and again", document.at(*one.at)))
        return tuple(steps)


def _called(function: ir.Function) -> str:
    """How to name a function to people."""
    return "the callback" if function.name.startswith("<") else f"`{function.name}`"


def contexts(linked: Linked) -> Contexts:
    """The contexts of every function of the project."""
    constants = Constants(linked)
    memo = Memo(linked, constants)
    roots: dict[FunctionId, set[Context]] = defaultdict(set)
    frameworks = (python_roots, rerun_roots, javascript_roots)
    for function, found in (one for framework in frameworks for one in framework(linked, constants)):
        if function in linked.functions:
            roots[function].add(found)
    result = Contexts({}, {}, memo, constants)
    _spread(linked, memo, roots, result)
    for function in linked.functions:
        if function[1] == ir.MODULE:
            result.of[function] = result.get(function) | {Context.MODULE}
    return result


def _spread(linked: Linked, memo: Memo, roots: dict[FunctionId, set[Context]], result: Contexts) -> None:
    queue = sorted(roots)
    for function in queue:
        result.of[function] = frozenset(roots[function])
    known: dict[FunctionId, list[tuple[ir.Call | None, FunctionId]]] = {}
    while queue:
        function = queue.pop(0)
        if memo.cached(function):
            continue
        given = result.get(function) - {Context.MODULE}
        if function not in known:
            known[function] = _callees(linked, memo, function)
        for call, target in known[function]:
            before = result.get(target)
            after = before | given
            if after != before and not memo.cached(target):
                result.of[target] = after
                if call is not None and target not in roots and target not in result.via and target != function:
                    result.via[target] = (function, call)
                queue.append(target)


def _callees(linked: Linked, memo: Memo, function: FunctionId) -> list[tuple[ir.Call | None, FunctionId]]:
    """What running ``function`` runs: what it calls, and the closures it hands on."""
    found: list[tuple[ir.Call | None, FunctionId]] = []
    for statement in linked.calls(function):
        targets = [one.function for one in linked.callees(function, statement) if one.function is not None]
        if targets and memo.kept(function, statement) is None:
            found += [(statement, target) for target in targets]
        for arg in (*statement.args, *(var for _, var in statement.kwargs)):
            types = linked.types(function, arg)
            if any(one[0] == "function" for one in types):
                found += [
                    (statement, (one[1], one[2]))
                    for one in sorted(types)
                    if one[0] == "function" and _nested(linked, function, (one[1], one[2]))
                ]
    for block in linked.statements(function):
        if isinstance(block, ir.With) and not block.using:
            found += [(None, target) for target in _entered(linked, function, block.context)]
    return found


def _entered(linked: Linked, function: FunctionId, context: ir.Var) -> list[FunctionId]:
    """What `with Manager():` runs of a class of the project."""
    return sorted(
        (member[1], member[2])
        for one in linked.types(function, context)
        if one[0] == "instance"
        for name in ("__enter__", "__aenter__")
        for member in linked.inference.member((one[1], one[2]), name)
        if member[0] == "function"
    )


def _nested(linked: Linked, outer: FunctionId, inner: FunctionId) -> bool:
    return outer[0] == inner[0] and linked.functions[inner].parent == outer[1] and outer[1] != ir.MODULE


def reaching(linked: Linked) -> frozenset[str]:
    """Names of the project's functions that open connections or make pools, directly or through others.

    Files that call them are worth reading too: a handler may be among the callers.
    """
    callers: dict[FunctionId, set[FunctionId]] = defaultdict(set)
    found: set[FunctionId] = set(forwarders(linked))
    for function in linked.functions:
        for call in linked.calls(function):
            for callee in linked.callees(function, call):
                if callee.function is not None:
                    callers[callee.function].add(function)
                elif callee.operation is not None and (callee.operation.acquires or _makes_pool(linked, callee)):
                    found.add(function)
    queue = sorted(found)
    while queue:
        for caller in sorted(callers[queue.pop()]):
            if caller not in found:
                found.add(caller)
                queue.append(caller)
    names = set()
    for function in found:
        one = linked.functions[function]
        names.add((one.owner or one.name).rpartition(".")[2] if one.name in ("__init__", "constructor") else one.name)
    return frozenset(name for name in names if name.isidentifier())


def _makes_pool(linked: Linked, callee: Callee) -> bool:
    kind = linked.tables.kinds.get(callee.operation.returns or "") if callee.operation is not None else None
    return callee.kind is None and kind is not None and kind.pool
