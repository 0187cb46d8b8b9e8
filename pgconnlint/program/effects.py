"""What a call does to the connection being followed: acquires, releases, uses, keeps, or nothing."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.cfg import Node
from pgconnlint.program.drivers.row import Leaving, Operation
from pgconnlint.program.handing import argument
from pgconnlint.program.moves import about, arguments, go, releasing
from pgconnlint.program.risks import method_risk, risk_of
from pgconnlint.program.safety import (
    GONE,
    LIVE,
    SAFE_METHODS,
    Risk,
    sounds_releasing,
)
from pgconnlint.program.solver import Run, bind, gain, opening, raised, receive, release
from pgconnlint.program.state import CLOSER, State, Status
from pgconnlint.program.unit import Unit

_ENTERING = frozenset({"__enter__", "__aenter__"})
_LEAVING = frozenset({"__exit__", "__aexit__"})
"""What enters and leaves a context manager by hand."""


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
    if action.receiver is not None and state.has(f"{CLOSER}{action.method}", action.receiver):
        releasing(run, node, action, state)
    elif action.receiver is not None and action.receiver in state.values:
        _method(run, node, action, state)
    elif action.func is not None and action.func in state.values:
        go(run, node, action, state, Risk.HIGH)
    elif _closes(action, state):
        releasing(run, node, action, state)
    elif any(about(state, var) for var in arguments(action)):
        argument(run, node, action, state)
    else:
        _other(run, node, action, state)


def _forgetting(action: ir.Call, state: State) -> State:
    """A call may change the fields of what it is given."""
    if not any("." in name for name, _ in state.facts):
        return state
    given = {f"{var}." for var in (action.receiver, *arguments(action)) if var is not None}
    kept = frozenset(one for one in state.facts if not one[0].startswith(tuple(given)))
    return state._replace(facts=kept)


def _closes(action: ir.Call, state: State) -> bool:
    """`done()`, `release.call()`, `trx.commit().execute()`."""
    return (
        state.has("closer", action.func or "")
        or state.has("closer", action.receiver or "")
        or state.has(f"needs:{action.method}", action.receiver or "")
    )


def _absent(run: Run, node: Node, action: ir.Call, state: State) -> None:
    raised(run, node.raises, state, max(risk_of(run.unit, action), Risk.NONE))
    state = _arming(run.unit, action, state)
    after = state.without(action.dst)
    fact = "truthy" if action.new and action.dst in run.unit.tested else None
    run.go(node.next, after.knowing(action.dst, fact) if fact else after)


def _arming(unit: Unit, action: ir.Call, state: State) -> State:
    """A closure that releases a variable is handed on before the variable is set."""
    for var in arguments(action):
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
    status = site.made
    if site.nullable:
        run.go(node.next, state.knowing(action.dst, "null") if action.dst in run.unit.tested else state)
    gained = receive(run, state._replace(status=status), action.dst)
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
            go(run, node, action, state, Risk.NONE, f"needs:{operation.release_needs}")
        else:
            releasing(run, node, action, state)
        return
    if action.method in _LEAVING and run.site.kind.leaving is Leaving.CLOSES:
        releasing(run, node, action, state)
        return
    asking = action.method in GONE or action.method in LIVE or action.method in run.site.kind.released_when
    if asking and (operation is None or not operation.opens):
        after = bind(run, state, action.dst)
        if after is not None:
            run.go(node.next, after.knowing(action.dst, "=True" if action.method in LIVE else "=False"))
        return
    if state.status is Status.PENDING:  # a promise's own methods: nothing is known about them
        run.outcome.handed = True
        go(run, node, action, state, Risk.NONE)
        return
    if _listens(run, action):
        run.outcome.listens = True
    risk = Risk.NONE if action.method in _ENTERING else method_risk(run, action, operation)
    if operation is not None and operation.ends:
        ended = state._replace(status=Status.OPEN, opened=-1)
        run.outcome.released = True
        failed = opening(run, state) if action.method == "commit" else ended  # what could not be written stays open
        raised(run, node.raises, failed, risk)
        after = bind(run, ended, action.dst)
        if after is not None:
            run.go(node.next, after)
        return
    _used(run, node, action, state, operation, risk)


def _used(run: Run, node: Node, action: ir.Call, state: State, operation: Operation | None, risk: Risk) -> None:
    """A method that neither gives back nor asks: what it returns belongs to the connection."""
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
    if not run.unit.uses[action.dst]:
        run.go(node.next, after)
        return
    after = after.adding("child", action.dst).adding(role, action.dst)
    cursor = action.method == "cursor" and action.dst in run.unit.tested
    run.go(node.next, after.knowing(action.dst, "truthy") if cursor else after)


def _listens(run: Run, action: ir.Call) -> bool:
    """A connection that waits for notifications is held on purpose, where it is not one for every request."""
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
    safe = name in SAFE_METHODS or (operation is not None and operation.safe)
    harmless = run.site.kind.usable_after or (safe and name != "cursor")  # which fails, or belongs to somebody else
    if not harmless and run.site.kind.lazy != "connect":
        run.outcome.after.append(run.here)
        return
    if run.site.kind.usable_after and _holds(run, operation) and not (operation is not None and operation.ends):
        state = state._replace(status=Status.HELD, opened=run.here[0])
    raised(run, node.raises, state, Risk.LOW)
    after = bind(run, state, action.dst)
    if after is not None:
        run.go(node.next, after)


# -- calls that have nothing to do with it


def _other(run: Run, node: Node, action: ir.Call, state: State) -> None:
    child = action.receiver is not None and (
        state.has("child", action.receiver) or state.has("holder", action.receiver)
    )
    if state.has("holder", action.receiver) and sounds_releasing(action.method or ""):
        releasing(run, node, action, state)
        return
    if state.has("method", action.func or ""):
        go(run, node, action, opening(run, state), Risk.HIGH, "child")
        return
    if _releases_all(run, action, state):
        return
    if child:
        quiet = ("close", "cursor", "rollback")  # a rollback fails with its connection
        risk = Risk.NONE if action.method in quiet or action.dst in run.unit.awaited else Risk.HIGH
        if run.unit.language == "javascript":
            risk = Risk.NONE
        go(run, node, action, opening(run, state) if run.site.kind.lazy == "use" else state, risk, "child")
        return
    state = _arming(run.unit, action, state)
    risk = risk_of(run.unit, action)
    go(run, node, action, state, risk)


def _releases_all(run: Run, action: ir.Call, state: State) -> bool:
    """`pool.end()`, `pool.closeall()`, `dataSource.destroy()`: whatever came from it is given back too."""
    kind = run.site.kind
    acquired = run.site.call
    if acquired is None or action.receiver is None or state.status is Status.RELEASED or not kind.pooled:
        return False
    if acquired.receiver is None or run.unit.expression(action.receiver) != run.unit.expression(acquired.receiver):
        return False
    for callee in run.unit.callees(action):
        if callee.operation is not None and callee.operation.releases == "all":
            run.outcome.released = True
            return True
    return False
