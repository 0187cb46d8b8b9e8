"""A test or a command makes a pool and never closes it.

A pool has threads, timers or sockets of its own, and they outlive the function that made it. In a test run every test
adds the connections of one more pool to the same process, until the server refuses the next; a command hangs at its
end, warns about threads it could not stop, or leaves the server to find out that nobody is there any more. Whoever
makes a pool for a short while closes it, on every path. In JavaScript only tests are looked at: a script most often
ends itself with `process.exit()`, or when the pool's idle timeout has passed.

Bad:

```python path=tests/test_users.py
from psycopg_pool import ConnectionPool


def test_users():
    pool = ConnectionPool("postgresql://db/test")
    with pool.connection() as connection:
        assert connection.execute("select 1").fetchone() == (1,)
```

```typescript path=tests/users.test.ts
import { Pool } from 'pg';

test('users', async () => {
  const pool = new Pool({ connectionString: process.env.TEST_DATABASE_URL });
  const result = await pool.query('SELECT 1 AS one');
  expect(result.rows[0].one).toBe(1);
});
```

Good:

```python path=tests/test_users.py
from psycopg_pool import ConnectionPool


def test_users():
    with ConnectionPool("postgresql://db/test") as pool:
        with pool.connection() as connection:
            assert connection.execute("select 1").fetchone() == (1,)
```

```typescript path=tests/users.test.ts
import { Pool } from 'pg';

test('users', async () => {
  const pool = new Pool({ connectionString: process.env.TEST_DATABASE_URL });
  try {
    const result = await pool.query('SELECT 1 AS one');
    expect(result.rows[0].one).toBe(1);
  } finally {
    await pool.end();
  }
});
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.program import ir
from pgconnlint.program.facts import Context, PoolFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC121",
    name="pool-not-closed-at-exit",
    severity=Severity.NOTE,
    subject=Subject.POOL,
    formats=("python", "javascript"),
    tags=("lifetime", "pool"),
)

_CLOSERS = {
    "psycopg_pool.ConnectionPool": "use the pool as a context manager, or call `{name}.close()` in a `finally`",
    "asyncpg.create_pool": "write `async with asyncpg.create_pool(...) as {name}:`",
    "aiopg.create_pool": "write `async with aiopg.create_pool(...) as {name}:`",
    "pg.Pool": "call `await {name}.end()` in a `finally`, or in `afterEach`",
    "postgres": "call `await {name}.end()` in a `finally`, or in `afterEach`",
    "knex": "call `await {name}.destroy()` in a `finally`, or in `afterEach`",
}
"""Pools that live on when nobody refers to them any more, and how each is closed. Those that the interpreter collects
together with their connections (psycopg2, SQLAlchemy) are not here."""

_SHORT = frozenset({Context.TEST, Context.SCRIPT})
_MAY_BE = _SHORT | {Context.LOOP, Context.MODULE}


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    closer = _CLOSERS.get(pool.row)
    if closer is None or pool.unpooled or pool.closed or pool.escapes or pool.cached:
        return
    if pool.language == "javascript" and Context.TEST not in pool.contexts:
        return
    if pool.function == ir.MODULE or not pool.contexts & _SHORT or not pool.contexts <= _MAY_BE:
        return
    name = pool.name or "pool"
    yield Finding(
        message=f"`{name}` from `{pool.call}` is never closed: {_after(pool)}",
        location=pool.at,
        help=closer.format(name=name),
        steps=pool.steps,
        confidence=Confidence.MEDIUM,
        key=pool.name,
    )


def _after(pool: PoolFact) -> str:
    if Context.TEST in pool.contexts:
        return "its connections stay open while the other tests run"
    return "the command leaves its connections and background work behind"
