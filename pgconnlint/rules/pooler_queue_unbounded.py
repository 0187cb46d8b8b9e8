"""Clients of the pooler may wait for ever.

PgBouncer queues a client when every server connection is taken, and ends the wait after `query_wait_timeout`
(120 seconds by default). With 0 it never does: requests pile up behind a slow query until the application runs out
of threads, and nobody sees an error. A reserve pool that `reserve_pool_timeout = 0` switches off does not help
either.

Bad:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db

[pgbouncer]
pool_mode = transaction
query_wait_timeout = 0
```

Good:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db

[pgbouncer]
pool_mode = transaction
query_wait_timeout = 15
reserve_pool_size = 5
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.infra.alternatives import speaks
from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.infra.resource import Value, integer, text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC506",
    name="pooler-queue-unbounded",
    severity=Severity.WARNING,
    subject=Subject.POOLER,
    formats=("conf", "kubernetes", "compose", "helm"),
    precision="very-high",
    fixes=("unsafe",),
)


def check(pooler: PoolerDeclaration, project: Project) -> Iterator[Finding]:
    if not pooler.enabled:
        return
    wait = _wait(pooler)
    if wait is not None and _is_zero(wait):
        others = ((one, at.at) for one in project.infrastructure.poolers if (at := _wait(one)) is not None)
        if speaks(pooler, wait.at, others):
            yield Finding(
                message=f"`query_wait_timeout = 0`: clients of `{pooler.name}` wait for ever when all of its "
                f"{_size(pooler)}server connections are taken",
                location=wait.at,
                help="set `query_wait_timeout` to what a request may wait, for instance 15"
                + ("" if _reserve(pooler) else ", and give it a `reserve_pool_size`"),
                environment=pooler.environment or None,
                fix=_fix("Let clients wait for 15 seconds", "query_wait_timeout", wait, "15"),
            )
    timeout = pooler.reserve_timeout
    if timeout is not None and _is_zero(timeout) and _reserve(pooler):
        others = ((one, one.reserve_timeout.at) for one in project.infrastructure.poolers if one.reserve_timeout)
        if speaks(pooler, timeout.at, others):
            yield Finding(
                message=f"`reserve_pool_timeout = 0` switches the reserve off: `reserve_pool_size = "
                f"{_reserve(pooler)}` of `{pooler.name}` is never used",
                location=timeout.at,
                help="set `reserve_pool_timeout` to the seconds after which the reserve opens, for instance 3",
                environment=pooler.environment or None,
                fix=_fix("Open the reserve after 3 seconds", "reserve_pool_timeout", timeout, "3"),
            )


def _fix(title: str, key: str, value: Value, new: str) -> Fix:
    """How long is the user's decision: never a safe fix."""
    change = (("key", key), ("old", text(value) or ""), ("text", new))
    return Fix(title, False, plan=FixPlan("set-value", (("value", value.at),), change))


def _wait(pooler: PoolerDeclaration) -> Value | None:
    return pooler.settings.items.get("query_wait_timeout") if pooler.settings is not None else None


def _is_zero(value: Value) -> bool:
    try:
        return float(text(value) or "1") == 0
    except ValueError:
        return False


def _reserve(pooler: PoolerDeclaration) -> int:
    return integer(pooler.reserve_size) or 0


def _size(pooler: PoolerDeclaration) -> str:
    size = integer(pooler.pool_size) if pooler.pool_size is not None else pooler.default_pool_size
    return f"{size} " if size else ""
