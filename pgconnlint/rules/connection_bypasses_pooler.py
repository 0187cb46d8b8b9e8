"""An application points at the server although a pooler stands in front of it.

The pooler bounds what goes through it. What goes past it adds to the same slots, unbounded by anybody:
the budget that was made for the pooler no longer holds. Migrations, `directUrl`, listeners, exporters and
backups need the direct way and are left alone; others can be declared with `[[direct]]`.

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
  pgbouncer: {poolMode: transaction}
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
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-rw:5432/shop"}]
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
  pgbouncer: {poolMode: transaction}
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
          env: [{name: DATABASE_URL, value: "postgres://shop@shop-pooler:5432/shop"}]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.matching import declared_direct
from pgconnlint.budget.model import Route, Server
from pgconnlint.budget.roles import is_helper
from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC507",
    name="connection-bypasses-pooler",
    severity=Severity.WARNING,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "helm", "compose"),
    tags=("pooler",),
)


def check(server: Server, project: Project) -> Iterator[Finding]:
    shared = [pooler for pooler in server.poolers if pooler.sidecar_of is None and pooler.platform != "label"]
    if not shared:
        return
    for route in server.routes:
        if route.pooler is None and _counts(route, server.routes, project):
            yield _finding(route, server, shared[0])


def _counts(route: Route, routes: tuple[Route, ...], project: Project) -> bool:
    if route.special or route.assumed or not route.host or is_helper(route.workload):
        return False
    return not declared_direct(route, project.config)


def _finding(route: Route, server: Server, pooler: PoolerDeclaration) -> Finding:
    port = f":{pooler.port}" if pooler.port else ""
    address = f"`{pooler.hosts[0]}{port}`" if pooler.hosts else f"port {pooler.port}" if pooler.port else "its address"
    return Finding(
        message=f"`{route.workload.name}` connects to `{route.host}` directly, past the pooler `{pooler.name}`",
        location=route.at,
        help=f"point it at the pooler ({address}), or declare the connection with `[[direct]]` and a reason",
        steps=(
            Step(StepKind.DECLARATION, f"the pooler `{pooler.name}` stands in front of `{server.name}`", pooler.at),
        ),
        environment=route.workload.environment or None,
        server=server.name,
        key=f"{route.workload.name}:{route.container.name}",
    )
