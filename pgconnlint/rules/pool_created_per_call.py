"""A pool, engine or client made inside code that runs again and again.

A pool saves connections only when it is shared. One that is made in a request handler, a dependency or a job opens
connections of its own every time, and each of them stays open until the idle timeout, the garbage collector or nobody
closes it. A few hundred requests are enough to hear "too many clients already". Make it once, when the program starts,
and hand it to whoever needs it.

Bad:

```python path=app.py
from fastapi import FastAPI
from sqlalchemy import create_engine, text

app = FastAPI()


@app.get("/users")
def users():
    engine = create_engine("postgresql://db/app")
    with engine.connect() as connection:
        return connection.execute(text("select * from users")).all()
```

Good:

```python path=app.py
from fastapi import FastAPI
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine("postgresql://db/app")


@app.get("/users")
def users():
    with engine.connect() as connection:
        return connection.execute(text("select * from users")).all()
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import Context, PoolFact
from pgconnlint.program.pool_specs import SPECS
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC108",
    name="pool-created-per-call",
    severity=Severity.ERROR,
    subject=Subject.POOL,
    formats=("python", "javascript"),
    tags=("lifetime", "pool"),
    fixes=("safe", "unsafe"),
)

_ONCE = re.compile(r"migrat|seed|setup|install|backup|debug|diagnos|test-?(db|connection)", re.IGNORECASE)
"""Routes that administrators call now and then."""

_WHERE = {
    Context.RERUN: "every rerun of the page",
    Context.SERVERLESS: "every invocation",
    Context.HANDLER: "every request",
    Context.JOB: "every run of the job",
}


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    if not pool.per_call or pool.unpooled:
        return
    if Context.PROCESS in pool.contexts and Context.HANDLER not in pool.contexts:
        return  # the process ends with the task, and the pool with it
    if pool.closed and _ONCE.search(pool.at.path):
        return
    handler = Context.HANDLER in pool.contexts or Context.SERVERLESS in pool.contexts
    if pool.closed and (not handler or pool.note == "edge"):
        return  # a job may bring its own pool when it takes it away; edge runtimes have to
    yield Finding(
        message=_message(pool),
        location=pool.at,
        help=_help(pool),
        steps=pool.steps,
        severity=Severity.WARNING if pool.closed else None,
        confidence=Confidence.HIGH if handler else Confidence.MEDIUM,
        key=pool.row,
        fix=_fix(pool),
    )


def _fix(pool: PoolFact) -> Fix | None:
    if not pool.name or pool.closed or pool.note == "edge":
        return None
    arguments = [("variable", pool.name), ("row", pool.row)]
    spec = next((one for one in SPECS if one.row == pool.row), None)
    endless = spec is not None and spec.timeout and spec.timeout_default is None and not spec.nested
    if pool.language == "javascript" and spec is not None and endless and spec.timeout not in pool.options:
        arguments += [("option", spec.timeout), ("text", "5000")]  # a shared pool is waited for
    return Fix("Make it once at module level", True, plan=FixPlan("hoist", (("call", pool.at),), tuple(arguments)))


def _message(pool: PoolFact) -> str:
    when = next((words for context, words in _WHERE.items() if context in pool.contexts), "every call")
    made = f"`{pool.call}` makes a new {_what(pool)} for {when}"
    if pool.closed:
        return f"{made} and closes it again: nothing is pooled, and load opens as many connections as there are calls"
    if pool.unbounded:
        return f"{made}, each without a limit on its connections"
    if pool.size is not None:
        size = f"{pool.size} + {pool.overflow}" if pool.overflow else str(pool.size)
        return f"{made}: each may open {size} connections of its own, and nobody closes them"
    return f"{made}: each opens connections of its own, and nobody closes them"


def _what(pool: PoolFact) -> str:
    return {
        "SQLAlchemy": "engine",
        "Prisma": "PrismaClient",
        "TypeORM": "data source",
        "Sequelize": "Sequelize instance",
        "Knex": "Knex instance",
        "MikroORM": "MikroORM instance",
    }.get(pool.library, "pool")


def _help(pool: PoolFact) -> str:
    if pool.language == "python":
        return "make it once at module level, or in a function decorated with `@functools.lru_cache`, and share it"
    if pool.library == "Prisma":
        return "export one `PrismaClient` from a module (kept on `globalThis` in development) and import it"
    return "make it once at module level and import it where it is needed"
