"""An asynchronous release, commit or rollback is started and never awaited.

In Python a coroutine that nobody awaits never runs: the connection is not given back at all. In JavaScript the function
goes on before the transaction has ended: the answer is sent before the commit, a failing commit or rollback becomes an
unhandled rejection that ends the process, and the slot is still taken when the next statement asks for one.

Bad:

```python path=app.py
import asyncpg


async def orders(pool: asyncpg.Pool):
    conn = await pool.acquire()
    try:
        return await conn.fetch("SELECT * FROM orders")
    finally:
        pool.release(conn)
```

```javascript path=orders.js
const { Sequelize } = require('sequelize');
const sequelize = new Sequelize('postgres://localhost/shop');

async function pay(id) {
  const t = await sequelize.transaction();
  try {
    await Order.update({ paid: true }, { where: { id }, transaction: t });
    await t.commit();
  } catch (error) {
    t.rollback();
    throw error;
  }
}
```

Good:

```python path=app.py
import asyncpg


async def orders(pool: asyncpg.Pool):
    conn = await pool.acquire()
    try:
        return await conn.fetch("SELECT * FROM orders")
    finally:
        await pool.release(conn)
```

```javascript path=orders.js
const { Sequelize } = require('sequelize');
const sequelize = new Sequelize('postgres://localhost/shop');

async function pay(id) {
  const t = await sequelize.transaction();
  try {
    await Order.update({ paid: true }, { where: { id }, transaction: t });
    await t.commit();
  } catch (error) {
    await t.rollback();
    throw error;
  }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.program.drivers import tables
from pgconnlint.program.drivers.row import Operation
from pgconnlint.program.facts import CallSite, Context
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC117",
    name="release-not-awaited",
    severity=Severity.WARNING,
    subject=Subject.CALL,
    formats=("python", "javascript"),
    tags=("lifetime",),
    fixes=("safe",),
)

_ENDINGS = frozenset({"commit", "rollback"})


def check(subject: CallSite, project: Project) -> Iterator[Finding]:
    if subject.row is None or subject.awaited:
        return
    kind, _, name = subject.row.rpartition(".")
    operation = tables().method(kind, name)
    if operation is None or not operation.awaited or not (operation.releases or operation.ends):
        return
    written = subject.text.partition("(")[0].rpartition(".")[2]
    if subject.language == "javascript" and not _matters(subject, operation, written):
        return
    text = subject.text if len(subject.text) <= 60 else subject.text[:59] + "…"
    yield Finding(
        message=_message(subject, text, written),
        location=subject.at,
        help=f"`await {text}`",
        key=written,
        fix=Fix(f"Await `{written}`", True, plan=FixPlan("await", (("call", subject.at),))),
    )


def _matters(call: CallSite, operation: Operation, written: str) -> bool:
    """JavaScript runs it anyway: only the end of a transaction, and a platform that freezes, make it a defect."""
    if Context.TEST in call.contexts:
        return False
    if written in _ENDINGS and operation.releases == "self":
        return True
    return Context.SERVERLESS in call.contexts and bool(operation.releases)


def _message(call: CallSite, text: str, written: str) -> str:
    if call.language == "python":
        return f"`{text}` is a coroutine that nobody awaits: it never runs, and the connection stays out"
    if Context.SERVERLESS in call.contexts and written not in _ENDINGS:
        return f"`{text}` is not awaited: the platform may freeze the function before the connection is closed"
    return f"`{text}` is not awaited: the function goes on while the transaction still holds its connection"
