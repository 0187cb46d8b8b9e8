"""A connection without a pool for every request: as many connections as there are requests at a time.

Opening a PostgreSQL connection starts a process on the server and costs a TCP, a TLS and a login handshake. Without a
pool nothing limits how many there are: when the database gets slow, requests pile up, each with a connection of its
own, until the server refuses everybody. A pool reuses a few connections and lets the others wait.

Bad:

```python path=app.py
from flask import Flask
import psycopg2

app = Flask(__name__)


@app.route("/users")
def users():
    connection = psycopg2.connect("dbname=app")
    try:
        cursor = connection.cursor()
        cursor.execute("select count(*) from users")
        return str(cursor.fetchone())
    finally:
        connection.close()
```

Good:

```python path=app.py
from flask import Flask
from psycopg2.pool import ThreadedConnectionPool

app = Flask(__name__)
pool = ThreadedConnectionPool(1, 10, "dbname=app")


@app.route("/users")
def users():
    connection = pool.getconn()
    try:
        cursor = connection.cursor()
        cursor.execute("select count(*) from users")
        return str(cursor.fetchone())
    finally:
        pool.putconn(connection)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.program.facts import PoolFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC109",
    name="connection-opened-per-call",
    severity=Severity.WARNING,
    subject=Subject.POOL,
    formats=("python", "javascript"),
    tags=("lifetime", "pool"),
)

_IDIOM = {
    "psycopg2": "make a `psycopg2.pool.ThreadedConnectionPool` once and take connections from it",
    "psycopg": "make a `psycopg_pool.ConnectionPool` once and use `with pool.connection() as connection:`",
    "asyncpg": "make a pool with `asyncpg.create_pool` when the application starts; `async with pool.acquire()`",
    "aiopg": "make a pool with `aiopg.create_pool` when the application starts; `async with pool.acquire()`",
    "pg": "make one `Pool` at module level and use `pool.query`",
}


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    if pool.note != "raw" or not pool.per_call:
        return
    yield Finding(
        message=f"`{pool.call}` opens a new connection for every request: nothing limits how many there are",
        location=pool.at,
        help=_IDIOM.get(pool.library, "share a pool of a fixed size"),
        steps=pool.steps,
        confidence=Confidence.HIGH if len(pool.steps) < 4 else Confidence.MEDIUM,
        key=pool.function,
    )
