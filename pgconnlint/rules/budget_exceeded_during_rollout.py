"""In normal operation the connections suffice; while a new version is rolled out they do not.

A rolling update starts new pods before the old ones are gone: `maxSurge` (25 % by default, rounded up) more
pods, twice as many for blue/green. Each opens its full pool. The deploy that should fix something is the
one that takes the database down.

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
  replicas: 15
  strategy: {type: RollingUpdate}
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
  replicas: 10
  strategy: {type: RollingUpdate}
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
    id="PGC602",
    name="budget-exceeded-during-rollout",
    severity=Severity.ERROR,
    subject=Subject.BUDGET,
    formats=("python", "javascript", "terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("budget",),
)


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    if budget.exceeds(Phase.PEAK) or not budget.exceeds(Phase.ROLLOUT):
        return
    server = budget.server
    yield Finding(
        message=f"a rollout can ask `{server.name}` for more connections than it accepts: "
        f"{total_sum(budget, Phase.ROLLOUT)} (without the rollout {budget.total(Phase.PEAK)})",
        location=place(budget, Phase.ROLLOUT),
        help="lower maxSurge (or use Recreate), lower the pools, or put a pooler in transaction mode in front",
        steps=factor_steps(budget, Phase.ROLLOUT),
        severity=Severity.WARNING if server.development else None,
        environment=server.environment or None,
        server=server.name,
        key=server.name,
        amount=budget.excess(Phase.ROLLOUT),
        implied=(("PGC605", budget.excess(Phase.RESTART)),),
    )
