"""Connections in tuples and lists, and what lies beside them there."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.solver import Run, gain
from pgconnlint.program.state import State


def unpacked(run: Run, state: State, load: ir.Load, target: int) -> None:
    """An element of the tuple that the connection is in."""
    part = state.part(load.obj)
    if load.field != part and not (load.field == "[]" and may_be(run, load.dst)):
        beside = state.adding("child", load.dst)
        run.go(target, beside.knowing(load.dst, "truthy") if load.dst in run.unit.tested else beside)
        return
    if load.obj.startswith("%"):  # the container itself is not reached again
        held = state.roles - {("holder", load.obj)}
        state = state._replace(values=state.values - {load.obj}, roles=held).adding("child", load.obj)
    gained = gain(run, state, load.dst)
    if gained is not None:
        run.go(target, gained)


def may_be(run: Run, var: ir.Var) -> bool:
    """Nothing speaks against ``var`` being this site's connection."""
    types = run.unit.linked.types(run.unit.id, var)
    known = [one for one in types if one[0] in ("kind", "instance", "function", "bound")]
    return not known or any(one[0] == "kind" and one[1] == run.site.kind.id for one in known)


def index(state: State, build: ir.Build) -> str:
    """The index of the connection among the elements of a tuple or list, "" when it is not one of them."""
    if build.kind not in ("tuple", "list") or any(key == "..." for key, _ in build.items):
        return ""
    return next((f"[{index}]" for index, (_, var) in enumerate(build.items) if var in state.values), "")


def cursor(run: Run, state: State, var: ir.Var) -> bool:
    """A cursor of an unpooled connection, which keeps the connection alive as long as itself."""
    if run.site.kind.pooled or not state.has("child", var):
        return False
    definition = run.unit.definitions.get(var)
    if isinstance(definition, ir.Copy):
        definition = run.unit.definitions.get(definition.src)
    return isinstance(definition, ir.Call) and definition.method == "cursor"
