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
from pgconnlint.infra.model import ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value
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

_SIZES = (
    ("instance_class",),
    ("db_cluster_instance_class",),
    ("settings", "tier"),
    ("sku_name",),
    ("size",),
    ("machine_config", "cpu_count"),
)
"""Attributes that name an instance's size, by provider; blocks are lists of one."""
_SILENT = frozenset({"conf", "declared", "external"})


def check(server: Server, project: Project) -> Iterator[Finding]:
    declaration = server.declaration
    if server.max_connections_explicit or not declaration.settings_complete or declaration.platform in _SILENT:
        return
    if declaration.replica_of is not None:
        return
    if declaration.default_max_connections is None and not declaration.default_follows_memory:
        return
    quiet = declaration.default_follows_memory or server.development
    yield Finding(
        message=f"`max_connections` of `{server.name}` is not set: it inherits {_inherited(declaration)}",
        location=declaration.settings_at or declaration.at,
        help=(
            "write the number down, chosen from the budget of everything that connects"
            if not declaration.default_follows_memory
            else "write the number down if clients count on it: it changes when the instance is resized"
        ),
        severity=Severity.NOTE if quiet else Severity.WARNING,
        key=declaration.name,
    )


def _inherited(declaration: ServerDeclaration) -> str:
    """The number, or what it follows and why it cannot be told."""
    if declaration.default_max_connections is not None:
        reason = f" ({declaration.default_reason})" if declaration.default_reason else ""
        return f"{declaration.default_max_connections}{reason}"
    name, size = _size(declaration.resource)
    match size:
        case Known(value=value):
            return f"what the provider derives from the memory of `{value}`, an instance size not known here"
        case Unknown(reason=reason):
            return f"what the provider derives from the instance's memory (`{name}`: {reason})"
    if declaration.memory_label:
        return f"what the provider derives from the memory of {declaration.memory_label}"
    return "a number that follows the memory it is given, and no size or limit is written here"


def _size(resource: Resource | None) -> tuple[str, Value | None]:
    """The attribute that says how large the instance is, and its value."""
    for path in _SIZES if resource is not None else ():
        value: Value | None = resource.attributes if resource is not None else None
        for step in path:
            if isinstance(value, Sequence):
                value = value.items[0] if value.items else None
            value = value.items.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, Known | Unknown):
            return ".".join(path), value
    return "", None
