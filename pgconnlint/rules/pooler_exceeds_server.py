"""The pooler alone may open more connections than its server accepts.

A pool exists for every (database, user) pair and in every pooler process: `default_pool_size` is
multiplied before the server sees it. Sidecar poolers multiply by the pods they run in. When the product
is above the server's capacity, the pooler moves "too many clients" from the application to itself.

Bad:

```yaml path=cluster.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: shop
spec:
  instances: 1
  postgresql:
    parameters:
      max_connections: "100"
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata:
  name: shop-pooler
spec:
  cluster:
    name: shop
  instances: 3
  pgbouncer:
    poolMode: transaction
    parameters:
      default_pool_size: "60"
```

Good:

```yaml path=cluster.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: shop
spec:
  instances: 1
  postgresql:
    parameters:
      max_connections: "100"
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata:
  name: shop-pooler
spec:
  cluster:
    name: shop
  instances: 3
  pgbouncer:
    poolMode: transaction
    parameters:
      default_pool_size: "20"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Budget, Demand, Phase
from pgconnlint.budget.wording import factor_steps
from pgconnlint.finding import Finding, Severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.text import Location

RULE = Rule(
    id="PGC503",
    name="pooler-exceeds-server",
    severity=Severity.ERROR,
    subject=Subject.BUDGET,
    formats=("terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("pooler", "budget"),
)


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    if not budget.pooler_exceeds:
        return
    capacity, opened = budget.server.capacity, budget.pooler_connections
    poolers = [one for one in budget.demands if one.pooler is not None and one.pooler.platform != "rds-proxy"]
    largest = max(poolers, key=lambda one: (one.connections.get(Phase.PEAK) or 0, one.name))
    yield Finding(
        message=f"{_who(poolers)} can open {opened} connections on `{budget.server.name}`, which accepts "
        f"{capacity}: {' and '.join(_sum(one) for one in poolers)} > {capacity}",
        location=_place(largest),
        help=f"keep the product of pool size, pooler processes and (database, user) pairs at or below {budget.gate}; "
        "`max_db_connections` caps it for each database",
        steps=factor_steps(budget, Phase.PEAK),
        environment=budget.server.environment or None,
        server=budget.server.name,
        key=budget.server.name,
    )


def _who(poolers: list[Demand]) -> str:
    if len(poolers) == 1:
        return f"the pooler `{poolers[0].name}` alone"
    return "the poolers " + ", ".join(f"`{one.name}`" for one in poolers)


def _sum(demand: Demand) -> str:
    """The product and its result; a number that is one product by itself is not repeated."""
    product, _, result = demand.sums[Phase.PEAK].rpartition(" = ")
    return result if product == result else demand.sums[Phase.PEAK]


def _place(demand: Demand) -> Location:
    """Where the size is written, else the pooler's own header."""
    sizes = [factor for factor in demand.factors[1:] if factor.at is not None and not factor.assumed]
    return sizes[0].at or demand.at if sizes else demand.at
