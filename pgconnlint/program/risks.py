"""How likely calls and awaits are to raise in practice, given what is called."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.drivers.row import Operation
from pgconnlint.program.link import Callee
from pgconnlint.program.owners import is_quiet
from pgconnlint.program.safety import SAFE_FUNCTIONS, SAFE_METHODS, SAFE_RECEIVERS, Risk, begins
from pgconnlint.program.solver import Run
from pgconnlint.program.state import State
from pgconnlint.program.summaries import Fate
from pgconnlint.program.types import FunctionId
from pgconnlint.program.unit import Unit
from pgconnlint.program.walking import walk


def method_risk(run: Run, action: ir.Call, operation: Operation | None) -> Risk:
    if operation is not None and (operation.safe or operation.idle):
        return Risk.NONE
    name = action.method or ""
    text = run.unit.constant(action.args[0]) if action.args else None
    if text is not None and isinstance(text.value, str) and begins(text.value):
        return Risk.NONE
    if action.dst in run.unit.awaited:
        return Risk.NONE  # the await raises
    if name in ("on", "once", "off", "emit", "removeListener", "removeAllListeners", "setMaxListeners"):
        return Risk.NONE
    if name in ("rollback", "rollbackTransaction") or (text is not None and _rolls_back(text.value)):
        return Risk.LOW  # it fails with a connection that is lost anyway
    if run.unit.language == "javascript":
        return Risk.NONE  # a promise nobody awaits rejects elsewhere
    return Risk.HIGH


def _rolls_back(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower().startswith(("rollback", "abort"))


def called_name(unit: Unit, action: ir.Call, callees: tuple[Callee, ...]) -> str:
    if action.method is not None:
        return action.method
    for callee in callees:
        if callee.path:
            return callee.path.replace(":", ".").rpartition(".")[2]
    definition = unit.definitions.get(action.func or "")
    if isinstance(definition, ir.Global):
        return definition.path.replace(":", ".").rpartition(".")[2]
    if isinstance(definition, ir.Load):
        return definition.field
    return (action.func or "").split("~")[0]


def risk_of(unit: Unit, action: ir.Call) -> Risk:
    """How likely a call that does not touch the connection is to raise."""
    if action.dst in unit.awaited:
        return Risk.NONE
    name = action.method or ""
    callees = unit.callees(action)
    if action.func is not None:
        name = called_name(unit, action, callees)
        if name in SAFE_FUNCTIONS:
            return Risk.NONE
    elif name in SAFE_METHODS or receiver_name(unit, action.receiver) in SAFE_RECEIVERS:
        return Risk.NONE
    for callee in callees:
        if callee.operation is not None:
            if callee.operation.safe or callee.operation.releases:
                return Risk.NONE
            lazy = callee.operation.returns is not None and not callee.operation.acquires
            return Risk.LOW if lazy or unit.language == "javascript" else Risk.HIGH
        if callee.function is not None:
            if _fails_never(unit, callee.function) or _is_asked_again(unit, action):
                return Risk.NONE
            return Risk.MEDIUM if unit.linked.risky(callee.function) else Risk.LOW
    return Risk.LOW


def _fails_never(unit: Unit, function: FunctionId) -> bool:
    """It calls nothing that fails in practice, or catches what that raises."""
    return unit.linked.harmless(function) or is_quiet(unit.linked.functions[function])


def _is_asked_again(unit: Unit, action: ir.Call) -> bool:
    """`get_pool().putconn(conn)`: what gives the pool has just given it, a few lines above."""
    types = unit.linked.types(unit.id, action.dst)
    kinds = [unit.linked.tables.kinds.get(one[1]) for one in types if one[0] == "kind"]
    if not kinds or not all(one is not None and one.pool for one in kinds) or action.args or action.kwargs:
        return False
    functions = {one.function for one in unit.callees(action)}
    return any(
        one.at < action.at and functions == {each.function for each in unit.callees(one)}
        for one in walk(unit.body)
        if isinstance(one, ir.Call)
    )


def receiver_name(unit: Unit, var: ir.Var | None) -> str:
    definition = unit.definitions.get(var or "")
    if isinstance(definition, ir.Global):
        return definition.path.replace(":", ".").rpartition(".")[2]
    if isinstance(definition, ir.Load):
        return definition.field
    return (var or "").split("~")[0]


def await_risk(run: Run, state: State, action: ir.Await) -> Risk:
    """How likely an await is to raise: as likely as what it waits for."""
    unit = run.unit
    definition = unit.definitions.get(action.src)
    if not isinstance(definition, ir.Call):
        return Risk.MEDIUM
    name = definition.method or called_name(unit, definition, unit.callees(definition))
    if name in ("sleep", "setTimeout", "delay", "wait") or receiver_name(unit, definition.receiver) in SAFE_RECEIVERS:
        return Risk.NONE
    text = unit.constant(definition.args[0]) if definition.args else None
    value = text.value if text is not None else None
    if isinstance(value, str) and begins(value):
        return Risk.NONE
    for callee in unit.callees(definition):
        if callee.operation is not None and callee.operation.safe:
            return Risk.NONE
        if callee.operation is not None and callee.operation.releases:
            return Risk.NONE
        if callee.function is not None and _fails_never(unit, callee.function):
            return Risk.NONE
        if callee.function is not None and _is_asked_again(unit, definition):
            return Risk.NONE
        if callee.function is not None and _gives_back_on_error(run, state, definition, callee.function):
            return Risk.NONE  # the way on which it raises was followed from the call
    if name in ("rollback", "rollbackTransaction") or _rolls_back(value):
        return Risk.LOW
    if name == "close" and state.has("child", definition.receiver):
        return Risk.LOW  # of a cursor: it fails with its connection
    if name in ("startTransaction", "begin", "start", "__aenter__"):
        return Risk.NONE
    return Risk.HIGH


def _gives_back_on_error(run: Run, state: State, call: ir.Call, function: FunctionId) -> bool:
    """The function is given the connection, and whenever it raises it has released it."""
    linked = run.unit.linked
    positional = [one for one in linked.functions[function].parameters if one.kind == "positional"]
    given = [one.name for one, var in zip(positional, call.args, strict=False) if var in state.values]
    raised = [linked.effect(function, name, run.site.kind).raised for name in given]
    return bool(raised) and all(one == frozenset({Fate.RELEASED}) for one in raised)
