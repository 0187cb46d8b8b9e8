"""A serverless function keeps a pool that multiplies by its concurrent instances.

The platform starts an instance for every request that runs at the same time, and each instance has a pool of its own.
An instance of AWS Lambda serves one request at a time: more than one or two connections are of no use to it, but a
hundred instances with a pool of ten may hold a thousand. Frozen instances keep theirs without using them. Set the
pool to 1 and put a pooler (PgBouncer, RDS Proxy, the provider's pooled address) in front.

Bad:

```javascript path=handler.js
const { Pool } = require('pg');
const pool = new Pool({ max: 20 });

exports.handler = async (event) => {
  const result = await pool.query('SELECT * FROM orders WHERE id = $1', [event.id]);
  return result.rows;
};
```

Good:

```javascript path=handler.js
const { Pool } = require('pg');
const pool = new Pool({ max: 1 });

exports.handler = async (event) => {
  const result = await pool.query('SELECT * FROM orders WHERE id = $1', [event.id]);
  return result.rows;
};
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity, Step, StepKind
from pgconnlint.program.facts import CallSite, Context, PoolFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC207",
    name="serverless-pool-oversized",
    severity=Severity.WARNING,
    subject=Subject.POOL,
    formats=("python", "javascript"),
    precision="medium",
    tags=("pool",),
)

_USEFUL = 4
"""Connections that one instance can make use of, generously: a few parallel queries of one request."""
_POOLED_ADDRESS = re.compile(r"pooler|pgbouncer|proxy|:6543\b|:6432\b")
_PLATFORM_DECIDES = re.compile(r"(^|/)(app|pages|src|server|routes)/")
_PLATFORMS = ("vercel.json", "netlify.toml", "wrangler.toml", "serverless.yml", "serverless.yaml", "now.json")


def check(subject: PoolFact, project: Project) -> Iterator[Finding]:
    if subject.unpooled or subject.size is None or Context.TEST in subject.contexts:
        return
    total = subject.size + max(subject.overflow, 0)
    if total <= _USEFUL or _behind_pooler(subject):
        return
    use = _serverless_use(subject, project)
    if use is None:
        return
    size = "the library's default" if subject.size_implicit else "as configured"
    sum_ = f"{subject.size} + {subject.overflow} = {total}" if subject.overflow > 0 else str(total)
    yield Finding(
        message=f"`{subject.call}` opens up to {sum_} connections ({size}) in every concurrent instance of a "
        f"serverless function: 20 instances may hold 20 x {total} = {20 * total}",
        location=subject.size_at or subject.at,
        help=f"set the pool of one instance to 1 or 2 ({_option(subject)}) and send it through a pooler",
        steps=(Step(StepKind.DECLARATION, "used by a serverless function here", use.at),),
        severity=Severity.NOTE if subject.size_implicit else Severity.WARNING,
        confidence=Confidence.MEDIUM,
        key=subject.name,
    )


def _behind_pooler(pool: PoolFact) -> bool:
    """The address says that a pooler stands in between: its server side is what counts."""
    told = " ".join(one for one in (pool.url, pool.host, pool.url_variable) if one)
    return _POOLED_ADDRESS.search(told.lower()) is not None


def _serverless_use(pool: PoolFact, project: Project) -> CallSite | None:
    """A call on the pool that a serverless platform's function makes."""
    name = re.compile(rf"(?<![\w$.]){re.escape(pool.name)}(?![\w$])") if pool.name else None
    for call in project.program.calls:
        if Context.SERVERLESS not in call.contexts or Context.TEST in call.contexts or call.row is None:
            continue
        used = name is not None and name.search(call.text) is not None
        if (used or (call.path == pool.at.path and call.at == pool.at)) and _hosted(call.path, project):
            return call
    return None


def _hosted(path: str, project: Project) -> bool:
    """Routes of a web framework run as functions only where a platform's configuration says so."""
    if _PLATFORM_DECIDES.search(path) is None:
        return True
    names = [one.rsplit("/", 1)[-1] for one in project.files.paths]
    return any(name in _PLATFORMS for name in names) and not any(name.startswith("Dockerfile") for name in names)


def _option(pool: PoolFact) -> str:
    match pool.library.lower():
        case "sqlalchemy":
            return "`poolclass=NullPool`, or `pool_size=1, max_overflow=0`"
        case "sequelize":
            return "`pool: { max: 1, min: 0 }`"
        case "knex" | "objection":
            return "`pool: { min: 0, max: 1 }`"
        case "typeorm":
            return "`extra: { max: 1 }`"
        case _:
            return "`max_size=1`" if pool.language == "python" else "`max: 1`"
