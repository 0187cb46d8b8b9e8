"""`max_connections` was raised above the platform's default with no pooler in front.

Raising the limit is the first answer to "too many clients already", and it buys weeks: each slot costs
memory and, above a few hundred active ones, throughput. A pooler in transaction mode serves thousands of
clients over a few dozen server connections; raising the limit does not.

Bad:

```yaml path=cluster.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: shop
spec:
  instances: 3
  postgresql:
    parameters:
      max_connections: "800"
```

Good:

```yaml path=cluster.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: shop
spec:
  instances: 3
  postgresql:
    parameters:
      max_connections: "800"
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata:
  name: shop-pooler
spec:
  cluster:
    name: shop
  instances: 2
  pgbouncer:
    poolMode: transaction
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC403",
    name="max-connections-raised-without-pooler",
    severity=Severity.WARNING,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "helm", "compose", "conf"),
    tags=("capacity", "pooler"),
)

_STOCK = 100
_MANAGED = frozenset({"rds", "aurora", "cloudsql", "alloydb", "azure", "digitalocean"})


def check(server: Server, project: Project) -> Iterator[Finding]:
    declaration = server.declaration
    number, at = server.max_connections, server.max_connections_at
    if not server.max_connections_explicit or number is None or at is None or server.poolers:
        return
    if declaration.platform in ("declared", "external") or declaration.replica_of is not None:
        return
    if declaration.platform == "conf" and project.infrastructure.poolers:
        return  # a file alone does not say which server it is for, nor what the poolers here stand in front of
    default = declaration.default_max_connections
    if default is None:
        if declaration.platform in _MANAGED:
            return
        default = _STOCK
    if number <= default or any(route.pooler for route in server.routes):
        return
    steps = []
    if declaration.default_reason:
        steps.append(
            Step(StepKind.FACTOR, f"default: {declaration.default_reason}", declaration.at, default, "connections")
        )
    yield Finding(
        message=f"`max_connections` of `{server.name}` is raised to {number} (default {default}) "
        "and nothing pools in front of it",
        location=at,
        help="put a pooler in transaction mode in front and keep the limit low",
        steps=tuple(steps),
        severity=Severity.NOTE if server.development else None,
        key=declaration.name,
    )
