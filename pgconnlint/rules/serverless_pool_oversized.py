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

from pgconnlint.budget.model import Route
from pgconnlint.finding import Confidence, Finding, Severity, Step, StepKind
from pgconnlint.infra.resource import Unknown, Value, integer, text
from pgconnlint.program.facts import CallSite, Context, PoolFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC207",
    name="serverless-pool-oversized",
    severity=Severity.WARNING,
    subject=Subject.PROJECT,
    formats=("python", "javascript", "terraform"),
    precision="medium",
    tags=("pool",),
)

_USEFUL = 4
"""Connections that one instance can make use of, generously: a few parallel queries of one request."""
_POOLED_ADDRESS = re.compile(r"pooler|pgbouncer|proxy|:6543\b|:6432\b")
_PLATFORM_DECIDES = re.compile(r"(^|/)(app|pages|src|server|routes)/|^api/")
_PLATFORMS = ("vercel.json", "netlify.toml", "wrangler.toml", "serverless.yml", "serverless.yaml", "now.json")


_SIZE_VARIABLE = re.compile(
    r"(?:^|_)(?:(?:MAX_?)?POOL_?(?:MAX_?)?SIZE|POOL_?MAX|MAX_?POOL|MAXIMUM_?POOL_?SIZE|CONNECTION_?LIMIT|MAX_?CONNECTIONS)"
    r"(?:_|$)|(?:^|_)(?:DB|PG|DATABASE|POSTGRES)_?POOL$",
    re.IGNORECASE,
)
_IMPORT = re.compile(r"^.*\b(?:from|import|require)\b.*$", re.MULTILINE)
_OF_OTHERS = re.compile(r"redis|http|thread|cache|mongo|mysql|kafka|rabbit|amqp|worker|queue", re.IGNORECASE)
_SIZE_IN_URL = re.compile(r"[?&](?:connection_limit|pool_size|pool_max_conns|maximumPoolSize|max_pool_size)=(\d+)")
_FUNCTIONS = frozenset({"lambda", "function"})
"""Platforms whose instances serve one request at a time; Cloud Run's serve many."""


def check(subject: Project, project: Project) -> Iterator[Finding]:
    for pool in subject.program.pools:
        yield from _in_source(pool, subject)
    seen: set[int] = set()
    for server in subject.servers:
        for route in server.routes:
            direct = route.pooler is None and _POOLED_ADDRESS.search(route.host.lower()) is None
            if route.workload.kind in _FUNCTIONS and direct and not server.poolers and id(route.container) not in seen:
                seen.add(id(route.container))
                yield from _in_variables(route)


def _in_variables(route: Route) -> Iterator[Finding]:
    """The pool of a function that its environment variables size."""
    workload = route.workload
    for name, value in route.container.environment_variables.items():
        size = _configured(name, value)
        if size is None or size <= _USEFUL:
            continue
        limit = integer(workload.concurrency)
        instances = f"the {limit} instances it is limited to" if limit else "20 instances"
        count = limit or 20
        yield Finding(
            message=f"`{name}` lets every concurrent instance of `{workload.name}` open up to {size} connections: "
            f"{instances} may hold {count} x {size} = {count * size}",
            location=value.at,
            help="set the pool of one instance to 1 or 2 and send it through a pooler (RDS Proxy, PgBouncer)",
            steps=(Step(StepKind.DECLARATION, f"`{workload.name}` serves one request per instance", workload.at),),
            confidence=Confidence.MEDIUM,
            environment=workload.environment or None,
            key=f"{workload.name}:{name}",
        )


def _configured(name: str, value: Value) -> int | None:
    """The pool size a variable gives: as its value, or inside of a URL."""
    if _SIZE_VARIABLE.search(name) and not _OF_OTHERS.search(name):
        return integer(value)
    written = value.text if isinstance(value, Unknown) else text(value) or ""
    found = _SIZE_IN_URL.search(written) if "://" in written or "postgres" in written else None
    return int(found[1]) if found and _POOLED_ADDRESS.search(written.lower()) is None else None


def _in_source(subject: PoolFact, project: Project) -> Iterator[Finding]:
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
        used = name is not None and name.search(call.text) is not None and _loads(call.path, pool, project)
        if (used or (call.path == pool.at.path and call.at == pool.at)) and _hosted(call.path, project):
            return call
    return None


def _loads(path: str, pool: PoolFact, project: Project) -> bool:
    """Whether a file can mean this very pool by its name: it makes it, or imports the file or folder that does."""
    if path == pool.at.path:
        return True
    document = project.files.document(path)
    folder, _, name = pool.at.path.rpartition("/")
    stem = name.partition(".")[0]
    stem = folder.rpartition("/")[2] if stem in ("index", "__init__") else stem
    names = rf"(?<![\w-])(?:{re.escape(stem)}|{re.escape(folder.rpartition('/')[2] or stem)})(?![\w-])"
    return document is not None and any(re.search(names, line) for line in _IMPORT.findall(document.text))


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
