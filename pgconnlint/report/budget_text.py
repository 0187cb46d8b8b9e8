"""Budgets as a table for people, plain or as markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pgconnlint.budget.missing import to_declare
from pgconnlint.budget.model import Budget, Demand, Factor, Phase
from pgconnlint.budget.suggestions import suggest
from pgconnlint.masking import mask
from pgconnlint.report.budget_json import verdict

_PHASES = (Phase.STEADY, Phase.PEAK, Phase.ROLLOUT, Phase.RESTART)


def text(budgets: Sequence[Budget], *, suggestions: bool = False) -> str:
    """One block for each server: capacity, every demand with the place of every factor, verdict."""
    if not budgets:
        return "No PostgreSQL server and no client of one was found.\n"
    return "\n".join(_block(one, suggestions) for one in budgets)


def _block(budget: Budget, suggestions: bool) -> str:
    server = budget.server
    where = f" [{server.environment}]" if server.environment else ""
    lines = [f"{server.name}{where}  {server.declaration.platform}  {server.declaration.at}", f"  {_capacity(budget)}"]
    for demand in (*budget.demands, *budget.pooled):
        lines.extend(_demand_lines(demand))
    for phase in _PHASES:
        lines.append(f"  {phase:<8} {_total(budget, phase)}")
    lines.append(f"  verdict  {verdict(budget)}")
    for missing in to_declare(budget):
        lines += [f"  declare  {mask(missing.what)}", f"           {missing.line}"]
    if suggestions:
        for one in suggest(budget):
            lines.append(f"  suggest  {one.title}")
            lines.append(f"           then at peak {one.after.total(Phase.PEAK)} of {one.after.gate}")
            if one.check_first:
                lines.append(f"           {one.check_first}")
    return "\n".join(lines) + "\n"


def _capacity(budget: Budget) -> str:
    server = budget.server
    if server.max_connections is None:
        return "capacity unknown: max_connections could not be read"
    origin = "" if server.max_connections_explicit else " (default)"
    return (
        f"capacity {server.max_connections}{origin} - {server.reserved} reserved = {server.capacity}, "
        f"gate {budget.threshold:g} x {server.capacity} = {budget.gate}"
    )


def _total(budget: Budget, phase: Phase) -> str:
    total, capacity = budget.total(phase), budget.server.capacity
    if total is None:
        known = sum(one.connections.get(phase) or 0 for one in budget.demands)
        return f"at least {known}"
    return f"{total}" + (f" = {total / capacity:.0%} of {capacity}" if capacity else "")


def _demand_lines(demand: Demand) -> list[str]:
    through = f" -> {demand.through} (client side)" if demand.through else ""
    lines = [f"  {demand.name}{through}: {demand.sums.get(Phase.PEAK, '?')}"]
    for factor in demand.factors:
        lines.append(f"      {_factor(factor)}")
    if demand.unbounded:
        lines.append(f"      unbounded: {mask(demand.unbounded)}")
    return lines


def _factor(factor: Factor) -> str:
    value = "?" if factor.value is None else str(factor.value)
    place = f"  {factor.at}" if factor.at is not None else ""
    remark = " (default)" if factor.assumed else f" ({mask(factor.reason)})" if factor.reason else ""
    return f"{value} {factor.unit}{remark}{place}"


def markdown(budgets: Sequence[Budget], *, before: Sequence[Budget] | None = None) -> str:
    """A table for a pull request's comment; with ``before``, what the change adds to each budget."""
    earlier = {(one.server.name, one.server.environment): one for one in before or ()}
    head = (
        "| server | environment | capacity | gate | peak | rollout | restart | verdict |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    rows = [_row(one, earlier.get((one.server.name, one.server.environment)), before is not None) for one in budgets]
    details = "\n".join(_details(one) for one in budgets if one.demands or one.pooled)
    return f"### Connection budget\n\n{head}{''.join(rows)}\n{details}"


def _row(budget: Budget, earlier: Budget | None, compared: bool) -> str:
    server = budget.server
    cells = [f"`{server.name}`", server.environment or "-", _shown(server.capacity), _shown(budget.gate)]
    for phase in (Phase.PEAK, Phase.ROLLOUT, Phase.RESTART):
        now = budget.total(phase)
        then = earlier.total(phase) if earlier is not None else 0
        change = f" ({now - then:+d})" if compared and now is not None and then is not None and now != then else ""
        cells.append(_shown(now) + change)
    mark = "fits" if verdict(budget) == "fits" else f"**{verdict(budget)}**"
    return f"| {' | '.join([*cells, mark])} |\n"


def _details(budget: Budget) -> str:
    lines = [f"<details><summary><code>{budget.server.name}</code></summary>\n"]
    for demand in (*budget.demands, *budget.pooled):
        through = f" through `{demand.through}`" if demand.through else ""
        places = ", ".join(f"`{one.at}`" for one in demand.factors if one.at is not None)
        lines.append(f"- `{demand.name}`{through}: {demand.sums.get(Phase.PEAK, '?')} ({places})")
    lines.extend(f"- to declare: {mask(one.what)}: `{one.line}`" for one in to_declare(budget))
    return "\n".join([*lines, "\n</details>\n"])


def _shown(number: int | None) -> str:
    return "?" if number is None else str(number)


def exceeded(budgets: Iterable[Budget]) -> bool:
    """Some server can be asked for more than its gate, at peak or during a rollout."""
    return any(one.exceeds(phase) for one in budgets for phase in (Phase.PEAK, Phase.ROLLOUT))
