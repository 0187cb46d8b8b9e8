"""A map of pools that grows with every tenant, database or user, and never shrinks.

Each entry is a pool with a maximum of its own: the server sees the sum. A hundred tenants with ten connections each are
a thousand slots, although only a few are active at a time. Share one pool and switch with the schema or a role, put
PgBouncer in front, or keep few pools and end the ones that were not used for a while.

Bad:

```javascript path=tenants.js
const { Pool } = require("pg");
const pools = new Map();

function poolOf(tenant) {
  if (!pools.has(tenant)) {
    pools.set(tenant, new Pool({ database: tenant, max: 10 }));
  }
  return pools.get(tenant);
}
```

Good:

```javascript path=tenants.js
const { Pool } = require("pg");
const pool = new Pool({ max: 10 });

async function query(tenant, sql) {
  const client = await pool.connect();
  try {
    await client.query("select set_config('app.tenant', $1, false)", [tenant]);
    return await client.query(sql);
  } finally {
    client.release();
  }
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.program.facts import Context, PoolFact
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC206",
    name="pool-per-tenant",
    severity=Severity.WARNING,
    subject=Subject.POOL,
    formats=("python", "javascript"),
    tags=("pool", "tenants"),
    precision="medium",
)


def check(pool: PoolFact, project: Project) -> Iterator[Finding]:
    if not pool.note.startswith("map:") or pool.unpooled or Context.TEST in pool.contexts:
        return
    container = pool.note.removeprefix("map:")
    each = f" of up to {pool.size + pool.overflow} connections" if pool.size else ""
    yield Finding(
        message=f"`{container}` gets a pool{each} for every key it is asked for and never loses one",
        location=pool.at,
        help="share one pool, or end pools that were not used for a while",
        confidence=Confidence.MEDIUM,
        key=container,
    )
