"""Clients reach the server directly and nothing pools on the server side.

Every pod opens a pool of its own; each replica, each worker process and each autoscaler step multiplies it.
The server sees the product. One pooler in transaction mode between them turns the product into a
constant. A `pgbouncer-enabled: "true"` label or a pooler sidecar counts as a pooler.

Bad:

```yaml path=api.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 12
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api:1.4
          env:
            - {name: DATABASE_URL, value: "postgres://shop@db.example.internal:5432/shop"}
```

Good:

```yaml path=api.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 12
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: shop/api:1.4
          env:
            - {name: DATABASE_URL, value: "postgres://shop@pgbouncer:6432/shop"}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.matching import declared_direct
from pgconnlint.budget.model import Budget, Phase, Route, Server
from pgconnlint.budget.roles import is_helper, replicas_of
from pgconnlint.finding import Confidence, Finding, Fix, FixPlan, Severity, Step, StepKind
from pgconnlint.infra.model import WorkloadDeclaration
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC501",
    name="no-pooler",
    severity=Severity.WARNING,
    subject=Subject.BUDGET,
    formats=("terraform", "kubernetes", "helm", "compose"),
    tags=("pooler",),
    fixes=("manual",),
)

_SHOWN = 3
"""Further clients that the message names; all of them are steps."""
_CROWD = 3
"""Programs that share a development server, from which on it is worth a note."""

_PODS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
_SERVERLESS = frozenset({"lambda", "cloudrun", "function"})


def check(budget: Budget, project: Project) -> Iterator[Finding]:
    server = budget.server
    if server.poolers or server.declaration.platform in ("declared", "conf"):
        return
    twins = [one for one in project.servers if (one.name, one.environment) == (server.name, server.environment)]
    routes = [
        route
        for route in server.routes
        if route.pooler is None and _serves(route, project) and not _another_is_nearer(route, server, twins)
    ]
    if any(route.pooler for route in server.routes):
        return
    crowded = _half_used(budget)
    many = [route for route in routes if crowded or _multiplies(route)]
    if many and not server.development:
        for environment in dict.fromkeys(route.workload.environment for route in many):
            yield _at_client([one for one in many if one.workload.environment == environment], server.name)
    elif server.declaration.platform != "external" and routes and (crowded or _matters(server, routes)):
        yield _at_server(budget, routes)


def _serves(route: Route, project: Project) -> bool:
    return not route.special and not is_helper(route.workload) and not declared_direct(route, project.config)


def _another_is_nearer(route: Route, server: Server, twins: list[Server]) -> bool:
    """Of servers of one name, each in a namespace of its own, the one meant is the one in the client's own folder."""
    folder = route.workload.at.path.split("/")[:-1]
    own = _shared(folder, server)
    return any(_shared(folder, one) > own for one in twins)


def _shared(folder: list[str], server: Server) -> int:
    """How many folders from the root down the server's file has in common with ``folder``."""
    other = server.declaration.at.path.split("/")[:-1]
    pairs = zip(folder, other, strict=False)
    return next((depth for depth, (one, two) in enumerate(pairs) if one != two), min(len(folder), len(other)))


def _half_used(budget: Budget) -> bool:
    total, capacity = budget.total(Phase.PEAK), budget.server.capacity
    return bool(total and capacity and total > capacity / 2)


def _matters(server: Server, routes: list[Route]) -> bool:
    """On a developer's machine one program and its worker are no crowd: nobody wants a pooler there."""
    clients = {route.workload.name for route in routes}
    return not server.development or len(clients) >= _CROWD or any(_multiplies(route) for route in routes)


def _multiplies(route: Route) -> bool:
    workload = route.workload
    if workload.development:
        return False
    replicas = replicas_of(workload)
    autoscaled = workload.max_replicas is not None and replicas is None
    return workload.kind in _SERVERLESS or workload.kind == "DaemonSet" or autoscaled or (replicas or 1) > 1


def _at_client(routes: list[Route], server: str) -> Finding:
    """One pooler is missing, however many clients would use it: the heaviest one is underlined."""
    ordered = sorted(routes, key=lambda route: -(replicas_of(route.workload) or 1))
    first = ordered[0]
    others = list(
        {one.workload.name: one for one in reversed(ordered) if one.workload.name != first.workload.name}.values()
    )
    others.reverse()
    workload = first.workload
    where = f"`{first.host}`" if first.host else f"`{server}`" if server != "the database" else "its database"
    return Finding(
        message=f"{_subject(workload, others)} to {where} directly: nothing pools on the server side",
        location=workload.at,
        help='put PgBouncer (transaction mode) in front, or label the pods `pgbouncer-enabled: "true"` '
        "when a sidecar is injected",
        steps=(
            Step(StepKind.DECLARATION, "the address is given here", first.at),
            *(Step(StepKind.DECLARATION, _another(one), one.workload.at) for one in others),
        ),
        confidence=Confidence.MEDIUM if all(one.assumed for one in routes) else Confidence.HIGH,
        environment=workload.environment or None,
        key=server if others else workload.name,
        fix=_fix(workload) if not others and workload.kind in _PODS else None,
    )


def _fix(workload: WorkloadDeclaration) -> Fix:
    """The label says that a sidecar is injected: the user has to know that one is."""
    label = (("path", "spec/template/metadata/labels/pgbouncer-enabled"), ("text", '"true"'))
    plan = FixPlan("add-key", (("workload", workload.at),), label)
    return Fix("Label the pods: a pooler is injected into them", False, plan=plan, manual=True)


def _subject(workload: WorkloadDeclaration, others: list[Route]) -> str:
    replicas = replicas_of(workload)
    several = replicas is not None and replicas > 1
    if not others:
        return f"{replicas} replicas of `{workload.name}` connect" if several else f"every `{workload.name}` connects"
    first = f"{replicas} replicas of `{workload.name}`" if several else f"`{workload.name}`"
    return f"{first}, and {_listed(others)} connect"


def _listed(routes: list[Route]) -> str:
    names = [*dict.fromkeys(f"`{one.workload.name}`" for one in routes)]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _another(route: Route) -> str:
    replicas = replicas_of(route.workload)
    many = f"{replicas} replicas of " if replicas is not None and replicas > 1 else ""
    return f"{many}`{route.workload.name}` would use the same pooler"


def _at_server(budget: Budget, routes: list[Route]) -> Finding:
    server = budget.server
    names = dict.fromkeys(route.workload.name for route in routes)
    clients = _listed(routes)
    return Finding(
        message=f"nothing pools connections in front of `{server.name}`"
        + (f": {clients} connect{'s' if len(names) == 1 else ''} directly" if routes else ""),
        location=server.declaration.at,
        help="before this grows beyond one replica, put a pooler in transaction mode in front",
        severity=Severity.NOTE,
        key=server.name,
    )
