"""`BEGIN` sent through a pool: each statement may go to another connection.

A pool's `query` takes any free client, runs one statement and gives the client back. `BEGIN` opens a transaction on one
client, the next statement may run on another, outside of it; `COMMIT` may end somebody else's. The first client stays
in the open transaction, holds its locks and goes back to the pool like that. Take one client and use it for all of it.

Bad:

```javascript path=transfer.js
const { Pool } = require("pg");
const pool = new Pool();

async function transfer(from, to, amount) {
  await pool.query("BEGIN");
  await pool.query("update accounts set balance = balance - $1 where id = $2", [amount, from]);
  await pool.query("update accounts set balance = balance + $1 where id = $2", [amount, to]);
  await pool.query("COMMIT");
}
```

Good:

```javascript path=transfer.js
const { Pool } = require("pg");
const pool = new Pool();

async function transfer(from, to, amount) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("update accounts set balance = balance - $1 where id = $2", [amount, from]);
    await client.query("update accounts set balance = balance + $1 where id = $2", [amount, to]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.program.facts import StatementFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC114",
    name="transaction-on-pool",
    severity=Severity.ERROR,
    subject=Subject.STATEMENT,
    formats=("javascript", "python"),
    tags=("transaction", "pool"),
)

_BEGIN = re.compile(
    r"\s*(BEGIN(\s+(TRANSACTION|WORK|ISOLATION|READ)\b.*)?|START\s+TRANSACTION\b.*)\s*;?\s*$", re.I | re.S
)
_END = re.compile(r"\s*(COMMIT|END|ROLLBACK)\b(?!\s+PREPARED)", re.I)
_TEST = re.compile(r"(^|/)(tests?|__tests__|examples?|spec)/|\.(test|spec)\.")
_IDIOM = {
    "pg": "take one client for all of it: `const client = await pool.connect()`, `client.release()` in `finally`",
    "postgres.js": "use `sql.begin(async (sql) => { ... })`",
    "Knex": "use `knex.transaction(async (trx) => { ... })`",
    "knex": "use `knex.transaction(async (trx) => { ... })`",
    "sequelize": "use `sequelize.transaction(async (transaction) => { ... })`",
    "typeorm": "use `dataSource.transaction(async (manager) => { ... })`",
    "pg-promise": "use `db.tx(async (t) => { ... })`",
    "asyncpg": "use `async with pool.acquire() as connection, connection.transaction():`",
    "SQLAlchemy": "use `with engine.begin() as connection:`",
}


def check(statement: StatementFact, project: Project) -> Iterator[Finding]:
    if statement.receiver != "pool" or not _BEGIN.match(statement.sql):
        return
    first = statement.sql.split()
    ends = [
        one
        for one in project.program.statements
        if one.at.path == statement.at.path and one.function == statement.function and _END.match(one.sql)
    ]
    if ends and all(one.receiver != "pool" for one in ends):
        return  # the other statements go through a client of their own; this one is odd, but ends nothing
    yield Finding(
        message=f"`{' '.join(first).rstrip(';')}` goes to whichever client of the pool is free; the statements after it"
        " may run on other connections, outside of the transaction",
        location=statement.at,
        help=_IDIOM.get(statement.library, "use one connection for the whole transaction"),
        steps=tuple(
            Step(StepKind.FLOW, f"`{one.sql.strip().rstrip(';')[:20]}` may end another transaction", one.at)
            for one in ends[:4]
        ),
        severity=Severity.WARNING if _TEST.search(statement.at.path) else None,
        key=statement.function,
    )
