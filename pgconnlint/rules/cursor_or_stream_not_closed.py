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

import re
from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.program.facts import CallSite, Context
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC118",
    name="cursor-or-stream-not-closed",
    severity=Severity.WARNING,
    subject=Subject.CALL,
    formats=("javascript",),
    precision="medium",
    tags=("lifetime",),
)

_CURSORS = frozenset({"pg-cursor.default", "pg-cursor.*"})
_STREAMS = frozenset({"pg-query-stream.default", "pg-query-stream.*"})
_AFTER = 4_000
"""Characters after the construction that are taken to deal with the cursor or stream."""
_READ_OUT = re.compile(
    r"\.close\(|for\s+await|rows\.length|\.length\s*(?:===?|!==?|>|<)|while\s*\(|asyncIterator|\byield\b"
)
_ENDED = re.compile(r"['\"]close['\"]|\bpipeline\(|\bfinished\(|for\s+await|asyncIterator|\.once\(|addAbortSignal")
_RELEASES_ON_END = re.compile(r"\.on\(\s*['\"]end['\"]\s*,[^;]{0,200}?(?:\brelease\b|\bdone\b)")


def check(subject: CallSite, project: Project) -> Iterator[Finding]:
    if subject.row not in _CURSORS | _STREAMS or Context.TEST in subject.contexts:
        return
    document = project.document(subject.path)
    if document is None:
        return
    start = subject.at.span.end
    after = document.text[start : start + _AFTER]
    if subject.row in _CURSORS and re.search(r"\.read\(", after) and not _READ_OUT.search(after):
        yield _finding(
            subject,
            "this cursor is never closed: a client released while its cursor is open answers no further query",
            "`await cursor.close()` before `client.release()`",
        )
    elif subject.row in _STREAMS and _RELEASES_ON_END.search(after) and not _ENDED.search(after):
        yield _finding(
            subject,
            "the client of this stream is released on `end` only: a stream that is destroyed early never emits it",
            "release the client on the stream's `close` event, or use `stream.pipeline`/`for await` in try/finally",
        )


def _finding(call: CallSite, message: str, help: str) -> Finding:
    return Finding(message=message, location=call.at, help=help, confidence=Confidence.MEDIUM, key=call.function)
