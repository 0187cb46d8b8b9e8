"""Computes summaries when they are asked for: callees first, recursion cut off, everything once."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.program import ir
from pgconnlint.program.cfg import TooComplex
from pgconnlint.program.drivers import row_id
from pgconnlint.program.drivers.row import Kind, Operation
from pgconnlint.program.link import Callee, Linked
from pgconnlint.program.resolving import resolved
from pgconnlint.program.safety import Risk, sounds_releasing
from pgconnlint.program.solver import Outcome, Site, explore
from pgconnlint.program.state import Status
from pgconnlint.program.steps import thrown_into
from pgconnlint.program.summaries import BORROWS, NO_SUMMARY, Acquired, Effect, Fate, Summary
from pgconnlint.program.types import FunctionId
from pgconnlint.program.unit import Unit, prepare


@dataclass(frozen=True, slots=True)
class Solved:
    """A function with the outcome of every acquisition site in it. ``unit`` None: nothing to solve, or too complex."""

    unit: Unit | None
    sites: tuple[tuple[Site, Outcome], ...] = ()


_NOTHING = Solved(None)
_ADVANCING = ("next", "anext")
_ADVANCED = ("__next__", "__anext__")  # the same as methods


def solve(linked: Linked, function_id: FunctionId) -> Solved:
    """Solve every site of a function; asked again, the same answer."""
    found = linked.solved.get(function_id)
    if found is not None:
        return found
    linked.solved[function_id] = _NOTHING  # for recursion
    if not _interesting(linked, function_id):
        return _NOTHING
    try:
        unit = prepare(linked, function_id)
        solved = Solved(unit, tuple((site, explore(unit, site)) for site in sites(unit)))
    except TooComplex as limit:
        linked.complex[function_id] = str(limit)
        return _NOTHING
    linked.solved[function_id] = solved
    return solved


def _interesting(linked: Linked, function_id: FunctionId) -> bool:
    """Something in the function or in its closures may acquire: cheap, before anything is built."""
    if function_id in linked.inference.callbacks:
        return True
    root = linked.inference.root[function_id]
    found = linked.acquiring.get(root)
    if found is None:
        linked.acquiring[root] = frozenset()  # for recursion
        found = linked.acquiring[root] = _acquiring(linked, root)
    return function_id[1] in found


def _acquiring(linked: Linked, root: FunctionId) -> frozenset[str]:
    """The functions of a tree with calls that may acquire, and the functions around them."""
    tree = linked.inference.trees[root]
    parents = {function.id: function.parent for function in tree.functions}
    found: set[str] = set()
    for owner, statement in tree.statements:
        if owner in found or not isinstance(statement, ir.Call):
            continue
        callees = linked.callees(root, statement)
        if statement.method in _ADVANCED or any(_may_acquire(linked, callee) for callee in callees):
            around: str | None = owner
            while around is not None and around not in found:
                found.add(around)
                around = parents.get(around)
    return frozenset(found)


def _may_acquire(linked: Linked, callee: Callee) -> bool:
    if callee.operation is not None:
        return callee.operation.acquires
    if callee.path in _ADVANCING:
        return True
    if callee.owner is not None:
        return callee.owner in linked.owners
    if callee.function is None:
        return False
    return callee.function in linked.owners or bool(linked.summary(callee.function).acquires)


def sites(unit: Unit) -> list[Site]:
    """The acquisition sites of a function, in source order."""
    nodes: dict[ir.Call, set[int]] = {}
    for index, node in enumerate(unit.graph.nodes):
        if isinstance(node.action, ir.Call):
            nodes.setdefault(node.action, set()).add(index)
    found: dict[tuple[ir.SpanPair, str], Site] = {}
    for call, indices in nodes.items():
        callees = unit.callees(call)
        if _undecided(unit.linked, call, callees):
            continue
        made = [_site(unit, call, callee, frozenset(indices)) for callee in callees]
        if call.method in _ADVANCED and not callees:
            made = [_advanced_site(unit, call, call.receiver, frozenset(indices))]
        for site in made:
            if site is not None:
                found.setdefault((call.at, site.kind.id), site)
    callback = _callback_site(unit)
    ordered = sorted(found.values(), key=lambda site: (site.at, site.kind.id))
    return [*([callback] if callback else []), *ordered]


def _undecided(linked: Linked, call: ir.Call, callees: tuple[Callee, ...]) -> bool:
    """`fn(...args)` runs whatever it was given: which of the functions hands out a connection, nobody can say."""
    several = [one.function for one in callees if one.function is not None and one.owner is None]
    if len(several) < 2:
        return False
    acquiring = sum(bool(linked.summary(one).acquires) for one in several)
    return acquiring < len(several) if call.func is not None else 2 * acquiring < len(several)


def _site(unit: Unit, call: ir.Call, callee: Callee, nodes: frozenset[int]) -> Site | None:
    if callee.operation is not None:
        return _driver_site(unit, call, callee, callee.operation, nodes)
    if callee.path in _ADVANCING:
        return _advanced_site(unit, call, call.args[0] if call.args else None, nodes)
    if callee.owner is not None:
        made = unit.linked.owners.get(callee.owner)
        return Site(call.at, unit.linked.tables.kinds[made], made, nodes=nodes, call=call) if made else None
    if callee.function is None:
        return None
    if callee.function in unit.linked.owners:
        made = unit.linked.owners[callee.function]
        awaited = unit.linked.functions[callee.function].is_async
        return Site(call.at, unit.linked.tables.kinds[made], made, nodes=nodes, awaited=awaited, call=call)
    for acquired in unit.linked.summary(callee.function).acquires[:1]:
        function = unit.linked.functions[callee.function]
        return Site(
            call.at,
            unit.linked.tables.kinds[acquired.kind],
            acquired.row,
            nodes=nodes,
            awaited=function.is_async or acquired.pending,
            manager=acquired.manager,
            nullable=unit.linked.summary(callee.function).nullable,
            sometimes=unit.linked.summary(callee.function).sometimes,
            part=acquired.part,
            whole=acquired.whole,
            opened=acquired.opened,
            call=call,
        )
    return None


def _advanced_site(unit: Unit, call: ir.Call, generator: ir.Var | None, nodes: frozenset[int]) -> Site | None:
    """`next(get_db())`: the generator is dropped at once, and with it whatever it does after its `yield`."""
    made = unit.definitions.get(generator) if generator is not None else None
    if not isinstance(made, ir.Call):
        return None
    for callee in unit.callees(made):
        found = unit.linked.summary(callee.function).yields if callee.function is not None else None
        if found is not None and unit.linked.tables.kinds[found.kind].usable_after:
            kind = unit.linked.tables.kinds[found.kind]
            awaited = unit.linked.functions[callee.function].is_async if callee.function is not None else False
            return Site(call.at, kind, found.row, nodes=nodes, awaited=awaited, call=call)
    return None


def _driver_site(unit: Unit, call: ir.Call, callee: Callee, operation: Operation, nodes: frozenset[int]) -> Site | None:
    if not operation.acquires or _runs_callback(unit, call, operation):
        return None
    if operation.given and not (call.args or call.kwargs or call.spread):
        return None
    name = callee.kind if operation.on_self or operation.returns == "self" else operation.returns
    kind = unit.linked.tables.kinds.get(name or "")
    if kind is None:
        return None
    return Site(
        call.at,
        kind,
        row_id(callee.kind, operation),
        form="self" if operation.on_self else "result",
        nodes=nodes,
        awaited=operation.awaited and not operation.on_self,
        manager=operation.manager,
        call=call,
    )


def _runs_callback(unit: Unit, call: ir.Call, operation: Operation) -> bool:
    """A function is handed over: the library gives the connection back by itself, or calls it when connected."""
    if operation.callback is None and not operation.node_callback:
        return False
    for var in call.args:
        types = unit.linked.types(unit.id, var)
        if any(one[0] == "function" for one in types):
            return True
    last = call.args[-1] if call.args else None
    return operation.node_callback and last is not None and unit.constant(last) is None


def _callback_site(unit: Unit) -> Site | None:
    """The function is itself the callback of `pool.connect((error, client, done) => ...)`."""
    found = unit.linked.inference.callbacks.get(unit.id)
    names = [one.name for one in unit.function.parameters if one.kind == "positional"]
    if found is None:
        return None
    names += ["", ""][len(names) :]  # `pool.connect(() => ...)`: taken, and out of reach
    path, call, kind, operation = found
    row = unit.linked.tables.kinds.get(operation.returns or "")
    if row is None:
        return None
    return Site(
        call.at,
        row,
        row_id(kind, operation),
        form="value",
        var=names[1],
        closer=names[2] if len(names) > 2 else "",
        error=names[0],
        path=path,
        call=call,
    )


def summarise(linked: Linked, function_id: FunctionId) -> Summary:
    """What a function hands to its callers."""
    found = linked.summaries.get(function_id)
    if found is not None:
        return found
    linked.summaries[function_id] = NO_SUMMARY  # for recursion
    function = linked.functions.get(function_id)
    if function is None:
        return NO_SUMMARY
    solved = solve(linked, function_id)
    acquired: list[Acquired] = []
    nullable = False
    for site, outcome in solved.sites:
        parts = sorted(outcome.parts)[:1]
        if (outcome.returned or parts) and not function.is_generator and site.form == "result":
            pending = Status.PENDING in outcome.returned_as
            manager = site.manager and pending
            opened = site.kind.lazy == "connect" and outcome.returned_as == {Status.HELD}
            part = "".join(parts)
            acquired.append(Acquired(site.kind.id, site.row, part, outcome.returned, manager, pending, opened))
            ways = outcome.finished.get("return", set()) | outcome.finished.get("end", set())
            nullable = nullable or Status.ABSENT in ways
    if not acquired and not function.is_generator:
        acquired.extend(resolved(linked, function_id))
    manager = function.is_generator and solved.unit is not None and thrown_into(solved.unit)
    partial = any(one.part for one in acquired)
    elsewhere = nullable and len(acquired) == 1 and not partial and _returns_other(solved)
    summary = Summary(
        tuple(acquired[:1]),
        yields=_yields(function, solved),
        manager=manager,
        nullable=nullable and len(acquired) == 1 and not elsewhere,
        sometimes=elsewhere or len({one.kind for one in acquired}) > 1,
    )
    linked.summaries[function_id] = summary
    return summary


def _yields(function: ir.Function, solved: Solved) -> Acquired | None:
    """The connection that a generator lends."""
    if not function.is_generator:
        return None
    lent = (Acquired(site.kind.id, site.row) for site, outcome in solved.sites if outcome.yielded)
    return next(lent, None)


def _returns_other(solved: Solved) -> bool:
    """Some `return` without the connection returns something that is not null."""
    if solved.unit is None:
        return False
    outcome = next(outcome for _, outcome in solved.sites if outcome.returned)
    for index, state in outcome.parents:
        action = solved.unit.graph.nodes[index].action
        if state.status is Status.ABSENT and isinstance(action, ir.Return) and action.value is not None:
            literal = solved.unit.constant(action.value)
            if state.fact(action.value) != "null" and not (literal is not None and literal.kind in ("none", "bool")):
                return True
    return False


_FATES = {
    Status.HELD: Fate.HELD,
    Status.PENDING: Fate.HELD,
    Status.OPEN: Fate.OPEN,
    Status.RELEASED: Fate.RELEASED,
}


def effect(linked: Linked, function_id: FunctionId, parameter: str, kind: Kind) -> Effect:
    """What a function does with one parameter that is a connection of this kind."""
    key = (function_id, parameter, kind.id)
    found = linked.effects.get(key)
    if found is not None:
        return found
    linked.effects[key] = BORROWS  # for recursion
    try:
        unit = prepare(linked, function_id)
        outcome = explore(unit, Site(unit.function.at, kind, "", form="value", var=parameter))
    except TooComplex as limit:
        linked.complex[function_id] = str(limit)
        return BORROWS
    result = _effect(unit, outcome)
    linked.effects[key] = result
    return result


def _effect(unit: Unit, outcome: Outcome) -> Effect:
    ways = outcome.finished.get("return", set()) | outcome.finished.get("end", set())
    returned = {_FATES[status] for status in ways if status in _FATES}
    raised = {_FATES[status] for status in outcome.finished.get("raise", set()) if status in _FATES}
    if outcome.escaped or (unit.function.is_generator and Fate.RELEASED in returned):
        returned.add(Fate.ESCAPED)
    if not returned and not raised:
        returned.add(Fate.HELD)
    return Effect(frozenset(returned), frozenset(raised), outcome.returned, max(outcome.raise_risk, int(Risk.LOW)))


def harmless(linked: Linked, function_id: FunctionId) -> bool:
    """No await, no raise, and only calls that do not fail in practice."""
    from pgconnlint.program.risks import risk_of

    function = linked.functions[function_id]
    if function.is_generator:
        return True  # calling it runs nothing
    statements = linked.statements(function_id)
    if len(statements) > 400 or any(isinstance(one, ir.Await | ir.Raise | ir.Yield) for one in statements):
        return False
    try:
        unit = prepare(linked, function_id)
    except TooComplex:
        return False
    return all(risk_of(unit, one) is Risk.NONE for one in statements if isinstance(one, ir.Call))


def risky(linked: Linked, function_id: FunctionId, depth: int = 0) -> bool:
    """The function raises by itself, awaits, or talks to a database, directly or through others."""
    if depth > 3:
        return False
    for statement in linked.statements(function_id):
        match statement:
            case ir.Await():
                return True
            case ir.Raise(value=value) if value is not None:
                return True
            case ir.Call():
                for callee in linked.callees(function_id, statement):
                    if callee.operation is not None and not callee.operation.safe:
                        return True
                    other = callee.function if callee.function != function_id else None
                    if other is not None and risky(linked, other, depth + 1):
                        return True
    return False


def releasing(linked: Linked, function_id: FunctionId) -> frozenset[ir.Var]:
    """Captured variables that this closure or those in it give back, return or store."""
    function = linked.functions.get(function_id)
    if function is None:
        return frozenset()
    found: set[ir.Var] = set()
    loaded: dict[ir.Var, ir.Var] = {}
    for statement in linked.statements(function_id):
        match statement:
            case ir.Load(dst=dst, obj=obj, field=name) if sounds_releasing(name):
                loaded[dst] = obj
            case ir.Call():
                found.update(_given_back(linked, function_id, statement, loaded))
            case ir.Return(value=str() as value) | ir.Store(src=value):
                found.add(loaded.get(value, value))
            case ir.Closure(function=inner):
                found |= linked.releasing(function_id[0], inner)
    return frozenset(found & set(function.captures)) | frozenset(var for var in found if var in function.captures)


def _given_back(linked: Linked, function_id: FunctionId, call: ir.Call, loaded: dict[ir.Var, ir.Var]) -> list[ir.Var]:
    found: list[ir.Var] = []
    name = call.method or ""
    if call.receiver is not None and sounds_releasing(name):
        found.append(call.receiver)
    if call.func is not None:
        found.append(loaded.get(call.func, call.func))
    for callee in linked.callees(function_id, call):
        operation = callee.operation
        if operation is not None and operation.releases and call.receiver is not None:
            found.append(call.receiver)
        name = name or (callee.function[1] if callee.function else callee.path)
    if sounds_releasing(name):
        found.extend(call.args)
    for var in call.args:
        if var in loaded:
            found.append(loaded[var])
    return found
