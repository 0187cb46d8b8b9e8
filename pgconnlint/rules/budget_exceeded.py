"""Everything that connects can together open more connections than the server accepts.

Worst-case `pool x processes x replicas` of every client, at the autoscaler's maximum, is compared with
`0.8 x (max_connections - reserved)`. The fifth that is left is for people, migrations and the moment when
two versions run at once. Above the gate, the next busy hour ends in `FATAL: sorry, too many clients already`.

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
  replicas: 50
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
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Budget, Phase
from pgconnlint.budget.wording import factor_steps, place, total_sum
from pgconnlint.finding import Finding, Severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC601",
    name="budget-exceeded",
    severity=Severity.ERROR,
    subject=Subject.BUDGET,
    formats=("python", "javascript", "terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("budget",),
)


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    if not budget.exceeds(Phase.PEAK) or budget.pooler_exceeds:
        return  # PGC503 says it where the pooler alone is too much
    server = budget.server
    yield Finding(
        message=f"`{server.name}` can be asked for more connections than it accepts: {total_sum(budget, Phase.PEAK)}",
        location=place(budget, Phase.PEAK),
        help="put a pooler in transaction mode in front, or lower the pools until the sum fits "
        f"{budget.gate} connections",
        steps=factor_steps(budget, Phase.PEAK),
        severity=Severity.WARNING if server.development else None,
        environment=server.environment or None,
        server=server.name,
        key=server.name,
        amount=budget.excess(Phase.PEAK),
        implied=(("PGC602", budget.excess(Phase.ROLLOUT)), ("PGC605", budget.excess(Phase.RESTART))),
    )
