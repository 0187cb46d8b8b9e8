"""The only reference to a held connection is replaced.

A loop or a retry assigns the next connection to the same name before the last one was given back. Nobody can
release the first one any more; only the last is closed at the end.

Bad:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def copy(tables):
    for table in tables:
        conn = pool.getconn()
        conn.cursor().execute("SELECT count(*) FROM orders")
    pool.putconn(conn)
```

```javascript path=copy.js
const { Pool } = require('pg');
const pool = new Pool();

async function copy(tables) {
  let client;
  for (const table of tables) {
    client = await pool.connect();
    await client.query('SELECT 1');
  }
  client.release();
}
```

Good:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def copy(tables):
    conn = pool.getconn()
    try:
        for table in tables:
            conn.cursor().execute("SELECT count(*) FROM orders")
    finally:
        pool.putconn(conn)
```

```javascript path=copy.js
const { Pool } = require('pg');
const pool = new Pool();

async function copy(tables) {
  const client = await pool.connect();
  try {
    for (const table of tables) {
      await client.query('SELECT 1');
    }
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
from pgconnlint.program.weight import severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC104",
    name="connection-overwritten-while-held",
    severity=Severity.ERROR,
    subject=Subject.FUNCTION,
    formats=("python", "javascript"),
    tags=("lifetime",),
)


def check(subject: FunctionFact, project: Project) -> Iterator[Finding]:
    for lifetime in subject.lifetimes:
        if lifetime.verdict is Verdict.OVERWRITTEN:
            yield _finding(lifetime)


def _finding(lifetime: Lifetime) -> Finding:
    name = f"`{lifetime.variable}`" if lifetime.variable else "its variable"
    message = f"{lifetime.what} from `{lifetime.call}` is lost: {name} is assigned again while it is held"
    return Finding(
        message=message,
        location=lifetime.at,
        help=f"release before assigning again: `{lifetime.release}`",
        steps=lifetime.steps,
        severity=severity(lifetime),
        confidence=lifetime.confidence,
        key=lifetime.variable,
    )
