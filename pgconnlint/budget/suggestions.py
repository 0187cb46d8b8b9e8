"""The smallest safe changes that make a budget fit, each proven by the same arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from pgconnlint.budget.arithmetic import BACKEND_BYTES_HIGH, server_memory_bytes
from pgconnlint.budget.model import Budget, Phase
from pgconnlint.budget.settings import assumed_shared_buffers_bytes
from pgconnlint.budget.whatif import Changes, apply
from pgconnlint.budget.wording import size

CHECK_FIRST = (
    "transaction pooling: check first that nothing needs a session: prepared statements of the driver, "
    "SET without LOCAL, LISTEN, session advisory locks, temporary tables, WITH HOLD cursors"
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One change: what to do, the budget after it, and what must be checked before."""

    title: str
    changes: Changes
    after: Budget
    check_first: str = ""


def suggest(budget: Budget) -> list[Suggestion]:
    """What would bring every phase under the gate; empty when it already fits or capacity is unknown."""
    if budget.gate is None or fits(budget):
        return []
    return [one for one in _candidates(budget) if fits(one.after)]


def fits(budget: Budget) -> bool:
    """No phase exceeds the gate."""
    return not any(budget.exceeds(phase) for phase in (Phase.STEADY, Phase.PEAK, Phase.ROLLOUT, Phase.RESTART))


def _candidates(budget: Budget) -> Iterator[Suggestion]:
    smaller = _smaller_pool(budget)
    if smaller is not None:
        yield smaller
    direct = [one for one in budget.demands if one.pooler is None]
    if direct and any(one.pooler is not None for one in budget.demands):
        yield _existing(budget, [one.name for one in direct])
    elif direct:
        yield _pooler(budget)
    raised = _raised(budget)
    if raised is not None:
        yield raised


def _smaller_pool(budget: Budget) -> Suggestion | None:
    """The largest pool per process with which everything fits."""
    sizes = [one.pool.size for one in budget.demands if one.pool is not None and one.pool.size is not None]
    for pool in range(max(sizes, default=1) - 1, 0, -1):
        changes = Changes(pool=pool, overflow=0)
        after = apply(budget, changes)
        if fits(after):
            return Suggestion(f"a pool of {pool} for each process, without overflow", changes, after)
    return None


def _existing(budget: Budget, names: list[str]) -> Suggestion:
    """The pooler is there: send through it what goes past it."""
    changes = Changes(pooler="existing")
    pooler = next(one.name for one in budget.demands if one.pooler is not None)
    clients = sum(one.connections.get(Phase.RESTART) or 0 for one in budget.demands if one.pooler is None)
    shown = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
    title = f"send {shown} through the pooler `{pooler}`, with max_client_conn at least {clients} more"
    return Suggestion(title, changes, apply(budget, changes), CHECK_FIRST)


def _pooler(budget: Budget) -> Suggestion:
    gate = budget.gate or 0
    reserve = min(5, max(0, gate // 5))
    pool = max(1, min(20, gate - reserve))
    changes = Changes(pooler="transaction", pooler_pool=pool, pooler_reserve=reserve)
    clients = sum(one.connections.get(Phase.RESTART) or 0 for one in budget.demands if one.pooler is None)
    title = (
        f"one PgBouncer in transaction mode: default_pool_size {pool}, reserve_pool_size {reserve}, "
        f"max_client_conn at least {max(100, clients)} (for one (database, user) pair)"
    )
    return Suggestion(title, changes, apply(budget, changes), CHECK_FIRST)


def _raised(budget: Budget) -> Suggestion | None:
    """More slots, where the server's memory carries them."""
    worst = max(sum(one.connections.get(phase) or 0 for one in budget.demands) for phase in Phase)
    wanted = ceil(worst / budget.threshold - 1e-9) + budget.server.reserved
    buffers = budget.server.shared_buffers_bytes or assumed_shared_buffers_bytes(budget.server.declaration)
    memory = server_memory_bytes(wanted, buffers, BACKEND_BYTES_HIGH)
    changes = Changes(max_connections=wanted)
    title = f"max_connections = {wanted}, which needs {size(memory)} of memory ({wanted} x 10 MB + {size(buffers)})"
    known = budget.server.declaration.memory_bytes
    if known is not None and memory > known:
        return None
    if known is not None:
        title += f"; the server has {size(known)}"
    return Suggestion(title, changes, apply(budget, changes))
