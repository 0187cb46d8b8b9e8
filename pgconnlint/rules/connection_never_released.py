"""A connection is acquired and released on no path.

The slot is gone for as long as the process lives: the pool hands out one connection fewer after every call, and
when none is left every request waits or fails (`53300 too many clients`, `QueuePool limit reached`). Python's raw
driver connections are an exception: CPython closes one as soon as nothing refers to it, so there it is a warning.

Bad:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def orders():
    conn = pool.getconn()
    cursor = conn.cursor()
    cursor.execute("SELECT * FROM orders")
    return cursor.fetchall()
```

```javascript path=orders.js
const { Pool } = require('pg');
const pool = new Pool();

async function orders() {
  const client = await pool.connect();
  const result = await client.query('SELECT * FROM orders');
  return result.rows;
}
```

Good:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def orders():
    conn = pool.getconn()
    try:
        cursor = conn.cursor()
        cursor.execute("SELECT * FROM orders")
        return cursor.fetchall()
    finally:
        pool.putconn(conn)
```

```javascript path=orders.js
const { Pool } = require('pg');
const pool = new Pool();

async function orders() {
  const client = await pool.connect();
  try {
    const result = await client.query('SELECT * FROM orders');
    return result.rows;
  } finally {
    client.release();
  }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import FunctionFact, Lifetime, Verdict
from pgconnlint.program.weight import named, rescued, severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC101",
    name="connection-never-released",
    severity=Severity.ERROR,
    subject=Subject.FUNCTION,
    formats=("python", "javascript"),
    tags=("lifetime",),
    fixes=("safe", "unsafe"),
)


def check(subject: FunctionFact, project: Project) -> Iterator[Finding]:
    for lifetime in subject.lifetimes:
        if lifetime.verdict is Verdict.NEVER:
            yield _finding(lifetime)


def _finding(lifetime: Lifetime) -> Finding:
    message = f"{named(lifetime)} from `{lifetime.call}` is never released"
    if rescued(lifetime):
        message = f"{named(lifetime)} from `{lifetime.call}` is never closed: closed only when collected"
    forgotten = "exit__" in lifetime.release  # by the `__exit__` of the project's own class
    place = "the end of the block forgets it" if forgotten else "release it on every path"
    return Finding(
        message=message,
        location=lifetime.at,
        help=f"{place}: `{lifetime.release}`" + ("" if forgotten else " in a `finally` block"),
        steps=lifetime.steps,
        severity=severity(lifetime),
        confidence=lifetime.confidence,
        key=lifetime.variable,
        fix=_fix(lifetime),
    )


def _fix(lifetime: Lifetime) -> Fix | None:
    if any(word in lifetime.release for word in ("rollback", "commit", "exit__")):
        return None  # a rollback in `finally` undoes what was meant to be kept; a class is corrected where it stands
    arguments = (("variable", lifetime.variable), ("release", lifetime.release), ("row", lifetime.row))
    own = f"{lifetime.row.rpartition('.')[2]}(" in lifetime.call  # what a function handed out may be kept by it
    return Fix(
        "Release it in `finally`", own, plan=FixPlan("release-in-finally", (("acquire", lifetime.at),), arguments)
    )
