"""A pool larger than one process can use, or without a limit.

One process runs as many queries at a time as it has threads or, with an event loop, as the database answers; beyond a
few dozen connections per process PostgreSQL gets slower, not faster. A pool without a limit (`max_overflow=-1`,
`pool_size=0`) turns a slow query into as many backends as there are waiting requests. Every connection here is
multiplied by processes and pods.

Bad:

```python path=db.py
from sqlalchemy import create_engine

engine = create_engine("postgresql://db/app", pool_size=20, max_overflow=-1)
```

```javascript path=db.js
const { Pool } = require("pg");

const pool = new Pool({ max: 200 });
```

Good:

```python path=db.py
from sqlalchemy import create_engine

engine = create_engine("postgresql://db/app", pool_size=10, max_overflow=5)
```

```javascript path=db.js
const { Pool } = require("pg");

const pool = new Pool({ max: 10 });
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import Context, Option, PoolFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC202",
    name="pool-size-oversized",
    severity=Severity.WARNING,
    subject=Subject.POOL,
    formats=("python", "javascript"),
    tags=("pool",),
    fixes=("unsafe",),
)

LIMIT = 50
"""Connections per process; anyio runs at most 40 threads, a Node process has one."""

_TEST = re.compile(r"(^|/)(tests?|__tests__|e2e|bench(mark)?s?|perf\w*|examples?|fixtures|load\w*)/|\.(test|spec)\.")


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    if Context.TEST in pool.contexts or _TEST.search(pool.at.path) or pool.note == "edge":
        return
    what = f"`{pool.name}`" if pool.name else f"`{pool.call}`"
    if pool.unbounded:
        option = _unlimited(pool)
        if option is None:
            return
        yield Finding(
            message=f"`{option.name}={_written(option)}` lets {what} open connections without a limit",
            location=option.at,
            help="give it a number: what one process can use at a time, rarely more than 20",
            key=pool.name,
            fix=_fix(pool, option),
        )
        return
    total = (pool.size or 0) + pool.overflow
    if pool.size is None or pool.size_implicit or pool.unpooled or total < LIMIT:
        return
    at = pool.size_at if pool.size is not None and pool.size >= LIMIT // 2 else None
    sum_ = f"{pool.size} + {pool.overflow} = {total}" if pool.overflow else str(total)
    yield Finding(
        message=f"{what} may open {sum_} connections in every process; one process cannot use that many at a time",
        location=at or pool.at,
        help="start with 10 per process and measure how long callers wait for a connection",
        confidence=Confidence.MEDIUM,
        key=pool.name,
        fix=_fix(pool, _largest(pool)),
    )


def _largest(pool: PoolFact) -> Option | None:
    """The one option that says a large part of the number."""
    large = [
        option
        for option in pool.options.values()
        if option.value in (pool.size, pool.overflow) and isinstance(option.value, int) and option.value >= LIMIT // 2
    ]
    return large[0] if len(large) == 1 else None


def _fix(pool: PoolFact, option: Option | None) -> Fix | None:
    """The number is the user's decision: never a safe fix, and none where the pool keeps more than that open."""
    least = (one.value for name, one in pool.options.items() if name.startswith("min"))
    if option is None or option.variable or any(not isinstance(value, int) or value > 10 for value in least):
        return None
    change = (("key", option.name), ("old", _written(option)), ("text", "10"))
    return Fix(f"Set `{option.name}` to 10", False, plan=FixPlan("set-value", (("value", option.at),), change))


def _unlimited(pool: PoolFact) -> Option | None:
    """The option that takes the limit away, where it is written as a constant."""
    for name, option in pool.options.items():
        if name in ("max_overflow", "pool_size", "maxsize") and option.value in (-1, 0):
            if name == "max_overflow" and option.value == 0:
                continue
            return option
    return None


def _written(option: Option) -> str:
    return str(option.value)
