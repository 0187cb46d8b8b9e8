"""Nobody chose `max_connections`: the inherited default decides when the server turns clients away.

A stock server accepts 100 connections, 3 of them reserved; charts, operators and images inherit that
number without showing it. It is found out the day a deploy or an autoscaler needs the 98th. Where a
provider derives the number from the instance's memory, it silently changes with every resize: then this
is a note that names the number of today.

Bad:

```yaml path=cluster.yaml
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: shop
spec:
  instances: 3
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
      max_connections: "200"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.finding import Finding, Severity
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC401",
    name="max-connections-implicit",
    severity=Severity.WARNING,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "helm", "compose"),
    tags=("capacity",),
)

_SILENT = frozenset({"conf", "declared", "external"})


def check(server: Server, project: Project) -> Iterator[Finding]:
    declaration = server.declaration
    if server.max_connections_explicit or not declaration.settings_complete or declaration.platform in _SILENT:
        return
    if declaration.replica_of is not None:
        return
    if declaration.default_max_connections is None and not declaration.default_follows_memory:
        return
    number = declaration.default_max_connections
    shown = f"{number}" if number is not None else "a number of the provider's"
    reason = f" ({declaration.default_reason})" if declaration.default_reason else ""
    quiet = declaration.default_follows_memory or server.development
    yield Finding(
        message=f"`max_connections` of `{server.name}` is not set: it inherits {shown}{reason}",
        location=declaration.settings_at or declaration.at,
        help=(
            "write the number down, chosen from the budget of everything that connects"
            if not declaration.default_follows_memory
            else "write the number down if clients count on it: it changes when the instance is resized"
        ),
        severity=Severity.NOTE if quiet else Severity.WARNING,
        key=declaration.name,
    )
