"""A parameter that needs a reboot is applied with `apply_method = "immediate"`.

`max_connections`, `shared_buffers` and other static parameters take effect only after a restart, and AWS refuses to
apply them immediately: `InvalidParameterCombination: cannot use immediate apply method for static parameter`. The plan
looks fine; the apply fails half-way, often in the middle of an incident. `immediate` is also the provider's default,
so a parameter without `apply_method` fails in the same way.

Bad:

```hcl path=main.tf
resource "aws_db_parameter_group" "shop" {
  family = "postgres16"
  parameter {
    name  = "max_connections"
    value = "200"
  }
}
```

Good:

```hcl path=main.tf
resource "aws_db_parameter_group" "shop" {
  family = "postgres16"
  parameter {
    name         = "max_connections"
    value        = "200"
    apply_method = "pending-reboot"
  }
}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity, Step, StepKind
from pgconnlint.infra.platforms import RDS_STATIC_PARAMETERS
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value, text
from pgconnlint.infra.terraform.known_modules import is_aws, parameter_lists
from pgconnlint.infra.terraform.lookup import blocks
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC405",
    name="static-parameter-applied-immediately",
    severity=Severity.ERROR,
    subject=Subject.RESOURCE,
    formats=("terraform",),
    precision="very-high",
    kinds=("aws_db_parameter_group", "aws_rds_cluster_parameter_group", "module"),
    tags=("capacity",),
    fixes=("safe",),
)

_VERSION = re.compile(r"(?:aurora-)?postgres(?:ql)?\d")


def check(resource: Resource, project: Project) -> Iterator[Finding]:
    if not _is_postgres(resource):
        return
    for parameter in _parameters(resource):
        name = parameter.get("name")
        written = text(name)
        if name is None or written is None or written.lower() not in RDS_STATIC_PARAMETERS:
            continue
        method = parameter.get("apply_method")
        if isinstance(method, Unknown) or (method is None and parameter.partial):
            continue
        if method is None or text(method) is None:
            message = f"`{written}` needs a reboot, and without `apply_method` it is applied at once: AWS refuses that"
            yield _finding(message, name, written, _added(name, resource))
        elif (text(method) or "").lower() == "immediate":
            message = f"`{written}` needs a reboot, but `apply_method` is `immediate`: AWS refuses that"
            yield _finding(message, method, written, _set(method))


def _is_postgres(resource: Resource) -> bool:
    """The family, or a module's engine, says PostgreSQL; where it cannot be read, nothing is said."""
    attributes = resource.attributes
    if resource.kind != "module":
        return _VERSION.match(text(attributes.get("family")) or "") is not None
    if not is_aws(text(attributes.get("source")) or ""):
        return False
    return (text(attributes.get("engine")) or "") in ("postgres", "aurora-postgresql")


def _parameters(resource: Resource) -> Iterable[Mapping]:
    if resource.kind != "module":
        yield from blocks(resource.attributes.get("parameter"))
        return
    for values in parameter_lists(resource):
        yield from blocks(values)


def _set(method: Value) -> FixPlan:
    change = (("key", "apply_method"), ("old", text(method) or ""), ("text", "pending-reboot"))
    return FixPlan("set-value", (("value", method.at),), change)


def _added(name: Value, resource: Resource) -> FixPlan:
    change = (
        ("name", "apply_method"),
        ("text", '"pending-reboot"'),
        ("block", "object" if resource.kind == "module" else "parameter"),
    )
    return FixPlan("add-setting", (("beside", name.at),), change)


def _finding(message: str, value: Value, name: str, plan: FixPlan) -> Finding:
    assert isinstance(value, Known)
    declared = tuple(Step(StepKind.DECLARATION, f"`{name}` comes from here", place) for place in value.via)
    return Finding(
        message=message,
        location=value.at,
        help='set `apply_method = "pending-reboot"` for this parameter and plan the reboot',
        steps=declared,
        key=name,
        fix=Fix("Apply it with the next reboot", True, plan=plan),
    )
