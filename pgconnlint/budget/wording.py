"""Budgets in words: sums, factors as steps, sizes of memory."""

from __future__ import annotations

from pgconnlint.budget.model import Budget, Demand, Phase
from pgconnlint.finding import Step, StepKind
from pgconnlint.text import Location

_MEGABYTE = 1024 * 1024


def total_sum(budget: Budget, phase: Phase) -> str:
    """`12 pods x 4 workers x (5 + 10) = 720 > 0.8 x 97 = 77`.

    One client that exceeds the gate alone stands alone, with the total behind it; else all are added up.
    """
    gate = f"{budget.threshold:g} x {budget.server.capacity} = {budget.gate}"
    known = sorted(
        (one for one in budget.demands if one.connections.get(phase)),
        key=lambda one: (-(one.connections.get(phase) or 0), one.name),
    )
    total = sum(one.connections.get(phase) or 0 for one in known)
    largest = known[0].connections.get(phase) or 0
    if len(known) == 1 or largest > (budget.gate or 0):
        rest = f" ({total} with everything that connects)" if len(known) > 1 else ""
        return f"{known[0].sums[phase]} > {gate}{rest}"
    return f"{' and '.join(one.sums[phase] for one in known)}: {total} > {gate}"


def factor_steps(budget: Budget, phase: Phase) -> tuple[Step, ...]:
    """Every number of the sum with its place, largest demand first, then the capacity's own."""
    ordered = sorted(budget.demands, key=lambda one: (-(one.connections.get(phase) or 0), one.name, one.at))
    steps = [step for demand in ordered for step in demand_steps(demand)]
    server = budget.server
    if server.max_connections is not None:
        steps.append(
            Step(
                StepKind.FACTOR,
                f"`{server.name}` accepts {server.max_connections} connections"
                + (
                    ""
                    if server.max_connections_explicit
                    else f" ({server.declaration.default_reason or 'the default'})"
                )
                + f", {server.reserved} of them reserved",
                server.max_connections_at or server.declaration.at,
                server.max_connections,
                "connections",
            )
        )
    return tuple(steps)


def demand_steps(demand: Demand) -> list[Step]:
    """The factors of one demand."""
    return [
        Step(
            StepKind.FACTOR,
            f"`{demand.name}`: {'?' if factor.value is None else factor.value} {factor.unit}"
            + (" (the default)" if factor.assumed else ""),
            factor.at,
            factor.value,
            factor.unit,
        )
        for factor in demand.factors
    ]


def place(budget: Budget, phase: Phase) -> Location:
    """The line that decides: the pod count of the largest client where it is written, else its header."""
    demand = max(budget.demands, key=lambda one: (one.connections.get(phase) or 0, one.name))
    first = demand.factors[0]
    return first.at if first.at is not None and not first.assumed and demand.pooler is None else demand.at


def size(amount: int) -> str:
    """Bytes as people write them: `512 MB`, `6.0 GB`."""
    if amount >= 1024 * _MEGABYTE:
        gigabytes = amount / (1024 * _MEGABYTE)
        return f"{gigabytes:.0f} GB" if gigabytes.is_integer() else f"{gigabytes:.1f} GB"
    return f"{amount / _MEGABYTE:.0f} MB"
