"""The applications can open more connections than the pooler accepts from clients.

`max_client_conn` (100 by default) bounds PgBouncer's client side. Beyond it clients are turned away with
`no more connections allowed (max_client_conn)`, although the server would be idle: the pooler becomes
the outage it was bought against. Client slots cost about 2 kB each: be generous.

Bad:

```yaml path=stack.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: shop}
spec:
  instances: 1
  postgresql: {parameters: {max_connections: "100"}}
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: {name: shop-pooler}
spec:
  cluster: {name: shop}
  instances: 1
  pgbouncer: {poolMode: transaction, parameters: {max_client_conn: "100"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 20
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-pooler:5432/shop"}]
```

```javascript path=api/db.js
const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
module.exports = { pool };
```

Good:

```yaml path=stack.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: shop}
spec:
  instances: 1
  postgresql: {parameters: {max_connections: "100"}}
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata: {name: shop-pooler}
spec:
  cluster: {name: shop}
  instances: 1
  pgbouncer: {poolMode: transaction, parameters: {max_client_conn: "1000"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 20
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-pooler:5432/shop"}]
```

```javascript path=api/db.js
const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
module.exports = { pool };
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Budget, Phase
from pgconnlint.budget.wording import demand_steps
from pgconnlint.finding import Finding, Severity
from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.infra.resource import Unknown, integer
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC505",
    name="pooler-clients-below-demand",
    severity=Severity.ERROR,
    subject=Subject.BUDGET,
    formats=("terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("pooler", "budget"),
)


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    for pooler in budget.server.poolers:
        if pooler.sidecar_of is not None:
            continue
        limit = _client_limit(pooler)
        clients = [one for one in budget.pooled if one.through == pooler.name]
        opened = sum(one.connections.get(Phase.PEAK) or 0 for one in clients)
        if limit is None or opened <= limit:
            continue
        sums = " and ".join(one.sums[Phase.PEAK] for one in clients if one.connections.get(Phase.PEAK))
        written = pooler.max_client_conn
        yield Finding(
            message=f"clients can open {opened} connections to the pooler `{pooler.name}`, which accepts {limit}"
            f"{'' if written else ' (the default)'}: {sums} > {limit}",
            location=written.at if written else pooler.at,
            help=f"set `max_client_conn` to at least {opened}, and the file descriptor limit with it",
            steps=tuple(step for one in clients for step in demand_steps(one)),
            environment=budget.server.environment or None,
            server=budget.server.name,
            key=pooler.name,
        )


def _client_limit(pooler: PoolerDeclaration) -> int | None:
    """Clients all processes accept together; None when it cannot be told."""
    processes = 1 if pooler.processes is None else integer(pooler.processes)
    if isinstance(pooler.max_client_conn, Unknown) or processes is None:
        return None
    each = pooler.default_max_client_conn if pooler.max_client_conn is None else integer(pooler.max_client_conn)
    return None if each is None else each * processes
