"""What a call does to the connection being followed: acquires, releases, uses, keeps, or nothing."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.cfg import Node
from pgconnlint.program.drivers.row import Operation
from pgconnlint.program.link import Callee
from pgconnlint.program.risks import called_name, method_risk, receiver_name, risk_of
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
from pgconnlint.program.unit import Unit

_CLOSING = ("contextlib.closing", "contextlib.aclosing")
_PASSING = ("asyncio.wait_for", "asyncio.shield", "typing.cast", "asyncio.create_task", "asyncio.ensure_future")
_HARMLESS = frozenset({"alembic.context.configure", "isinstance", "id", "type", "repr", "str", "print", "bool"})
_LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "trace"})
_GATHERING = frozenset({"all", "allSettled", "race", "any", "gather"})


def call(run: Run, node: Node, state: State) -> None:
    """Move the state over a call."""
    action = node.action
    assert isinstance(action, ir.Call)
    state = _forgetting(action, state)
    if action.at == run.site.at and run.here[0] in run.site.nodes and state.status in (Status.ABSENT, Status.RELEASED):
        _acquire(run, node, action, state)
        return
    if state.status is Status.ABSENT:
        _absent(run, node, action, state)
        return
    if action.receiver is not None and action.receiver in state.values:
        _method(run, node, action, state)
    elif action.func is not None and action.func in state.values:
        _go(run, node, action, state, Risk.HIGH)
    elif _closes(action, state):
        _releasing(run, node, action, state)
    elif any(_about(state, var) for var in _arguments(action)):
        _argument(run, node, action, state)
    else:
        _other(run, node, action, state)


def _forgetting(action: ir.Call, state: State) -> State:
    """A call may change the fields of what it is given."""
    if not any("." in name for name, _ in state.facts):
        return state
    given = {f"{var}." for var in (action.receiver, *_arguments(action)) if var is not None}
    kept = frozenset(one for one in state.facts if not one[0].startswith(tuple(given)))
    return state._replace(facts=kept)


def _closes(action: ir.Call, state: State) -> bool:
    """`done()`, `release.call()`, `trx.commit().execute()`."""
    return (
        state.has("closer", action.func or "")
        or state.has("closer", action.receiver or "")
        or state.has(f"needs:{action.method}", action.receiver or "")
    )


def _arguments(action: ir.Call) -> tuple[ir.Var, ...]:
    return (*action.args, *(var for _, var in action.kwargs))


def _about(state: State, var: ir.Var) -> bool:
    return var in state.values or any(
        one == var and role in ("closer", "holder", "closing", "closure", "child") for role, one in state.roles
    )


def _go(run: Run, node: Node, action: ir.Call, state: State, risk: Risk, role: str = "") -> None:
    """Nothing happens to the connection; the result may be something of it."""
    raised(run, node.raises, state, risk)
    after = bind(run, state, action.dst)
    if after is not None:
        run.go(node.next, after.adding(role, action.dst) if role else after)


def _absent(run: Run, node: Node, action: ir.Call, state: State) -> None:
    raised(run, node.raises, state, max(risk_of(run.unit, action), Risk.NONE))
    state = _arming(run.unit, action, state)
    after = state.without(action.dst)
    fact = "truthy" if action.new and action.dst in run.unit.tested else None
    run.go(node.next, after.knowing(action.dst, fact) if fact else after)


def _arming(unit: Unit, action: ir.Call, state: State) -> State:
    """A closure that releases a variable is handed on before the variable is set."""
    for var in _arguments(action):
        definition = unit.definitions.get(var)
        if isinstance(definition, ir.Closure) and definition.function not in unit.swallowed:
            for name in unit.linked.releasing(unit.path, definition.function):
                state = state.adding("armed", name)
    return state


# -- acquiring


def _acquire(run: Run, node: Node, action: ir.Call, state: State) -> None:
    site = run.site
    state = state.gone(Status.ABSENT).without(action.dst)._replace(risk=int(Risk.HIGH))
    raised(run, node.raises, state, Risk.HIGH)
    if site.form == "self":
        value = action.receiver or action.dst
        held = state._replace(status=Status.HELD, opened=run.here[0])
        gained = gain(run, held, value)
        if gained is not None:
            run.go(node.next, gained)
        return
    if site.awaited:
        run.go(node.next, state._replace(status=Status.PENDING, values=frozenset({action.dst})))
        return
    status = Status.OPEN if site.kind.lazy else Status.HELD
    if site.nullable:
        run.go(node.next, state.knowing(action.dst, "null") if action.dst in run.unit.tested else state)
    if site.part:
        run.go(node.next, state._replace(status=status).adding("holder", action.dst))
        return
    gained = gain(run, state._replace(status=status), action.dst)
    if gained is not None:
        run.go(node.next, gained)


# -- methods of the connection


def _method(run: Run, node: Node, action: ir.Call, state: State) -> None:
    operation = run.unit.linked.tables.method(run.site.kind.id, action.method or "")
    if action.method in run.site.kind.released_when and state.status is not Status.PENDING:
        _told(run, node, action, state)
        return
    if state.status is Status.RELEASED:
        _again(run, node, action, state, operation)
        return
    if operation is not None and operation.releases in ("self", "all"):
        if operation.release_needs:
            _go(run, node, action, state, Risk.NONE, f"needs:{operation.release_needs}")
        else:
            _releasing(run, node, action, state)
        return
    if action.method in GONE or action.method in LIVE or action.method in run.site.kind.released_when:
        after = bind(run, state, action.dst)
        if after is not None:
            run.go(node.next, after.knowing(action.dst, "=True" if action.method in LIVE else "=False"))
        return
    if state.status is Status.PENDING:  # a promise's own methods: nothing is known about them
        run.outcome.handed = True
        _go(run, node, action, state, Risk.NONE)
        return
    if _listens(run, action):
        run.outcome.handed = True
    risk = method_risk(run, action, operation)
    if operation is not None and operation.ends:
        ended = state._replace(status=Status.OPEN, opened=-1)
        run.outcome.released = True
        raised(run, node.raises, ended, risk)
        after = bind(run, ended, action.dst)
        if after is not None:
            run.go(node.next, after)
        return
    before = state
    if _holds(run, operation):
        state = opening(run, state)
    lost = before if operation is not None and operation.opens else state
    raised(run, node.raises, lost, risk)
    after = bind(run, state, action.dst)
    if after is None:
        return
    if (operation is not None and operation.returns == "self") or (
        run.site.kind.lazy == "connect" and operation is not None and operation.opens
    ):
        gained = gain(run, after, action.dst) if action.dst in run.unit.uses else after
        if gained is not None:
            run.go(node.next, gained)
        return
    role = "scope" if operation is not None and operation.manager and action.method == "begin" else "child"
    run.go(node.next, after.adding("child", action.dst).adding(role, action.dst))


def _listens(run: Run, action: ir.Call) -> bool:
    """A connection that waits for notifications is held on purpose."""
    text = run.unit.constant(action.args[0]) if action.args else None
    value = text.value if text is not None and isinstance(text.value, str) else ""
    return (
        value.strip().lower().startswith("listen ")
        or (action.method == "on" and value in ("notification", "notice"))
        or action.method == "add_listener"
    )


def _told(run: Run, node: Node, action: ir.Call, state: State) -> None:
    """`trx.isCompleted()`: the value itself says whether it was given back."""
    after = bind(run, state, action.dst)
    if after is not None:
        fact = "truthy" if state.status is Status.RELEASED else "falsy"
        run.go(node.next, after.knowing(action.dst, fact) if action.dst in run.unit.tested else after)


def _holds(run: Run, operation: Operation | None) -> bool:
    """The operation makes a lazy value take a connection."""
    lazy = run.site.kind.lazy
    if lazy == "connect":
        return operation is not None and operation.opens
    return lazy == "use" and (operation is None or not (operation.idle or operation.safe))


def _again(run: Run, node: Node, action: ir.Call, state: State, operation: Operation | None) -> None:
    """A method of a connection that was given back."""
    if operation is not None and operation.releases:
        release(run, state)
        return
    name = action.method or ""
    if name in GONE or name in LIVE or name in run.site.kind.released_when:
        run.go(node.next, state.without(action.dst).knowing(action.dst, "=False" if name in LIVE else "=True"))
        return
    harmless = run.site.kind.usable_after or name in SAFE_METHODS or (operation is not None and operation.safe)
    if not harmless and run.site.kind.lazy != "connect":
        run.outcome.after.append(run.here)
        return
    if run.site.kind.usable_after and _holds(run, operation) and not (operation is not None and operation.ends):
        state = state._replace(status=Status.HELD, opened=run.here[0])
    raised(run, node.raises, state, Risk.LOW)
    after = bind(run, state, action.dst)
    if after is not None:
        run.go(node.next, after)


def _releasing(run: Run, node: Node, action: ir.Call, state: State) -> None:
    after = release(run, state)
    if after is None:
        return
    bound = bind(run, after, action.dst)
    if bound is not None:
        run.go(node.next, bound)


# -- the connection as an argument


def _argument(run: Run, node: Node, action: ir.Call, state: State) -> None:
    callees = run.unit.callees(action)
    given = [var for var in _arguments(action) if var in state.values]
    if state.status is Status.RELEASED:
        _given_again(run, node, action, state, callees, given)
        return
    for callee in callees:
        if (
            callee.operation is not None
            and callee.operation.releases == "argument"
            and given[:1] == list(action.args[:1])
        ):
            _releasing(run, node, action, state)
            return
    paths = {callee.path for callee in callees}
    if paths & set(_CLOSING) and given:
        _go(run, node, action, state, Risk.NONE, "closing")
        return
    if paths & set(_PASSING) or (action.func is None and action.method in ("wait_for", "shield") and given):
        _aliasing(run, node, action, state)
        return
    if action.method in _GATHERING or paths & {"asyncio.gather"}:
        _go(run, node, action, state, Risk.NONE, "holder")
        return
    if any(state.has("closer", var) or state.has("closing", var) for var in _arguments(action)):
        escape(run)
        return
    if _closures(run, node, action, state):
        return
    effects = [
        effect for callee in callees if callee.function is not None for effect in _effects(run, action, callee, state)
    ]
    if effects:
        _apply(run, node, action, state, effects)
        return
    if paths & _HARMLESS:
        _go(run, node, action, state, Risk.NONE)
        return
    _unknown(run, node, action, state, callees, given)


def _given_again(
    run: Run, node: Node, action: ir.Call, state: State, callees: tuple[Callee, ...], given: list[ir.Var]
) -> None:
    gives_back = any(one.operation is not None and one.operation.releases == "argument" for one in callees)
    if gives_back and given:
        release(run, state)
        return
    _go(run, node, action, state, Risk.LOW)


def _aliasing(run: Run, node: Node, action: ir.Call, state: State) -> None:
    raised(run, node.raises, state, Risk.NONE)
    after = bind(run, state, action.dst)
    gained = gain(run, after, action.dst) if after is not None else None
    if gained is not None:
        run.go(node.next, gained)


def _closures(run: Run, node: Node, action: ir.Call, state: State) -> bool:
    """A closure around the connection is handed to a call: kept when it releases, borrowed when it only uses."""
    unit = run.unit
    handed = [var for var in _arguments(action) if state.has("closure", var)]
    if not handed:
        return False
    for var in handed:
        definition = unit.definitions.get(var)
        if not isinstance(definition, ir.Closure) or unit.linked.releasing(unit.path, definition.function):
            escape(run)
            return True
    own = action.receiver is not None and (action.receiver in state.values or state.has("child", action.receiver))
    if not own and action.dst not in unit.awaited:
        run.outcome.handed = True
    _go(run, node, action, state, Risk.HIGH if action.dst not in unit.awaited and not own else Risk.NONE)
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


def _apply(run: Run, node: Node, action: ir.Call, state: State, effects: list[Effect]) -> None:
    returned = {fate for effect in effects for fate in effect.returned}
    raising = {fate for effect in effects for fate in effect.raised}
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


def _helper(run: Run, action: ir.Call) -> str:
    return called_name(run.unit, action, run.unit.callees(action))


def _unknown(
    run: Run, node: Node, action: ir.Call, state: State, callees: tuple[Callee, ...], given: list[ir.Var]
) -> None:
    name = called_name(run.unit, action, callees)
    handed = bool(given) or any(state.has("holder", var) for var in _arguments(action))
    if handed and (sounds_releasing(name) or keeps(name)):
        run.outcome.released = run.outcome.released or sounds_releasing(name)
        escape(run)
        return
    if handed and (action.new or name[:1].isupper() or any(one.owner for one in callees)):
        if any(_owns(run.unit, one) for one in callees):
            escape(run)
            return
        _go(run, node, action, opening(run, state) if run.site.kind.lazy == "use" else state, Risk.LOW, "holder")
        return
    if handed and not callees:
        run.outcome.handed = True
    risk = Risk.NONE if name in SAFE_FUNCTIONS and not given else Risk.HIGH
    if action.dst in run.unit.awaited:
        risk = Risk.NONE
    if action.func is not None and action.func in run.unit.parameters and given:
        run.outcome.handed = True
    if given and run.site.kind.lazy == "use":
        state = opening(run, state)
    logged = action.method is not None and (
        name in _LOGGING or receiver_name(run.unit, action.receiver) in SAFE_RECEIVERS
    )
    if logged or (run.unit.language == "javascript" and name in SAFE_METHODS):
        risk = Risk.NONE
    _go(run, node, action, state, risk, "child" if not given or name not in ("id", "type", "isinstance") else "")


def _owns(unit: Unit, callee: Callee) -> bool:
    """The class promises to close what it was given."""
    if callee.owner is None:
        return False
    methods = unit.linked.inference.names.files[callee.owner[0]].classes[callee.owner[1]].methods
    return any(sounds_releasing(name.rpartition(".")[2]) or name.endswith("__exit__") for name in methods)


# -- calls that have nothing to do with it


def _other(run: Run, node: Node, action: ir.Call, state: State) -> None:
    child = action.receiver is not None and (
        state.has("child", action.receiver) or state.has("holder", action.receiver)
    )
    if state.has("holder", action.receiver) and sounds_releasing(action.method or ""):
        _releasing(run, node, action, state)
        return
    if state.has("method", action.func or ""):
        _go(run, node, action, opening(run, state), Risk.HIGH, "child")
        return
    if _releases_all(run, action, state):
        return
    if child:
        risk = Risk.NONE if action.method in ("close", "cursor") or action.dst in run.unit.awaited else Risk.HIGH
        if run.unit.language == "javascript":
            risk = Risk.NONE
        _go(run, node, action, opening(run, state) if run.site.kind.lazy == "use" else state, risk, "child")
        return
    state = _arming(run.unit, action, state)
    risk = risk_of(run.unit, action)
    _go(run, node, action, state, risk)


def _releases_all(run: Run, action: ir.Call, state: State) -> bool:
    """`pool.end()`, `pool.closeall()`, `dataSource.destroy()`: whatever came from it is given back too."""
    kind = run.site.kind
    acquired = run.site.call
    if acquired is None or action.receiver is None or state.status is Status.RELEASED or not kind.pooled:
        return False
    if action.receiver != acquired.receiver:
        return False
    for callee in run.unit.callees(action):
        if callee.operation is not None and callee.operation.releases == "all":
            run.outcome.released = True
            return True
    return False
