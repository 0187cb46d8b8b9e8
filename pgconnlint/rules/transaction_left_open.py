"""After an error the client goes back to the pool in the middle of a transaction.

node-postgres and TypeORM reset nothing when a client is released. If a statement fails and no `ROLLBACK` follows, the
client lies in the pool `idle in transaction`: it keeps its locks, and whoever takes it next runs inside the old
transaction, or gets "current transaction is aborted" for queries of their own. Roll back in `catch`, release in
`finally`.

Bad:

```javascript path=orders.js
const { Pool } = require("pg");
const pool = new Pool();

async function order(id) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("insert into orders values ($1)", [id]);
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}
```

Good:

```javascript path=orders.js
const { Pool } = require("pg");
const pool = new Pool();

async function order(id) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("insert into orders values ($1)", [id]);
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

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity, Step, StepKind
from pgconnlint.program.facts import TransactionFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC113",
    name="transaction-left-open",
    severity=Severity.ERROR,
    subject=Subject.PROJECT,
    formats=("javascript",),
    tags=("transaction", "lifetime"),
    fixes=("safe",),
)


def check(subject: Project, project: Project) -> Iterator[Finding]:
    for one in subject.program.transactions:
        failing = one.failing
        way = () if one.way is None else (Step(StepKind.FLOW, _leading(one), one.way),)
        yield Finding(
            message=f"if a statement fails, `{one.variable}` is released with the transaction of `{one.call}` open"
            if failing
            else f"`{one.variable}` is released{_line(one)} with the transaction of `{one.call}` open: "
            "it was neither committed nor rolled back",
            location=one.begin,
            help=f"in `catch`: `{one.cure}`, then throw again"
            if failing
            else f"`{one.cure}` before leaving, or commit",
            steps=(*way, Step(StepKind.FLOW, f"gives `{one.variable}` back as it is", one.release)),
            key=one.variable,
            fix=_fix(one) if failing and not one.ended else None,
        )


def _leading(one: TransactionFact) -> str:
    return "if this fails, nothing ends the transaction" if one.failing else "leaves without ending the transaction"


def _line(one: TransactionFact) -> str:
    return f" after the `return` in line {one.way.start.line}" if one.way is not None else ""


def _fix(one: TransactionFact) -> Fix:
    return Fix(
        "Roll back when a statement fails",
        True,
        plan=FixPlan("rollback", (("begin", one.begin), ("release", one.release)), (("cure", one.cure),)),
    )
