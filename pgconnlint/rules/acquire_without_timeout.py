"""Waiting for a connection of this pool has no limit.

When every connection is taken, node-postgres queues the next caller for ever: requests pile up, health checks hang, and
nothing in the log says why. With a limit the caller gets an error that names the pool, and the load goes elsewhere.

Bad:

```javascript path=db.js
const { Pool } = require("pg");

const pool = new Pool({ max: 10 });

const express = require("express");
const app = express();
app.get("/users", async (req, res) => {
  res.json(await pool.query("select * from users"));
});
```

Good:

```javascript path=db.js
const { Pool } = require("pg");

const pool = new Pool({ max: 10, connectionTimeoutMillis: 5000 });

const express = require("express");
const app = express();
app.get("/users", async (req, res) => {
  res.json(await pool.query("select * from users"));
});
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.program.facts import Context, Option, PoolFact
from pgconnlint.program.pool_specs import SPECS, PoolSpec
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC203",
    name="acquire-without-timeout",
    severity=Severity.NOTE,
    subject=Subject.POOL,
    formats=("javascript",),
    tags=("pool",),
    fixes=("unsafe",),
)

_TEST = re.compile(
    r"(^|/)(tests?|__tests__|e2e|scripts?|seeds?|migrations?|examples?|bench\w*|perf\w*|tools?|bin)/|\.(test|spec)\."
)


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    spec = next((one for one in SPECS if one.row == pool.row), None)
    if spec is None or not spec.timeout or spec.timeout_default is not None or pool.note == "edge":
        return
    if pool.per_call or pool.contexts & {Context.TEST, Context.SCRIPT} or _TEST.search(pool.at.path):
        return
    option = pool.options.get(spec.timeout)
    if option is not None and option.value != 0:
        return
    if option is None and pool.size is None:
        return  # options that could not be read
    what = f"`{pool.name}`" if pool.name else f"`{pool.call}`"
    yield Finding(
        message=f"when all connections of {what} are taken, callers wait for ever",
        location=option.at if option is not None else pool.at,
        help=f"set `{spec.timeout}`, for example to 5000",
        key=pool.name,
        fix=_fix(pool, spec, option),
    )


def _fix(pool: PoolFact, spec: PoolSpec, option: Option | None) -> Fix:
    """How long a caller may wait is the user's decision: never a safe fix."""
    name = spec.timeout
    title = f"Set `{name}` to 5000 ms"
    if option is not None:
        changed = (("key", name), ("old", "0"), ("text", "5000"))
        return Fix(title, False, plan=FixPlan("set-value", (("value", option.at),), changed))
    added = (("name", name), ("text", "5000"), ("within", spec.nested[0] if spec.nested else ""))
    return Fix(title, False, plan=FixPlan("add-option", (("call", pool.at),), added))
