"""A `with` block that looks as if it closed the connection only ends the transaction.

`with psycopg2.connect(...) as conn:` commits or rolls back; the connection stays open. The same holds for a
connection from `pool.getconn()`, of psycopg2 and psycopg_pool alike: `with` does not put it back. Use
`contextlib.closing`, or the pool's own context manager.

Bad:

```python path=app.py
import psycopg2


def orders():
    with psycopg2.connect("dbname=shop") as conn:
        with conn.cursor() as cursor:
            cursor.execute("SELECT * FROM orders")
            return cursor.fetchall()
```

Good:

```python path=app.py
from contextlib import closing

import psycopg2


def orders():
    with closing(psycopg2.connect("dbname=shop")) as conn:
        with conn, conn.cursor() as cursor:
            cursor.execute("SELECT * FROM orders")
            return cursor.fetchall()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import FunctionFact, Lifetime, Verdict
from pgconnlint.program.weight import named, severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC107",
    name="with-block-does-not-close",
    severity=Severity.ERROR,
    subject=Subject.FUNCTION,
    formats=("python",),
    tags=("lifetime",),
    fixes=("safe", "unsafe"),
)


def check(subject: FunctionFact, project: Project) -> Iterator[Finding]:
    for lifetime in subject.lifetimes:
        if lifetime.verdict is Verdict.WITH_KEEPS_OPEN:
            yield _finding(lifetime)


def _finding(lifetime: Lifetime) -> Finding:
    message = f"`with` on {named(lifetime)} from `{lifetime.call}` ends the transaction and does not close it"
    if lifetime.pooled:
        message = f"`with` on {named(lifetime)} from `{lifetime.call}` ends the transaction and does not put it back"
    return Finding(
        message=message,
        location=lifetime.at,
        help=(
            f"put it back in `finally`: `{lifetime.release}`"
            if lifetime.pooled
            else f"use `with contextlib.closing({lifetime.call}) as {lifetime.variable or 'conn'}:`"
        ),
        steps=lifetime.steps,
        severity=severity(lifetime),
        confidence=lifetime.confidence,
        key=lifetime.variable,
        fix=_fix(lifetime),
    )


def _fix(lifetime: Lifetime) -> Fix:
    arguments = (("variable", lifetime.variable), ("release", lifetime.release), ("row", lifetime.row))
    title = "Put it back when the block ends" if lifetime.pooled else "Close it when the block ends"
    return Fix(title, True, plan=FixPlan("close-with", (("acquire", lifetime.at),), arguments))
