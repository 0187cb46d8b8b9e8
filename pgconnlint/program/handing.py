"""What a call does with the connection it is handed: releases, keeps, borrows, wraps."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.cfg import Node
from pgconnlint.program.link import Callee
from pgconnlint.program.moves import arguments, go, releasing
from pgconnlint.program.risks import called_name, receiver_name
from pgconnlint.program.safety import (
    GONE,
    LIVE,
    SAFE_FUNCTIONS,
    SAFE_METHODS,
    SAFE_RECEIVERS,
    Risk,
    keeps,
    sounds_releasing,
)
from pgconnlint.program.solver import Run, bind, escape, gain, opening, raised, release
from pgconnlint.program.state import State, Status
from pgconnlint.program.summaries import Effect, Fate
from pgconnlint.program.types import FunctionId
from pgconnlint.program.unit import Unit

_CLOSING = ("contextlib.closing", "contextlib.aclosing")
_PASSING = ("asyncio.wait_for", "asyncio.shield", "typing.cast", "asyncio.create_task", "asyncio.ensure_future")
_HARMLESS = frozenset({
    "alembic.context.configure", "isinstance", "id", "type", "repr", "str", "print", "bool", "hasattr", "callable",
    "hash",
})  # fmt: skip
_LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "trace"})
_GATHERING = frozenset({"all", "allSettled", "race", "any", "gather"})


def argument(run: Run, node: Node, action: ir.Call, state: State) -> None:
    callees = run.unit.callees(action)
    given = [var for var in arguments(action) if var in state.values]
    if state.status is Status.RELEASED:
        _given_again(run, node, action, state, callees, given)
        return
    for callee in callees:
        if (
            callee.operation is not None
            and callee.operation.releases == "argument"
            and given[:1] == list(action.args[:1])
        ):
            releasing(run, node, action, state)
            return
    paths = {callee.path for callee in callees}
    if paths & set(_CLOSING) and given:
        go(run, node, action, state, Risk.NONE, "closing")
        return
    if paths & set(_PASSING) or (action.func is None and action.method in ("wait_for", "shield") and given):
        _aliasing(run, node, action, state)
        return
    if action.method in _GATHERING or paths & {"asyncio.gather"}:
        _gathering(run, node, action, state)
        return
    if any(state.has("closer", var) or state.has("closing", var) for var in arguments(action)):
        escape(run)
        return
    if _closures(run, node, action, state):
        return
    if action.new and given and callees and all(_wraps(run.unit, callee) for callee in callees):
        go(run, node, action, opening(run, state) if run.site.kind.lazy == "use" else state, Risk.LOW, "holder")
        return
    effects = [
        effect for callee in callees if callee.function is not None for effect in _effects(run, action, callee, state)
    ]
    if effects:
        _apply(run, node, action, state, effects)
        return
    if paths & {"getattr"} and given == list(action.args[:1]):
        _attribute(run, node, action, state)
        return
    if paths & _HARMLESS:
        go(run, node, action, state, Risk.NONE)
        return
    _unknown(run, node, action, state, callees, given)


def _attribute(run: Run, node: Node, action: ir.Call, state: State) -> None:
    """`getattr(conn, name)`: one of its methods, the one that gives it back when it is called so."""
    name = run.unit.constant(action.args[1]) if len(action.args) > 1 else None
    method = str(name.value) if name is not None else ""
    operation = run.unit.linked.tables.method(run.site.kind.id, method)
    gives_back = operation is not None and operation.releases == "self"
    known = method in GONE or method in LIVE or method in run.site.kind.released_when
    go(run, node, action, state, Risk.NONE, "closer" if gives_back else "" if known else "method")


def _given_again(
    run: Run, node: Node, action: ir.Call, state: State, callees: tuple[Callee, ...], given: list[ir.Var]
) -> None:
    gives_back = any(one.operation is not None and one.operation.releases == "argument" for one in callees)
    if gives_back and given:
        release(run, state)
        return
    helpers = [one for callee in callees if callee.function is not None for one in _effects(run, action, callee, state)]
    if helpers and all(one.returned == {Fate.RELEASED} for one in helpers):
        release(run, state)
        return
    go(run, node, action, state, Risk.LOW)


def _gathering(run: Run, node: Node, action: ir.Call, state: State) -> None:
    """`Promise.all([a, b])`: a list with the connection in it, in the same place."""
    part = state.part(action.args[0]) if action.method == "all" and len(action.args) == 1 else ""
    after = bind(run, state, action.dst)
    if after is not None and run.unit.uses[action.dst]:
        after = after.adding("holder", action.dst)
        after = after.adding(f"in:{part}", action.dst) if part else after
    if after is not None:
        run.go(node.next, after)


def _aliasing(run: Run, node: Node, action: ir.Call, state: State) -> None:
    if not any(var in state.values for var in arguments(action)):  # `cast(Manager, closing(conn))`
        roles = [role for role in ("closing", "closer", "holder") for var in arguments(action) if state.has(role, var)]
        go(run, node, action, state, Risk.NONE, roles[0] if roles else "child")
        return
    raised(run, node.raises, state, Risk.NONE)
    after = bind(run, state, action.dst)
    gained = gain(run, after, action.dst) if after is not None else None
    if gained is not None:
        run.go(node.next, gained)


def _closures(run: Run, node: Node, action: ir.Call, state: State) -> bool:
    """A closure around the connection is handed to a call: kept when it releases, borrowed when it only uses."""
    unit = run.unit
    handed = [var for var in arguments(action) if state.has("closure", var)]
    if not handed:
        return False
    for var in handed:
        definition = unit.definitions.get(var)
        if not isinstance(definition, ir.Closure) or unit.linked.releasing(unit.path, definition.function):
            escape(run)
            return True
    own = action.receiver is not None and (action.receiver in state.values or state.has("child", action.receiver))
    if not own and action.dst not in unit.awaited:
        run.outcome.handings.add(run.here[0])
    go(run, node, action, state, Risk.HIGH if action.dst not in unit.awaited and not own else Risk.NONE)
    return True


def _effects(run: Run, action: ir.Call, callee: Callee, state: State) -> list[Effect]:
    """What a function of the project does with the parameters that receive the connection."""
    function = run.unit.linked.functions.get(callee.function or ("", ""))
    if function is None or callee.function is None:
        return []
    names = [one.name for one in function.parameters if one.kind in ("positional", "keyword")]
    found = []
    for index, var in enumerate(action.args):
        if var in state.values:
            name = names[index] if index < len(names) else None
            found.append(run.unit.linked.effect(callee.function, name, run.site.kind) if name else Effect())
    known = {one.name for one in function.parameters}
    for name, var in action.kwargs:
        if var in state.values:
            found.append(run.unit.linked.effect(callee.function, name, run.site.kind) if name in known else Effect())
    return found


def gave_back(run: Run, action: ir.Call, state: State) -> bool:
    """The call is of a helper that gives the connection back at its end: where it fails, it has not."""
    if state.status is not Status.RELEASED:
        return False
    callees = [one for one in run.unit.callees(action) if one.function is not None]
    effects = [effect for callee in callees for effect in _effects(run, action, callee, state)]
    return any(Fate.RELEASED in one.returned and Fate.RELEASED not in one.raised for one in effects)


def _apply(run: Run, node: Node, action: ir.Call, state: State, effects: list[Effect]) -> None:
    returned = {fate for effect in effects for fate in effect.returned}
    raising = {fate for effect in effects for fate in effect.raised}
    if {Fate.HELD, Fate.RELEASED} <= raising and Fate.HELD in returned:
        raising = set()  # `finally { if (own) client.release() }`: the helper knows whose it is
    for fate in sorted(raising):
        if fate is Fate.HELD and Fate.RELEASED in returned and sounds_releasing(_helper(run, action)):
            continue  # a release that raises counts as a release
        if fate is Fate.HELD:
            raised(run, node.raises, opening(run, state), Risk(max(effect.risk for effect in effects)))
        elif fate is Fate.RELEASED:
            raised(run, node.raises, state._replace(status=Status.RELEASED), Risk.MEDIUM)
    if Fate.RELEASED in returned and len(returned) > 1:
        run.outcome.released = True
        escape(run)  # sometimes released: whoever wrote it knows when
        return
    if Fate.ESCAPED in returned and len(returned) > 1 and _is_told(run, action):
        escape(run)  # `callback(null, client)`: the way on which it keeps nothing is the one for errors
        return
    for fate in sorted(returned):
        if fate is Fate.RELEASED:
            after = release(run, state)
        elif fate is Fate.ESCAPED:
            escape(run)
            continue
        elif fate is Fate.OPEN and run.site.kind.lazy == "use":
            after = state._replace(status=Status.OPEN)
        else:
            after = opening(run, state) if run.site.kind.lazy == "use" else state
        bound = bind(run, after, action.dst) if after is not None else None
        if bound is not None and any(effect.result for effect in effects):
            bound = gain(run, bound, action.dst)
        if bound is not None:
            run.go(node.next, bound)


def _is_told(run: Run, action: ir.Call) -> bool:
    """The first argument says that there was no error."""
    first = run.unit.constant(action.args[0]) if len(action.args) > 1 else None
    return first is not None and first.kind == "none"


def _helper(run: Run, action: ir.Call) -> str:
    return called_name(run.unit, action, run.unit.callees(action))


def _unknown(
    run: Run, node: Node, action: ir.Call, state: State, callees: tuple[Callee, ...], given: list[ir.Var]
) -> None:
    name = called_name(run.unit, action, callees)
    handed = bool(given) or any(state.has("holder", var) for var in arguments(action))
    harmless = bool(callees) and all(one.operation is not None and one.operation.safe for one in callees)
    if handed and (sounds_releasing(name) or keeps(name)):
        run.outcome.released = run.outcome.released or sounds_releasing(name)
        escape(run)
        return
    if handed and (action.new or name[:1].isupper() or any(one.owner for one in callees)):
        if any(_owns(run.unit, one) for one in callees):
            escape(run)
            return
        risk = Risk.NONE if harmless else Risk.LOW
        go(run, node, action, opening(run, state) if run.site.kind.lazy == "use" else state, risk, "holder")
        return
    if handed and not callees and action.method not in run.site.kind.lent:
        run.outcome.handings.add(run.here[0])
    risk = Risk.NONE if harmless or (name in SAFE_FUNCTIONS and not given) else Risk.HIGH
    if action.dst in run.unit.awaited:
        risk = Risk.NONE
    if action.func is not None and action.func in run.unit.parameters and given:
        run.outcome.handings.add(run.here[0])
    if given and run.site.kind.lazy == "use":
        state = opening(run, state)
    logged = action.method is not None and (
        name in _LOGGING or receiver_name(run.unit, action.receiver) in SAFE_RECEIVERS
    )
    if logged or (run.unit.language == "javascript" and name in SAFE_METHODS):
        risk = Risk.NONE
    go(run, node, action, state, risk, "child" if not given or name not in ("id", "type", "isinstance") else "")


def _owns(unit: Unit, callee: Callee) -> bool:
    """The class promises to close what it was given."""
    if callee.owner is None:
        return False
    methods = unit.linked.inference.names.files[callee.owner[0]].classes[callee.owner[1]].methods
    return any(sounds_releasing(name.rpartition(".")[2]) or name.endswith("__exit__") for name in methods)


def _wraps(unit: Unit, callee: Callee) -> bool:
    """`new Users(client)`: a class of the project that uses what it is given; none of its methods gives it back."""
    if callee.owner is None or callee.function is None or unit.language != "javascript":
        return False
    linked = unit.linked
    for path, name, external in linked.inference.lineage(callee.owner):
        if external:
            return False
        made = linked.inference.names.files[path].classes[name]
        for method in made.methods:
            if sounds_releasing(method.rpartition(".")[2]) or _gives_back(unit, (path, method)):
                return False
    return True


def _gives_back(unit: Unit, method: FunctionId) -> bool:
    """It calls something that releases, or hands the object itself to somebody."""
    linked = unit.linked
    function = linked.functions.get(method)
    selves = {one.name for one in function.parameters if one.kind == "self"} if function is not None else set()
    for one in linked.calls(method):
        name = one.method or ""
        if name in linked.tables.releasing or sounds_releasing(name) or selves & {*one.args}:
            return True
    return False
