"""A client can open connections without any upper bound.

`max_overflow=-1`, a connection for every call or thread, functions without a concurrency limit: no budget
can hold what has no end. The server's limit is then the only one, and everybody meets it at the same time.

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
          image: shop/api
          env: [{name: DATABASE_URL, value: "postgresql://shop@shop-rw:5432/shop"}]
```

```python path=api/db.py
import os

from sqlalchemy import create_engine

engine = create_engine(os.environ["DATABASE_URL"], pool_size=5, max_overflow=-1)
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
          image: shop/api
          env: [{name: DATABASE_URL, value: "postgresql://shop@shop-rw:5432/shop"}]
```

```python path=api/db.py
import os

from sqlalchemy import create_engine

engine = create_engine(os.environ["DATABASE_URL"], pool_size=5, max_overflow=5)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.missing import of_demand
from pgconnlint.budget.model import Budget, Demand, Phase
from pgconnlint.budget.wording import demand_steps
from pgconnlint.finding import Finding, Severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC603",
    name="budget-unbounded",
    severity=Severity.WARNING,
    subject=Subject.BUDGET,
    formats=("python", "javascript", "terraform", "kubernetes", "helm", "compose"),
    tags=("budget",),
)

_SERVERLESS = frozenset({"lambda", "cloudrun", "function"})


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    for demand in budget.demands:
        reason = demand.unbounded or _serverless(demand)
        if not reason or (demand.pool is not None and demand.pool.unpooled and _is_small(budget, demand)):
            continue  # PGC109 says it where the connection is opened
        at = demand.pool.at if demand.pool is not None and demand.unbounded else demand.at
        yield Finding(
            message=f"`{demand.name}` can open connections to `{budget.server.name}` without an upper bound: {reason}",
            location=at,
            help="give it a bound: a pool with a maximum, a concurrency limit, or a pooler in front; what bounds it "
            f"elsewhere is declared in pgconnlint.toml: {_declared(demand)}",
            steps=tuple(demand_steps(demand)),
            environment=budget.server.environment or None,
            server=budget.server.name,
            key=demand.name,
        )


def _is_small(budget: Budget, demand: Demand) -> bool:
    """A development server, or a platform's database that only its Procfile tells of."""
    procfile = demand.workload is not None and demand.workload.kind == "procfile"
    return budget.server.development or (procfile and budget.server.declaration.platform == "external")


def _serverless(demand: Demand) -> str:
    """Functions without a concurrency limit; an autoscaler or a secret number is PGC604's."""
    workload = demand.workload
    if workload is None or workload.kind not in _SERVERLESS or workload.concurrency is not None:
        return ""
    return "no limit on concurrent instances" if demand.connections.get(Phase.PEAK) is None else ""


def _declared(demand: Demand) -> str:
    return "; ".join(f"`{one.line}`" for one in of_demand(demand))
