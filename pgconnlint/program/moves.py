"""Moves of the state that every kind of call shares."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.cfg import Leave, Node
from pgconnlint.program.safety import (
    Risk,
)
from pgconnlint.program.solver import Run, bind, raised, release
from pgconnlint.program.state import State


def arguments(action: ir.Call) -> tuple[ir.Var, ...]:
    return (*action.args, *(var for _, var in action.kwargs))


def about(state: State, var: ir.Var) -> bool:
    return var in state.values or any(
        one == var and role in ("closer", "holder", "closing", "closure", "child") for role, one in state.roles
    )


def go(run: Run, node: Node, action: ir.Call, state: State, risk: Risk, role: str = "") -> None:
    """Nothing happens to the connection; the result may be something of it."""
    raised(run, node.raises, state, risk)
    after = bind(run, state, action.dst)
    if after is not None:
        run.go(node.next, after.adding(role, action.dst) if role and run.unit.uses[action.dst] else after)


def releasing(run: Run, node: Node, action: ir.Call, state: State) -> None:
    after = release(run, state)
    if after is None:
        return
    bound = bind(run, after, action.dst)
    if bound is not None:
        run.go(node.next, bound)


def swallows(run: Run, leave: Leave) -> bool:
    """`with suppress(...)`: what is raised inside ends there."""
    definition = run.unit.definitions.get(leave.context)
    if not isinstance(definition, ir.Call):
        return False
    paths = [callee.path for callee in run.unit.callees(definition)]
    return any(path in ("contextlib.suppress", "pytest.raises", "pytest.warns") for path in paths)
