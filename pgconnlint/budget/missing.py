"""Which facts a budget lacks, each with the lines of configuration that would supply it."""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Budget, Demand, Factor, Missing
from pgconnlint.infra.model import WorkloadDeclaration

_KEYS = {
    "workers": "processes",
    "processes": "processes",
    "connections": "pool",
    "overflow connections": "pool",
    "server connections": "pool",
    "reserve connections": "pool",
    "% of max_connections": "pool",
}
"""Which key of `[[service]]` gives a factor of this unit; everything else counts copies."""


def to_declare(budget: Budget) -> tuple[Missing, ...]:
    """Everything that keeps the budget from being computed, each fact once."""
    found: dict[tuple[tuple[str, str | None], ...], Missing] = {}
    for one in (*budget.undeclared, *(one for demand in budget.demands for one in of_demand(demand))):
        found.setdefault(one.entry, one)
    return tuple(found.values())


def of_demand(demand: Demand) -> Iterator[Missing]:
    """The unknown factors of one client or pooler, or the bound it lacks."""
    if demand.unbounded:
        what = f"what bounds the connections of `{demand.name}`: {demand.unbounded}"
        yield _service(demand, what, "pool")
    for factor in demand.factors:
        if factor.value is None and not (demand.unbounded and _key(factor) == "pool"):
            yield _service(demand, f"the {factor.unit} of `{demand.name}` ({factor.reason or 'unknown'})", _key(factor))


def _key(factor: Factor) -> str:
    return _KEYS.get(factor.unit, "replicas")


def _service(demand: Demand, what: str, key: str) -> Missing:
    return Missing(what, "service", (("workload", demand.name), (key, None)))


def unlimited(workload: WorkloadDeclaration) -> list[Missing]:
    """A function whose source is not known yet, and which nothing limits either."""
    if workload.kind not in ("lambda", "cloudrun", "function") or workload.concurrency is not None:
        return []
    what = f"the instances of `{workload.name}` (no limit on concurrent instances)"
    return [Missing(what, "service", (("workload", workload.name), ("replicas", None)))]
