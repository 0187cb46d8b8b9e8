"""A second connection is taken from a pool while one of it is held.

Ten requests that each hold one of ten connections and wait for a second one wait for each other for ever: the pool is
deadlocked although the database is idle. It does not show in tests, where one request runs at a time, only under load.
In a transaction it is mostly a mistake of another kind as well: the second connection does not see the first one's
changes.

Bad:

```javascript path=order.js
const { Pool } = require('pg');
const pool = new Pool();

async function order(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE orders SET paid = true WHERE id = $1', [id]);
    await pool.query('INSERT INTO audit(order_id) VALUES ($1)', [id]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
```

```python path=app.py
from psycopg_pool import ConnectionPool

pool = ConnectionPool("dbname=shop")


def order(id):
    with pool.connection() as conn:
        conn.execute("UPDATE orders SET paid = true WHERE id = %s", [id])
        with pool.connection() as other:
            other.execute("INSERT INTO audit(order_id) VALUES (%s)", [id])
```

Good:

```javascript path=order.js
const { Pool } = require('pg');
const pool = new Pool();

async function order(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE orders SET paid = true WHERE id = $1', [id]);
    await client.query('INSERT INTO audit(order_id) VALUES ($1)', [id]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
```

```python path=app.py
from psycopg_pool import ConnectionPool

pool = ConnectionPool("dbname=shop")


def order(id):
    with pool.connection() as conn:
        conn.execute("UPDATE orders SET paid = true WHERE id = %s", [id])
        conn.execute("INSERT INTO audit(order_id) VALUES (%s)", [id])
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity, Step, StepKind
from pgconnlint.program.drivers import tables
from pgconnlint.program.facts import CallSite, Context, Lifetime
from pgconnlint.program.weight import in_tests
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC116",
    name="nested-acquire",
    severity=Severity.WARNING,
    subject=Subject.CALL,
    formats=("python", "javascript"),
    precision="medium",
    tags=("lifetime",),
)

_MIGRATIONS = re.compile(r"(^|/)(db[-_])?migrations?/")
"""What runs once, and alone."""

_ONCE = frozenset({Context.TEST, Context.SCRIPT, Context.MODULE, Context.STARTUP})


def check(subject: CallSite, project: Project) -> Iterator[Finding]:
    if not subject.held or not _takes(subject):
        return
    for lifetime in subject.held:
        if lifetime.pooled and _same_pool(subject, lifetime) and not _exempt(subject, lifetime):
            yield _finding(subject, lifetime)
            return


def _takes(call: CallSite) -> bool:
    """The call takes a connection of a pool, if only for one statement."""
    if call.row is None:
        return False
    kind, _, name = call.row.rpartition(".")
    row = tables().kinds.get(kind)
    operation = tables().method(kind, name)
    if row is None or operation is None or not row.pool or operation.releases or operation.returns == "self":
        return False
    if operation.acquires or operation.manager or operation.callback is not None:
        return True
    return operation.awaited and name not in ("listen", "subscribe")


def _same_pool(call: CallSite, lifetime: Lifetime) -> bool:
    """Both are written as a method of the same expression: `pool.connect()`, `pool.query(...)`."""
    ours, theirs = _owner(call.text), _owner(lifetime.call)
    return ours is not None and ours == theirs and call.at != lifetime.at


def _owner(text: str) -> str | None:
    found = re.match(r"(?:await\s+)?([\w$.#]+?)\.\w+\s*(?:<[^()]*>)?\(", text)
    return found.group(1) if found else None


def _exempt(call: CallSite, lifetime: Lifetime) -> bool:
    """The held connection is handed on, or there is no load that could use up the pool."""
    contexts = call.contexts | lifetime.contexts
    if in_tests(lifetime) or (contexts and contexts <= _ONCE) or _MIGRATIONS.search(call.path):
        return True
    if call.passed & {lifetime.variable, "transaction", "transacting"}:
        return True
    arguments = call.text.partition("(")[2]
    named = lifetime.variable and re.search(rf"(?<![\w$.]){re.escape(lifetime.variable)}(?![\w$])", arguments)
    return bool(named) or "transaction:" in arguments.replace(" ", "") or "transacting" in arguments


def _finding(call: CallSite, lifetime: Lifetime) -> Finding:
    owner = _owner(call.text)
    text = call.text if len(call.text) <= 60 else call.text[:59] + "…"
    held = f"`{lifetime.variable}`" if lifetime.variable else f"a {lifetime.what}"
    instead = f"use `{lifetime.variable}`" if lifetime.variable else f"use the {lifetime.what} at hand"
    return Finding(
        message=f"`{text}` takes a second connection of `{owner}` while {held} is held: "
        "under load every holder waits for another one",
        location=call.at,
        help=f"{instead} for this statement, too, or release it first",
        steps=(
            Step(StepKind.FLOW, f"`{lifetime.call}` acquires a {lifetime.what} here", lifetime.at),
            Step(StepKind.FLOW, f"`{text}` waits for another one", call.at),
        ),
        confidence=Confidence.MEDIUM,
        key=owner or "",
    )
