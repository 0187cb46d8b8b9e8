"""A cursor or stream keeps its connection because it is not closed on every way.

A `pg-cursor` that is not read to its end stays open on its client: released to the pool like that, the client answers
no further query. A `pg-query-stream` that is destroyed early (the browser went away, a `break`) never emits `end`:
a client that is released only there is lost. Close the cursor before the release; release the client on `close`.

Bad:

```javascript path=export.js
const { Pool } = require('pg');
const Cursor = require('pg-cursor');
const pool = new Pool();

async function firstPage() {
  const client = await pool.connect();
  try {
    const cursor = client.query(new Cursor('SELECT * FROM orders'));
    return await cursor.read(100);
  } finally {
    client.release();
  }
}
```

Good:

```javascript path=export.js
const { Pool } = require('pg');
const Cursor = require('pg-cursor');
const pool = new Pool();

async function firstPage() {
  const client = await pool.connect();
  try {
    const cursor = client.query(new Cursor('SELECT * FROM orders'));
    const rows = await cursor.read(100);
    await cursor.close();
    return rows;
  } finally {
    client.release();
  }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.program.facts import StreamFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC118",
    name="cursor-or-stream-not-closed",
    severity=Severity.WARNING,
    subject=Subject.PROJECT,
    formats=("javascript",),
    precision="medium",
    tags=("lifetime",),
)


def check(subject: Project, project: Project) -> Iterator[Finding]:
    for fact in subject.program.streams:
        if fact.what == "cursor":
            yield _finding(
                fact,
                "this cursor is never closed: a client released while its cursor is open answers no further query",
                "`await cursor.close()` before `client.release()`",
            )
        else:
            events = " and ".join(f"`{event}`" for event in fact.events)
            yield _finding(
                fact,
                f"the client of this stream is released on {events} only: a stream destroyed early emits `close`"
                " and nothing else",
                "release the client on the stream's `close` event, or use `stream.pipeline`/`for await` in try/finally",
            )


def _finding(fact: StreamFact, message: str, help: str) -> Finding:
    return Finding(message=message, location=fact.made, help=help, confidence=Confidence.MEDIUM, key=fact.function)
