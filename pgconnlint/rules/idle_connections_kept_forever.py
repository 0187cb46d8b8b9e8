"""The idle timeout of a pool is switched off by hand: what a peak opened stays open.

A pool grows to its maximum during a peak. With an idle timeout it shrinks again; without one, every process keeps its
largest number for ever, and the connections of many processes add up while nobody uses them.

Bad:

```javascript path=db.js
const { Pool } = require("pg");

const pool = new Pool({ max: 10, idleTimeoutMillis: 0 });
```

Good:

```javascript path=db.js
const { Pool } = require("pg");

const pool = new Pool({ max: 10, idleTimeoutMillis: 30000 });
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import Context, Option, PoolFact
from pgconnlint.program.pool_specs import SPECS
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC204",
    name="idle-connections-kept-forever",
    severity=Severity.WARNING,
    subject=Subject.POOL,
    formats=("python", "javascript"),
    tags=("pool",),
    fixes=("unsafe",),
)

_TEST = re.compile(r"(^|/)(tests?|__tests__|e2e|examples?|bench\w*)/|\.(test|spec)\.")


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    if Context.TEST in pool.contexts or _TEST.search(pool.at.path):
        return
    if pool.row == "django.DATABASES":
        yield from _django(pool)
        return
    spec = next((one for one in SPECS if one.row == pool.row), None)
    option = pool.options.get(spec.idle) if spec is not None and spec.idle else None
    if spec is None or option is None or isinstance(option.value, bool) or option.value not in spec.forever:
        return
    if pool.size == 1:
        return  # one connection is what such a pool is for
    what = f"`{pool.name}`" if pool.name else f"`{pool.call}`"
    most = f" up to {pool.size + pool.overflow}" if pool.size else " all"
    yield Finding(
        message=f"`{option.name}: {option.value}` keeps{most} connections of {what} open when they are idle, for ever",
        location=option.at,
        help=f"let them go: `{option.name}` of a few minutes ({'ms' if spec.unit == 'ms' else 'seconds'})",
        key=pool.name,
        fix=_fix(option, str(option.value), "300000" if spec.unit == "ms" else "300"),
    )


def _fix(option: Option, old: str, new: str) -> Fix:
    """How long is the user's decision: never a safe fix."""
    change = (("key", option.name), ("old", old), ("text", new))
    return Fix(f"Set `{option.name}` to {new}", False, plan=FixPlan("set-value", (("value", option.at),), change))


def _django(pool: PoolFact) -> Iterator[Finding]:
    option = pool.options.get("CONN_MAX_AGE")
    if option is None or option.value is not None or option.variable is not None or option.default is not None:
        return
    if option.at.span.end == option.at.span.start:
        return  # not read, rather than None
    yield Finding(
        message=f"`CONN_MAX_AGE = None` keeps one connection per thread to `{pool.name}` open for ever",
        location=option.at,
        help="limit it: `CONN_MAX_AGE = 60`, with `CONN_HEALTH_CHECKS = True`",
        severity=Severity.NOTE,
        key=pool.name,
        fix=_fix(option, "None", "60"),
    )
