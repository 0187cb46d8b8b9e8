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

import re
from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.finding import Finding, Fix, FixPlan, Severity
from pgconnlint.infra.examples import is_example
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
    fixes=("unsafe",),
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

_PARAMETER = (
    'parameter {\n  name         = "max_connections"\n  value        = "{number}"\n  apply_method = "pending-reboot"\n}'
)
_CONFIGURATION = (
    'resource "azurerm_postgresql_flexible_server_configuration" "{name}_max_connections" {\n'
    '  name      = "max_connections"\n  server_id = azurerm_postgresql_flexible_server.{name}.id\n'
    '  value     = "{number}"\n}'
)
_FLAG = 'database_flags {\n  name  = "max_connections"\n  value = "{number}"\n}'
_BLOCKS: dict[str, tuple[tuple[str, str], ...]] = {
    "aws_db_instance": (("into", "aws_db_parameter_group"), ("text", _PARAMETER)),
    "aws_rds_cluster": (("into", "aws_rds_cluster_parameter_group"), ("text", _PARAMETER)),
    "google_sql_database_instance": (
        ("into", "google_sql_database_instance"),
        ("within", "settings"),
        ("text", _FLAG),
    ),
    "azurerm_postgresql_flexible_server": (
        ("into", "azurerm_postgresql_flexible_server"),
        ("behind", "yes"),
        ("text", _CONFIGURATION),
    ),
}
"""The block that says it, by kind of resource; AWS's belongs into the parameter group."""

_OFFICIAL = r"(?:[\w.-]+/)*(?:postgres|postgis/postgis|timescale/timescaledb|pgvector/pgvector|ankane/pgvector)(?::.*)?"
"""Images whose command is `postgres` and takes its options; others start it in ways of their own."""

_CONTAINER = (
    ("path", "spec/template/spec/containers/*/args"),
    ("text", '["-c", "max_connections={number}"]'),
    ("unless", "command"),
    ("image", _OFFICIAL),
)
_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "Cluster": (("path", "spec/postgresql/parameters/max_connections"), ("text", '"{number}"')),
    "compose.service": (
        ("path", "services/*/command"),
        ("text", "postgres -c max_connections={number}"),
        ("unless", "entrypoint"),
        ("image", _OFFICIAL),
    ),
    "StatefulSet": _CONTAINER,
    "Deployment": _CONTAINER,
}
"""Where YAML says it."""

_TRIED = re.compile(r"(^|/)(docs?|examples?|samples?|demos?|labs?|tests?|e2e|tutorials?|workshops?|playground)/")
"""Folders of what is shown or tried out."""

_SILENT = frozenset({"conf", "declared", "external"})


def check(server: Server, project: Project) -> Iterator[Finding]:
    declaration = server.declaration
    if server.max_connections_explicit or not declaration.settings_complete or declaration.platform in _SILENT:
        return
    if declaration.replica_of is not None:
        return
    if declaration.default_max_connections is None and not declaration.default_follows_memory:
        return
    quiet = declaration.default_follows_memory or server.development or _shown(declaration)
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
        fix=_fix(declaration),
    )


def _shown(declaration: ServerDeclaration) -> bool:
    """It stands where things are shown or tried out: nobody's traffic depends on it."""
    return _TRIED.search(declaration.at.path) is not None or is_example(declaration.at.path)


def _fix(declaration: ServerDeclaration) -> Fix | None:
    """The inherited number, written down where this platform says it; a start, not the right number."""
    resource, number = declaration.resource, declaration.default_max_connections
    if resource is None or number is None or resource.kind not in (*_BLOCKS, *_KEYS):
        return None
    kind, arguments = "add-block", _BLOCKS.get(resource.kind, ())
    if resource.kind in _KEYS:
        if declaration.settings_at is not None and declaration.settings_at.path != declaration.at.path:
            return None  # a values file, whose keys follow the template
        kind, arguments = "add-key", _KEYS[resource.kind]
    change = tuple((name, text.replace("{number}", str(number))) for name, text in arguments)
    at = declaration.settings_at or declaration.at
    return Fix(f"Write the {number} down", False, plan=FixPlan(kind, (("server", at),), change))


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
