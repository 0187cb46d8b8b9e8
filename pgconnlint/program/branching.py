"""What a branch or a handler teaches: which paths are possible, and what is known on each."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.cfg import Branch, Catch
from pgconnlint.program.safety import GONE, LIVE, Risk
from pgconnlint.program.solver import Run, bind
from pgconnlint.program.state import State, Status, decide, learned, truth
from pgconnlint.program.unit import nothing_asked

_DATABASE_ERROR = (
    "Error", "DatabaseError", "OperationalError", "InterfaceError", "SQLAlchemyError", "DBAPIError", "PostgresError",
    "PsycopgError", "StandardError", "OSError",
)  # fmt: skip
_STATEMENT_ERROR = ("ProgrammingError", "IntegrityError", "DataError", "InternalError")
"""What is wrong with one statement: a handler of these leaves the others (a lost server, a timeout) to the caller."""


def branch(run: Run, state: State, branch: Branch) -> None:
    node, test = run.unit.graph.nodes[run.here[0]], branch.test
    if test.var is None or test.kind in ("opaque", "instance"):
        run.go(node.next, _skipping(run, state, branch, True))
        run.go(node.other, _skipping(run, state, branch, False))
        return
    fact = state.fact(test.var)
    if fact is None and test.var in state.values and state.status is not Status.ABSENT:
        fact = "truthy"
    if fact is None:
        fact = _status_told(run, state, test.var)
    result = decide(test, fact)
    for holds in (True, False):
        if result is not None and result is not holds:
            continue
        then = holds is not test.negated
        after = learn(run, state, test.var, learned(test, holds, fact))
        run.go(node.next if then else node.other, after if result is not None else _skipping(run, after, branch, then))


def compute(run: Run, state: State, action: ir.Compute, target: int) -> None:
    """What `failed = not conn` and `failed = conn is None` say."""
    after = bind(run, state, action.dst)
    if after is None:
        return
    if action.dst in run.unit.tested and action.op in ("not", "!") and len(action.args) == 1:
        known = truth(state.fact(action.args[0]))
        if known is not None:
            after = after.knowing(action.dst, f"={not known!r}")
    elif action.dst in run.unit.tested and (asked := nothing_asked(action, run.unit.constant)) is not None:
        var, negated = asked
        held = var in state.values and state.status is not Status.ABSENT
        is_none = decide(ir.Test("none"), "truthy" if held else state.fact(var))
        if is_none is not None:
            after = after.knowing(action.dst, f"={is_none is not negated!r}")
    run.go(target, after)


def _status_told(run: Run, state: State, var: ir.Var) -> str | None:
    """`if (!runner.isReleased)`: the connection itself answers, even where facts were forgotten."""
    if state.status in (Status.ABSENT, Status.PENDING):
        return None
    match run.unit.definitions.get(var):
        case ir.Load(obj=obj, field=name) if obj in state.values:
            known = name in GONE or name in LIVE or name in run.site.kind.released_when
        case ir.Call(receiver=obj, method=str() as name) if obj in state.values:
            known = name in GONE or name in LIVE or name in run.site.kind.released_when
        case _:
            return None
    gone = state.status is Status.RELEASED
    return ("truthy" if gone is (name not in LIVE) else "falsy") if known else None


def _skipping(run: Run, state: State, branch: Branch, then: bool) -> State:
    """Going past a branch that only releases: whoever wrote the condition knows who owns the connection."""
    if state.status is Status.HELD and (branch.at, not then) in run.unit.guards:
        return state._replace(risk=min(state.risk, int(Risk.LOW)))
    return state


def learn(run: Run, state: State, var: ir.Var, fact: str | None) -> State:
    """Remember a fact of ``var`` and of the name or field a temporary was read from."""
    passing = var.startswith("%") and run.unit.uses[var] <= 1
    state = state.knowing(var, None if passing else fact)
    definition = run.unit.definitions.get(var) if var.startswith("%") else None
    match definition:
        case ir.Copy(src=src):
            state = state.knowing(src, fact)
        case ir.Load(obj=obj, field=name):
            state = state.knowing(f"{obj}.{name}", fact)
        case ir.Compute(op="not" | "!", args=(src,)):
            known = truth(fact)
            if known is not None:
                state = state.knowing(src, state.fact(src) or ("falsy" if known else "truthy"))
    return state


def catch(run: Run, state: State, catch: Catch) -> None:
    node = run.unit.graph.nodes[run.here[0]]
    caught = state._replace(error=0)
    if catch.name is not None:
        bound = bind(run, caught, catch.name)
        if bound is None:
            return
        caught = bound.knowing(catch.name, "truthy") if catch.name in run.unit.tested else bound
    database = any(name.rpartition(".")[2] in _DATABASE_ERROR for name in catch.types)
    statement = any(name.rpartition(".")[2] in _STATEMENT_ERROR for name in catch.types)
    if not catch.types or database or statement or state.error != Risk.HIGH:
        run.go(node.next, caught)
    if catch.types:
        unlikely = database or state.error < Risk.HIGH
        run.go(node.other, state._replace(risk=min(state.risk, int(Risk.LOW))) if unlikely else state)
