"""Budgets under other numbers: the same arithmetic with some factors replaced."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pgconnlint.budget.demands import of_pooler, of_workload
from pgconnlint.budget.model import Budget, Demand
from pgconnlint.errors import UsageError
from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.infra.resource import Known
from pgconnlint.text import Location

KEYS = ("replicas", "pool", "overflow", "workers", "max_connections", "pooler", "pooler_pool", "pooler_reserve")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different. Numbers apply to every client that opens pools itself; None keeps what is there.

    ``pooler``: "transaction" sends every direct client through one new pooler process, "existing" through
    the pooler that already stands in front.
    """

    replicas: int | None = None
    pool: int | None = None
    overflow: int | None = None
    workers: int | None = None
    max_connections: int | None = None
    pooler: str | None = None
    pooler_pool: int = 20
    pooler_reserve: int = 5


def read(words: list[str]) -> Changes:
    """`replicas=20 pool=10 pooler=transaction` as Changes. Raises UsageError naming the key."""
    numbers: dict[str, int] = {}
    pooler: str | None = None
    for word in words:
        key, separator, value = word.partition("=")
        key = key.replace("-", "_")
        if key not in KEYS or not separator:
            raise UsageError(f"`{word}`: write KEY=VALUE with one of {', '.join(KEYS)}")
        if key == "pooler":
            if value not in ("transaction", "existing", "none"):
                raise UsageError(f"`{word}`: a pooler is `transaction`, `existing` or `none`")
            pooler = value if value != "none" else None
        elif not value.isdecimal():
            raise UsageError(f"`{word}`: `{value}` is no whole number")
        else:
            numbers[key] = int(value)
    return Changes(pooler=pooler, **numbers)


def apply(budget: Budget, changes: Changes) -> Budget:
    """The budget with the changes made, recomputed."""
    server = budget.server
    if changes.max_connections is not None:
        server = replace(server, max_connections=changes.max_connections, max_connections_explicit=True)
    recomputed = [_changed(demand, changes) for demand in budget.demands]
    if changes.pooler not in ("transaction", "existing"):
        return replace(budget, server=server, demands=tuple(recomputed))
    direct = [one for one in recomputed if one.pooler is None]
    existing = next((one for one in recomputed if one.pooler is not None), None)
    if changes.pooler == "existing" and existing is not None:
        moved = tuple(replace(one, through=existing.name) for one in direct)
        kept = [one for one in recomputed if one.pooler is not None]
        return replace(budget, server=server, demands=tuple(kept), pooled=(*budget.pooled, *moved))
    pooler = _new_pooler(server.declaration.at, server.environment, changes)
    kept = [one for one in recomputed if one.pooler is not None]
    added = of_pooler(pooler, None, server.max_connections)
    pooled = tuple(replace(one, through=pooler.name) for one in direct)
    return replace(budget, server=server, demands=(*kept, added), pooled=(*budget.pooled, *pooled))


def _changed(demand: Demand, changes: Changes) -> Demand:
    workload, container, pool = demand.workload, demand.container, demand.pool
    if workload is None or container is None or pool is None:
        return demand
    if changes.replicas is not None:
        count = Known(changes.replicas, workload.at)
        workload = replace(
            workload, replicas=count, max_replicas=None, concurrency=count if workload.concurrency else None
        )
    if changes.pool is not None:
        pool = replace(pool, size=changes.pool, options={}, unbounded=False)
    if changes.overflow is not None:
        options = {name: option for name, option in pool.options.items() if name != "max_overflow"}
        pool = replace(pool, overflow=changes.overflow, options=options, unbounded=False)
    workers = next((factor.value for factor in demand.factors if factor.unit in ("workers", "processes")), None)
    processes = changes.workers if changes.workers is not None else workers
    return of_workload(workload, container, [pool], processes)[0]


def _new_pooler(at: Location, environment: str, changes: Changes) -> PoolerDeclaration:
    return PoolerDeclaration(
        name="a new PgBouncer",
        platform="pgbouncer",
        at=at,
        environment=environment,
        mode=Known("transaction", at),
        pool_size=Known(changes.pooler_pool, at),
        reserve_size=Known(changes.pooler_reserve, at),
    )
