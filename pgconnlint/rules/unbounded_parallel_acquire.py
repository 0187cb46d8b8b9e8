"""Every element of a list opens a connection of its own at the same time.

`Promise.all` and `asyncio.gather` start everything at once. When each task opens an unpooled connection, a list of a
thousand elements is a thousand connections, and the server refuses the rest and everybody else's. Tasks that share a
pool merely queue for it, which is fine.

Bad:

```python path=app.py
import asyncio
import asyncpg


async def load(tenant):
    conn = await asyncpg.connect(f"postgresql://localhost/{tenant}")
    try:
        return await conn.fetch("SELECT * FROM orders")
    finally:
        await conn.close()


async def load_all(tenants):
    return await asyncio.gather(*[load(tenant) for tenant in tenants])
```

```javascript path=load.js
const { Client } = require('pg');

async function loadAll(tenants) {
  return Promise.all(tenants.map(async (tenant) => {
    const client = new Client({ database: tenant });
    await client.connect();
    try {
      return await client.query('SELECT * FROM orders');
    } finally {
      await client.end();
    }
  }));
}
```

Good:

```python path=app.py
import asyncio
import asyncpg


async def load_all(dsn, ids):
    async with asyncpg.create_pool(dsn, max_size=5) as pool:
        return await asyncio.gather(*[pool.fetch("SELECT * FROM orders WHERE id = $1", id) for id in ids])
```

```javascript path=load.js
const { Pool } = require('pg');
const pool = new Pool({ max: 5 });

async function loadAll(ids) {
  return Promise.all(ids.map((id) => pool.query('SELECT * FROM orders WHERE id = $1', [id])));
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.program.drivers import tables
from pgconnlint.program.drivers.row import Kind, Operation
from pgconnlint.program.facts import CallSite, Context
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC119",
    name="unbounded-parallel-acquire",
    severity=Severity.WARNING,
    subject=Subject.CALL,
    formats=("python", "javascript"),
    precision="medium",
    tags=("lifetime",),
)


def check(subject: CallSite, project: Project) -> Iterator[Finding]:
    if not subject.parallel or subject.row is None or Context.TEST in subject.contexts:
        return
    kind, operation = _row(subject.row)
    if operation is None or not _opens(kind, operation):
        return
    text = subject.text if len(subject.text) <= 60 else subject.text[:59] + "…"
    together = "asyncio.gather" if subject.language == "python" else "Promise.all"
    yield Finding(
        message=f"`{text}` opens a connection for every element of a list at the same time (`{together}`)",
        location=subject.at,
        help="share one pool with a fixed size between the tasks, or bound them (a semaphore, `p-limit`)",
        confidence=Confidence.MEDIUM,
        key=subject.function,
    )


def _row(row: str) -> tuple[Kind | None, Operation | None]:
    """The kind of value that the call opens, and the operation; a plain function's kind is what it returns."""
    kind, _, name = row.rpartition(".")
    method = tables().method(kind, name)
    if method is not None:
        opened = kind if method.opens else method.returns or ""
        return tables().kinds.get(opened), method
    function = tables().functions.get(row)
    return (tables().kinds.get(function.returns or ""), function) if function is not None else (None, None)


def _opens(kind: Kind | None, operation: Operation) -> bool:
    if kind is None or kind.pooled or kind.pool:
        return False
    return operation.opens if kind.lazy == "connect" else operation.acquires
