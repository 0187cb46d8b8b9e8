"""A connection is used after it was given back.

From the release on it belongs to whoever gets it next: the query runs in the middle of somebody else's
transaction, or the driver refuses it. Objects that may be used again after `close()` (SQLAlchemy's Session) are
not meant.

Bad:

```javascript path=order.js
const { Pool } = require('pg');
const pool = new Pool();

async function order(id) {
  const client = await pool.connect();
  client.release();
  const result = await client.query('SELECT * FROM orders WHERE id = $1', [id]);
  return result.rows[0];
}
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
    id="PGC106",
    name="connection-used-after-release",
    severity=Severity.ERROR,
    subject=Subject.FUNCTION,
    formats=("python", "javascript"),
    tags=("lifetime",),
)


def check(subject: FunctionFact, project: Project) -> Iterator[Finding]:
    for lifetime in subject.lifetimes:
        if lifetime.verdict is Verdict.AFTER_RELEASE:
            yield _finding(lifetime)


def _finding(lifetime: Lifetime) -> Finding:
    used = f"`{lifetime.breaker_call}`" if lifetime.breaker_call else "it"
    where = f" (line {lifetime.breaker.start.line})" if lifetime.breaker is not None else ""
    message = f"{named(lifetime)} from `{lifetime.call}` is used after its release: {used}{where}"
    return Finding(
        message=message,
        location=lifetime.at,
        help=f"move `{lifetime.release}` behind the last use, into `finally`",
        steps=lifetime.steps,
        severity=severity(lifetime),
        confidence=lifetime.confidence,
        key=lifetime.variable,
    )
