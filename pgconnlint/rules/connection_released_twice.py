"""A connection is released a second time.

node-postgres throws `Release called on client which has already been released to the pool`, psycopg2's pool raises
`PoolError: trying to put unkeyed connection`, and postgres.js silently frees the connection somebody else has
reserved since. Where a second release does nothing, nothing is said.

Bad:

```javascript path=order.js
const { Pool } = require('pg');
const pool = new Pool();

async function order(id) {
  const client = await pool.connect();
  try {
    const result = await client.query('SELECT * FROM orders WHERE id = $1', [id]);
    client.release();
    return result.rows[0];
  } finally {
    client.release();
  }
}
```

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def touch():
    conn = pool.getconn()
    try:
        conn.cursor().execute("UPDATE orders SET seen = true")
    except Exception:
        pool.putconn(conn)
        raise
    finally:
        pool.putconn(conn)
```

Good:

```javascript path=order.js
const { Pool } = require('pg');
const pool = new Pool();

async function order(id) {
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

from pgconnlint.finding import Finding, Severity
from pgconnlint.program.facts import FunctionFact, Lifetime, Verdict
from pgconnlint.program.weight import named, severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC105",
    name="connection-released-twice",
    severity=Severity.ERROR,
    subject=Subject.FUNCTION,
    formats=("python", "javascript"),
    tags=("lifetime",),
)


def check(subject: FunctionFact, project: Project) -> Iterator[Finding]:
    for lifetime in subject.lifetimes:
        if lifetime.verdict is Verdict.TWICE:
            yield _finding(lifetime)


def _finding(lifetime: Lifetime) -> Finding:
    where = f" at line {lifetime.breaker.start.line}" if lifetime.breaker is not None else ""
    message = f"{named(lifetime)} from `{lifetime.call}` is released twice: again{where}"
    return Finding(
        message=message,
        location=lifetime.at,
        help=f"keep one release, in `finally`: `{lifetime.release}`",
        steps=lifetime.steps,
        severity=severity(lifetime),
        confidence=lifetime.confidence,
        key=lifetime.variable,
    )
