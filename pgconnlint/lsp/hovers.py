"""What is known about the place under the cursor: who owns a connection, what a pool multiplies to, the budget."""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Budget, Demand, Phase
from pgconnlint.lsp.session import State
from pgconnlint.program.facts import Lifetime, PoolFact, Verdict
from pgconnlint.project import Project
from pgconnlint.report import budget_text
from pgconnlint.text import Location

_VERDICTS = {
    Verdict.RELEASED: "released on every path",
    Verdict.ESCAPES: "handed on: returned, stored or given to somebody who has to release it",
    Verdict.NEVER: "never released",
    Verdict.ON_ERROR: "not released when something raises",
    Verdict.EARLY_EXIT: "not released on an early exit",
    Verdict.OVERWRITTEN: "overwritten while it is held",
    Verdict.TWICE: "released twice",
    Verdict.AFTER_RELEASE: "used after it was released",
    Verdict.WITH_KEEPS_OPEN: "left open by the `with` block, which ends the transaction only",
}


def hover(state: State, path: str, offset: int) -> tuple[str, Location] | None:
    """(markdown, what it is about) for a character offset of a file as it was analysed."""
    project = state.project
    for lifetime in _lifetimes(state, path):
        if lifetime.at.span.covers(offset):
            return _ownership(lifetime, state), lifetime.at
    for pool in state.program.pools:
        if pool.at.path == path and pool.at.span.covers(offset):
            return _pool(pool, state.budgets), pool.at
    for budget in state.budgets:
        at = budget.server.max_connections_at
        if at is not None and at.path == path and _covers(at, project, offset):
            return budget_text.markdown([budget]), at
    for budget, demand in demands(state.budgets):
        for factor in demand.factors:
            if factor.at is not None and factor.at.path == path and _covers(factor.at, project, offset):
                return f"{_sum(demand, budget)}\n\nThis is the {factor.value} {factor.unit}.", factor.at
    return None


def demands(budgets: tuple[Budget, ...]) -> Iterator[tuple[Budget, Demand]]:
    """Every client of every server."""
    for budget in budgets:
        for demand in (*budget.demands, *budget.pooled):
            yield budget, demand


def sum_of(demand: Demand, budget: Budget) -> str:
    """`12 pods x 4 workers x (5 + 10) = 720 of 97`: what a client can open at peak, of what its server has."""
    text = demand.sums.get(Phase.PEAK) or "unknown"
    if demand.through:
        return f"{text} on the client side of {demand.through}"
    return text if budget.server.capacity is None else f"{text} of {budget.server.capacity}"


def _sum(demand: Demand, budget: Budget) -> str:
    where = f" ({budget.server.environment})" if budget.server.environment else ""
    return f"**{demand.name}** → `{budget.server.name}`{where}: {sum_of(demand, budget)}"


def _lifetimes(state: State, path: str) -> Iterator[Lifetime]:
    for function in state.program.functions:
        if function.path == path:
            yield from function.lifetimes


def _covers(at: Location, project: Project, offset: int) -> bool:
    """Within the location, or on its line where it stands on one: keys are hovered over, too."""
    document = project.document(at.path)
    if document is None or at.span.covers(offset):
        return document is not None
    return at.start.line == at.end.line == document.lines.position(offset).line


def _ownership(lifetime: Lifetime, state: State) -> str:
    name = f"`{lifetime.variable}`, " if lifetime.variable else ""
    lines = [
        f"**{lifetime.what}** {name}from `{lifetime.call}`",
        f"Owned by `{lifetime.function}`, {_VERDICTS[lifetime.verdict]}.",
    ]
    places = [
        f"line {call.at.start.line}" for call in state.program.calls if lifetime.at.path == call.path
        and call.function == lifetime.function and call.text.removeprefix("await ") == lifetime.release
    ]  # fmt: skip
    if places:
        lines.append(f"Given back at {', '.join(dict.fromkeys(places))}: `{lifetime.release}`.")
    elif lifetime.verdict is not Verdict.ESCAPES:
        lines.append(f"To give it back: `{lifetime.release}`.")
    return "\n\n".join(lines)


def _pool(pool: PoolFact, budgets: tuple[Budget, ...]) -> str:
    size = "unknown" if pool.size is None else f"{pool.size} + {pool.overflow}" if pool.overflow else str(pool.size)
    implied = " (the library's default)" if pool.size_implicit else ""
    kind = "opens a connection for each use" if pool.unpooled else f"holds {size} connections{implied} in each process"
    lines = [f"**{pool.name or pool.call}** ({pool.library}) {kind}."]
    for budget, demand in demands(budgets):
        if demand.pool is not None and demand.pool.at == pool.at:
            lines.append(f"- {_sum(demand, budget)}")
    return "\n".join([lines[0], "", *lines[1:]])
