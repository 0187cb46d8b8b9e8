"""The sum above every pool and every number of replicas: what it comes to, of what there is."""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Phase
from pgconnlint.lsp.hovers import demands, sum_of
from pgconnlint.lsp.session import State
from pgconnlint.text import Location

_SHOWN = frozenset({"pods", "replicas", "tasks", "instances", "containers"})
"""Units of factors that get a sum of their own, beside the pools."""


def lenses(state: State, path: str) -> Iterator[tuple[str, Location]]:
    """(title, the place below which it stands), each once."""
    seen: set[tuple[str, int]] = set()
    for title, at in _all(state):
        key = (title, at.start.line)
        if at.path == path and key not in seen:
            seen.add(key)
            yield title, at


def _all(state: State) -> Iterator[tuple[str, Location]]:
    budgets = state.budgets
    for budget, demand in demands(budgets):
        if demand.sums.get(Phase.PEAK):
            title = f"{demand.name}: {sum_of(demand, budget)}"
            if demand.pool is not None:
                yield title, demand.pool.at
            yield from ((title, one.at) for one in demand.factors if one.at is not None and one.unit in _SHOWN)
    for budget in budgets:
        at, total, capacity = budget.server.max_connections_at, budget.total(Phase.PEAK), budget.server.capacity
        if at is not None and total is not None and capacity is not None and budget.demands:
            yield f"{budget.server.name}: {total} of {capacity} at peak", at
