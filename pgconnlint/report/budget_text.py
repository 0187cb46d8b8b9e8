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
    """A table for a pull request's comment; with ``before``, what the change adds to each budget and client."""
    earlier = {_identity(one): one for one in before or ()}
    head = (
        "| server | environment | capacity | gate | peak | rollout | restart | verdict |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    rows = [_row(one, earlier.get(_identity(one)), before is not None) for one in budgets]
    now = {_identity(one) for one in budgets}
    gone = [f"- `{one.server.name}` is no longer there\n" for one in before or () if _identity(one) not in now]
    details = "\n".join(
        _details(one, earlier.get(_identity(one)), before is not None) for one in budgets if one.demands or one.pooled
    )
    return f"### Connection budget\n\n{head}{''.join(rows)}\n{''.join(gone)}{details}"


def _identity(budget: Budget) -> tuple[str, str, str, str]:
    server = budget.server
    return server.name, server.environment, server.declaration.platform, server.declaration.at.path


def _known(budget: Budget, phase: Phase) -> int:
    return sum(one.connections.get(phase) or 0 for one in budget.demands)


def _row(budget: Budget, earlier: Budget | None, compared: bool) -> str:
    server = budget.server
    cells = [f"`{server.name}`", server.environment or "-"]
    cells.append(_changed(server.capacity, earlier.server.capacity if earlier is not None else None, compared, ""))
    cells.append(_changed(budget.gate, earlier.gate if earlier is not None else None, compared, ""))
    for phase in (Phase.PEAK, Phase.ROLLOUT, Phase.RESTART):
        then = _known(earlier, phase) if earlier is not None else 0
        prefix = "" if budget.total(phase) is not None else "at least "
        cells.append(_changed(_known(budget, phase), then, compared, prefix))
    mark = "fits" if verdict(budget) == "fits" else f"**{verdict(budget)}**"
    if compared and earlier is not None and verdict(earlier) != verdict(budget):
        mark += f" (was {verdict(earlier)})"
    return f"| {' | '.join([*cells, mark])} |\n"


def _changed(now: int | None, then: int | None, compared: bool, prefix: str) -> str:
    change = f" ({now - then:+d})" if compared and now is not None and then is not None and now != then else ""
    return prefix + _shown(now) + change


def _details(budget: Budget, earlier: Budget | None, compared: bool) -> str:
    lines = [f"<details><summary><code>{budget.server.name}</code></summary>\n"]
    for demand in (*budget.demands, *budget.pooled):
        through = f" through `{demand.through}`" if demand.through else ""
        places = ", ".join(f"`{one.at}`" for one in demand.factors if one.at is not None)
        was = _was(demand, earlier) if compared else ""
        lines.append(f"- `{demand.name}`{through}: {demand.sums.get(Phase.PEAK, '?')}{was} ({places})")
    if compared:
        lines += [f"- `{one.name}`: gone, was {one.sums.get(Phase.PEAK, '?')}" for one in _gone(budget, earlier)]
    lines.extend(f"- to declare: {mask(one.what)}: `{one.line}`" for one in to_declare(budget))
    return "\n".join([*lines, "\n</details>\n"])


def _same(demand: Demand, other: Demand) -> bool:
    """The same client and pool in two revisions, wherever its lines have moved to."""
    first = demand.pool.at.path if demand.pool is not None else ""
    second = other.pool.at.path if other.pool is not None else ""
    return (demand.name, first) == (other.name, second)


def _was(demand: Demand, earlier: Budget | None) -> str:
    old = [one for one in (*earlier.demands, *earlier.pooled) if _same(demand, one)] if earlier is not None else []
    if not old:
        return ", **new**"
    sums = [one.sums.get(Phase.PEAK, "?") for one in old]
    changed = demand.sums.get(Phase.PEAK, "?") not in sums or demand.through not in [one.through for one in old]
    return f", was {sums[0]}{f' through `{old[0].through}`' if old[0].through else ''}" if changed else ""


def _gone(budget: Budget, earlier: Budget | None) -> list[Demand]:
    now = (*budget.demands, *budget.pooled)
    before = (*earlier.demands, *earlier.pooled) if earlier is not None else ()
    return [one for one in before if not any(_same(one, other) for other in now)]


def _shown(number: int | None) -> str:
    return "?" if number is None else str(number)


def exceeded(budgets: Iterable[Budget]) -> bool:
    """Some server can be asked for more than its gate, at peak or during a rollout."""
    return any(one.exceeds(phase) for one in budgets for phase in (Phase.PEAK, Phase.ROLLOUT))
