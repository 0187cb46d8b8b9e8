"""A slot of the pool is held while something slow and unrelated to the database runs.

A pool of ten serves a thousand requests per second when each holds its connection for ten milliseconds, and five when
each waits two seconds for a payment provider meanwhile. When that provider hangs, every connection hangs with it, and
requests that never call it fail, too. Fetch first, then take the connection; or release it before waiting.

Bad:

```javascript path=checkout.js
const { Pool } = require('pg');
const pool = new Pool();

app.post('/checkout', async (req, res) => {
  const client = await pool.connect();
  try {
    const order = await client.query('SELECT * FROM orders WHERE id = $1', [req.body.id]);
    const charge = await fetch('https://payments.example/charge', { method: 'POST' });
    await client.query('UPDATE orders SET charge = $1', [charge.status]);
  } finally {
    client.release();
  }
});
```

```python path=app.py
import requests
from psycopg_pool import ConnectionPool

pool = ConnectionPool("dbname=shop")


def charge(order):
    with pool.connection() as conn:
        response = requests.post("https://payments.example/charge")
        conn.execute("UPDATE orders SET charge = %s", [response.status_code])
```

Good:

```javascript path=checkout.js
const { Pool } = require('pg');
const pool = new Pool();

app.post('/checkout', async (req, res) => {
  const charge = await fetch('https://payments.example/charge', { method: 'POST' });
  await pool.query('UPDATE orders SET charge = $1', [charge.status]);
});
```

```python path=app.py
import requests
from psycopg_pool import ConnectionPool

pool = ConnectionPool("dbname=shop")


def charge(order):
    response = requests.post("https://payments.example/charge")
    with pool.connection() as conn:
        conn.execute("UPDATE orders SET charge = %s", [response.status_code])
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity, Step, StepKind
from pgconnlint.program.facts import CallSite, Context, Lifetime
from pgconnlint.program.weight import in_tests
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC115",
    name="connection-held-across-slow-call",
    severity=Severity.WARNING,
    subject=Subject.CALL,
    formats=("python", "javascript"),
    precision="medium",
    tags=("lifetime",),
)

_HTTP = re.compile(
    r"(?:requests|httpx|urllib3|niquests)\.(?:get|post|put|patch|delete|head|options|request|stream)"
    r"|urllib\.request\.urlopen"
    r"|fetch|(?:node-fetch|cross-fetch|isomorphic-fetch|undici|got|ky|needle|request-promise|superagent)[:/].*"
    r"|axios:(?:default|\*|(?:default\.)?(?:get|post|put|patch|delete|head|options|request))"
)
"""Functions that talk HTTP, by their resolved names."""
_SLEEP = re.compile(r"time\.sleep|asyncio\.sleep|trio\.sleep|anyio\.sleep|timers/promises:setTimeout|delay:default")
_OTHER = re.compile(
    r"(?:openai|anthropic)\.(?:ChatCompletion|Completion|Embedding)\.\w+|smtplib\.SMTP(?:_SSL)?"
    r"|subprocess\.(?:run|call|check_call|check_output)|input"
)
_BRIEF = 1.0
"""Seconds of a constant sleep that are let pass: a retry's pause, not a wait for somebody else."""
_ONCE = frozenset({Context.TEST, Context.SCRIPT, Context.MODULE, Context.STARTUP})


def check(subject: CallSite, project: Project) -> Iterator[Finding]:
    what = _slow(subject)
    if what is None or (not subject.awaited and subject.language == "javascript"):
        return
    for lifetime in subject.held:
        if lifetime.pooled and not _once(subject, lifetime) and not in_tests(lifetime):
            yield _finding(subject, lifetime, what)
            return


def _slow(call: CallSite) -> str | None:
    """What the call waits for, or None."""
    if _SLEEP.fullmatch(call.qualified):
        unit = 1000.0 if call.language == "javascript" else 1.0
        given = call.arguments[0] if call.arguments else None
        brief = isinstance(given, int | float) and not isinstance(given, bool) and given / unit < _BRIEF
        return None if brief or (given is None and call.in_loop) else "sleeps"
    if _HTTP.fullmatch(call.qualified):
        return "waits for another server"
    return "waits for another program" if _OTHER.fullmatch(call.qualified) else None


def _once(call: CallSite, lifetime: Lifetime) -> bool:
    """Scripts and start-up code have the pool to themselves."""
    contexts = call.contexts | lifetime.contexts
    return bool(contexts) and contexts <= _ONCE


def _finding(call: CallSite, lifetime: Lifetime, what: str) -> Finding:
    name = f"`{lifetime.variable}`" if lifetime.variable else f"the {lifetime.what} of `{lifetime.call}`"
    return Finding(
        message=f"{name} is held while `{_short(call.text)}` {what}: a slot of the pool does nothing meanwhile",
        location=call.at,
        help=f"do the slow part before `{lifetime.call}`, or release first and acquire again afterwards",
        steps=(
            Step(StepKind.FLOW, f"`{lifetime.call}` acquires a {lifetime.what} here", lifetime.at),
            Step(StepKind.FLOW, f"`{_short(call.text)}` {what} while it is held", call.at),
        ),
        confidence=Confidence.MEDIUM,
        key=lifetime.variable,
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
