"""When everything restarts at once, the slots of the dead and the connections of the living do not fit together.

A server does not notice at once that a client is gone: its slot stays taken while its query runs, with
default keepalives for two hours. Everything that comes back opens its pool beside the dead slots, is
refused, fails its liveness probe and is restarted again: the death spiral.

Bad:

```yaml path=stack.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: shop}
spec:
  instances: 1
  postgresql: {parameters: {max_connections: "100"}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 10
  strategy: {type: Recreate}
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-rw:5432/shop"}]
```

```javascript path=api/db.js
const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
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
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 7
  strategy: {type: Recreate}
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-rw:5432/shop"}]
```

```javascript path=api/db.js
const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
module.exports = { pool };
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Budget, Phase
from pgconnlint.budget.wording import factor_steps, place, total_sum
from pgconnlint.finding import Finding, Severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC605",
    name="budget-exceeded-on-restart",
    severity=Severity.WARNING,
    subject=Subject.BUDGET,
    formats=("python", "javascript", "terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("budget",),
)


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    if budget.exceeds(Phase.PEAK) or budget.exceeds(Phase.ROLLOUT) or not budget.exceeds(Phase.RESTART):
        return
    server = budget.server
    if not budget.restart_counts:
        return
    yield Finding(
        message=f"a restart of everything at once can ask `{server.name}` for more connections than it accepts: "
        f"{total_sum(budget, Phase.RESTART)}",
        location=place(budget, Phase.RESTART),
        help="put a pooler in transaction mode in front, reconnect with backoff and jitter, and set "
        "client_connection_check_interval so that dead clients are noticed",
        steps=factor_steps(budget, Phase.RESTART),
        environment=server.environment or None,
        server=server.name,
        key=server.name,
        amount=budget.excess(Phase.RESTART),
    )
