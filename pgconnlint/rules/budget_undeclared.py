"""A server and its clients are here, but a number of the budget could not be read.

The gate only holds when every factor is known. This note names the one fact to declare, in the
configuration, so that the sum can be checked from now on.

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
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: registry.example.com/api
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-rw:5432/shop"}]
```

```javascript path=billing/db.js
const { Pool } = require('pg');
const pool = new Pool({ max: Number(process.env.POOL_SIZE) });
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
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: registry.example.com/api
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-rw:5432/shop"}]
```

```javascript path=api/db.js
const { Pool } = require('pg');
const pool = new Pool({ max: 5 });
module.exports = { pool };
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.missing import to_declare
from pgconnlint.budget.model import Budget
from pgconnlint.finding import Finding, Severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC604",
    name="budget-undeclared",
    severity=Severity.NOTE,
    subject=Subject.BUDGET,
    formats=("python", "javascript", "terraform", "kubernetes", "helm", "compose"),
    tags=("budget",),
)


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    server = budget.server
    if server.declaration.platform in ("external", "conf") or server.development or not server.routes:
        return
    if not project.program.pools:
        return  # a repository without the applications' source has nothing to match
    missing = [one for one in to_declare(budget) if not one.what.startswith("what bounds")]  # that is PGC603's
    if not missing:
        return
    yield Finding(
        message=f"the connection budget of `{server.name}` cannot be computed: "
        f"{'; '.join(one.what for one in missing)}",
        location=server.declaration.at,
        help=f"declare it in pgconnlint.toml: {'; '.join(f'`{one.line}`' for one in missing)}",
        environment=server.environment or None,
        server=server.name,
        key=server.name,
        amount=len(missing),
    )
