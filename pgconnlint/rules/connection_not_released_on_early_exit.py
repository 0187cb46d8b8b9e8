"""A return, break, continue or callback path leaves without releasing the connection.

The happy path releases, a shorter path does not: a cache hit, a "not found", an `if (err) return next(err)`. Every
time that path is taken one slot is gone, so the pool empties with the traffic that takes it.

Bad:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def order(number):
    conn = pool.getconn()
    if number is None:
        return None
    try:
        conn.cursor().execute("SELECT * FROM orders WHERE id = %s", (number,))
    finally:
        pool.putconn(conn)
```

```javascript path=order.js
const { Pool } = require('pg');
const pool = new Pool();

function order(id, next) {
  pool.connect((err, client, done) => {
    if (err) return next(err);
    client.query('SELECT * FROM orders WHERE id = $1', [id], (err, result) => {
      if (err) return next(err);
      done();
      next(null, result.rows[0]);
    });
  });
}
```

Good:

```python path=app.py
from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 10, "dbname=shop")


def order(number):
    if number is None:
        return None
    conn = pool.getconn()
    try:
        conn.cursor().execute("SELECT * FROM orders WHERE id = %s", (number,))
    finally:
        pool.putconn(conn)
```

```javascript path=order.js
const { Pool } = require('pg');
const pool = new Pool();

function order(id, next) {
  pool.connect((err, client, done) => {
    if (err) return next(err);
    client.query('SELECT * FROM orders WHERE id = $1', [id], (err, result) => {
      done();
      if (err) return next(err);
      next(null, result.rows[0]);
    });
  });
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import FunctionFact, Lifetime, Verdict
from pgconnlint.program.weight import named, severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC103",
    name="connection-not-released-on-early-exit",
    severity=Severity.ERROR,
    subject=Subject.FUNCTION,
    formats=("python", "javascript"),
    tags=("lifetime",),
    fixes=("safe", "unsafe"),
)


def check(subject: FunctionFact, project: Project) -> Iterator[Finding]:
    for lifetime in subject.lifetimes:
        if lifetime.verdict is Verdict.EARLY_EXIT:
            yield _finding(lifetime)


def _finding(lifetime: Lifetime) -> Finding:
    where = f" at line {lifetime.breaker.start.line}" if lifetime.breaker is not None else ""
    exit_ = f" (`{lifetime.breaker_call}`)" if lifetime.breaker_call else ""
    message = f"{named(lifetime)} from `{lifetime.call}` is not released on the early exit{where}{exit_}"
    return Finding(
        message=message,
        location=lifetime.at,
        help=f"put `{lifetime.release}` where every way out passes: a `finally` block, or before this exit",
        steps=lifetime.steps,
        severity=severity(lifetime),
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
