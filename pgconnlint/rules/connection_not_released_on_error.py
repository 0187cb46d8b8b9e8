"""A connection is released when all goes well, and lost when a call in between raises.

Errors come in bursts: a deadlock, a time-out or a failed constraint takes one slot each time, so an outage that
should pass within a minute empties the pool and stays. Releasing belongs into `finally` (or `with`), where every
way out passes.

Bad:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def order(number):
    conn = pool.getconn()
    cursor = conn.cursor()
    cursor.execute("SELECT * FROM orders WHERE id = %s", (number,))
    row = cursor.fetchone()
    pool.putconn(conn)
    return row
```

```typescript path=order.ts
import { Pool } from 'pg';
const pool = new Pool();

export async function order(id: number) {
  const client = await pool.connect();
  const result = await client.query('SELECT * FROM orders WHERE id = $1', [id]);
  client.release();
  return result.rows[0];
}
```

Good:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def order(number):
    conn = pool.getconn()
    try:
        cursor = conn.cursor()
        cursor.execute("SELECT * FROM orders WHERE id = %s", (number,))
        return cursor.fetchone()
    finally:
        pool.putconn(conn)
```

```typescript path=order.ts
import { Pool } from 'pg';
const pool = new Pool();

export async function order(id: number) {
  const client = await pool.connect();
  try {
    const result = await client.query('SELECT * FROM orders WHERE id = $1', [id]);
    return result.rows[0];
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
from pgconnlint.program.weight import in_tests, named, severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC102",
    name="connection-not-released-on-error",
    severity=Severity.ERROR,
    subject=Subject.FUNCTION,
    formats=("python", "javascript"),
    tags=("lifetime",),
    fixes=("safe", "unsafe"),
)


def check(subject: FunctionFact, project: Project) -> Iterator[Finding]:
    for lifetime in subject.lifetimes:
        if lifetime.verdict is Verdict.ON_ERROR:
            yield _finding(lifetime)


def _finding(lifetime: Lifetime) -> Finding:
    cause = f"`{lifetime.breaker_call}` raises" if lifetime.breaker_call else "a call in between raises"
    message = f"{named(lifetime)} from `{lifetime.call}` is not released if {cause}"
    return Finding(
        message=message,
        location=lifetime.at,
        help=f"acquire, then `try`, and `{lifetime.release}` in `finally`",
        steps=lifetime.steps,
        severity=Severity.NOTE if in_tests(lifetime) else severity(lifetime),  # the test has failed already
        confidence=lifetime.confidence,
        key=lifetime.variable,
        fix=_fix(lifetime),
    )


def _fix(lifetime: Lifetime) -> Fix | None:
    if "rollback" in lifetime.release or "commit" in lifetime.release:
        return None  # a rollback in `finally` undoes what was meant to be kept
    arguments = (
        ("variable", lifetime.variable),
        ("release", lifetime.release),
        ("row", lifetime.row),
        ("ends", "released"),
    )
    return Fix(
        "Release it in `finally`", True, plan=FixPlan("release-in-finally", (("acquire", lifetime.at),), arguments)
    )
