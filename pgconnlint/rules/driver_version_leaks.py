"""A pinned driver or pool version that is known to lose connections.

Some leaks are no fault of the application: the driver's own pool forgets a connection when an acquire times out, a
task is cancelled or a query fails at the wrong moment. No `finally` helps, the pool shrinks until every request
waits, and only a newer version cures it.

Bad:

```text path=requirements.txt
asyncpg==0.18.2
```

Good:

```text path=requirements.txt
asyncpg==0.29.0
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.infra.locks import KIND
from pgconnlint.infra.resource import Resource, text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC208",
    name="driver-version-leaks",
    severity=Severity.WARNING,
    subject=Subject.RESOURCE,
    formats=("lock files",),
    kinds=(KIND,),
    tags=("leak",),
)


@dataclass(frozen=True, slots=True)
class _Leak:
    """Versions ``[since, fixed)`` of ``package`` leak as ``what`` says; ``partner`` must be pinned beside it.

    ``partner_below``: only with an older partner than this. ``certain``: it needs no rare circumstances.
    """

    package: str
    since: str
    fixed: str
    what: str
    source: str
    partner: str = ""
    partner_below: str = ""
    advice: str = ""
    certain: bool = True


_LEAKS = (
    _Leak(
        "asyncpg",
        "0",
        "0.29.0",
        "on Python before 3.12 a timeout or cancellation during `pool.acquire` can lose the connection for ever",
        "MagicStack/asyncpg#467, #955; #1086 in 0.29.0",
    ),
    _Leak(
        "psycopg-pool",
        "3.0",
        "3.1.7",
        "a task that is cancelled while it waits for a connection takes one out of the pool for ever",
        "psycopg_pool release notes 3.1.7, psycopg/psycopg#503",
    ),
    _Leak(
        "sqlalchemy",
        "1.4",
        "2.0.38",
        "with asyncpg, a cancelled task (as under anyio and Starlette) can leave its server connection open",
        "sqlalchemy/sqlalchemy#12077, changelog 2.0.38",
        partner="asyncpg",
        certain=False,
    ),
    _Leak(
        "pg-pool",
        "2.0.0",
        "2.0.3",
        "idle clients are never closed: removing one client clears the idle timers of the others",
        "brianc/node-postgres#1404, brianc/node-pg-pool#71",
    ),
    _Leak(
        "pg-pool",
        "2.0.10",
        "2.0.11",
        "with `pg` before 7.5 every released client is thrown away, so each request opens a new connection",
        "brianc/node-postgres#3463",
        partner="pg",
        partner_below="7.5.0",
        advice="upgrade `pg` to 7.5.0 or newer; 8 brings the pool that belongs to it",
    ),
    _Leak(
        "knex",
        "0.8",
        "0.12.3",
        "a connection whose acquire timed out is never given back to the pool",
        "knex/knex#1694, changelog 0.12.3",
    ),
    _Leak(
        "@prisma/client",
        "2.0.0",
        "3.12.0",
        "queries that fail while the pool is full take their connections out of it until a restart",
        "prisma/orm#12510, release notes 3.12.0",
    ),
    _Leak(
        "typeorm",
        "0.2.26",
        "0.2.30",
        "`stream()` of a query builder never gives its connection back",
        "typeorm/typeorm#7109, changelog 0.2.30",
    ),
)
"""Known leaks; the source of each row is the report and the release that cures it."""


def check(package: Resource, project: Project) -> Iterator[Finding]:
    version = text(package.attributes.get("version")) or ""
    for leak in _LEAKS:
        if leak.package == package.name and _within(version, leak) and _partnered(leak, package, project):
            yield Finding(
                message=f"`{package.name}` {version} leaks connections: {leak.what} ({leak.source})",
                location=package.at,
                help=leak.advice or f"upgrade `{package.name}` to {leak.fixed} or newer",
                severity=None if leak.certain else Severity.NOTE,
                confidence=Confidence.HIGH if leak.certain else Confidence.MEDIUM,
                key=f"{package.name} {leak.fixed}",
            )
            return


def _within(version: str, leak: _Leak) -> bool:
    return _numbers(leak.since) <= _numbers(version) < _numbers(leak.fixed)


def _partnered(leak: _Leak, package: Resource, project: Project) -> bool:
    """The other package the leak needs is pinned in the same file."""
    if not leak.partner:
        return True
    for other in project.infrastructure.resources:
        if other.kind == KIND and other.name == leak.partner and other.origin == package.origin:
            below = leak.partner_below
            return not below or _numbers(text(other.attributes.get("version")) or "") < _numbers(below)
    return False


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers before any suffix, three of them: `2.0.38` is (2, 0, 38), `3.12` is (3, 12, 0)."""
    numbers: list[int] = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits[:9]))
        if digits != part:
            break
    return (*numbers, 0, 0, 0)[:3]
