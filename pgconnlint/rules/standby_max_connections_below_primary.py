"""A standby allows fewer connections than its primary: it will not start, or it stops replaying.

PostgreSQL refuses hot standby when `max_connections` is below the primary's value, because the standby
must be able to hold every transaction the primary can have open.

Bad:

```hcl path=main.tf
resource "aws_db_parameter_group" "primary" {
  name   = "primary"
  family = "postgres16"
  parameter {
    name         = "max_connections"
    value        = "500"
    apply_method = "pending-reboot"
  }
}
resource "aws_db_parameter_group" "replica" {
  name   = "replica"
  family = "postgres16"
  parameter {
    name         = "max_connections"
    value        = "200"
    apply_method = "pending-reboot"
  }
}
resource "aws_db_instance" "primary" {
  identifier           = "shop"
  engine               = "postgres"
  instance_class       = "db.r6g.2xlarge"
  parameter_group_name = aws_db_parameter_group.primary.name
}
resource "aws_db_instance" "replica" {
  identifier           = "shop-replica"
  instance_class       = "db.r6g.2xlarge"
  replicate_source_db  = aws_db_instance.primary.identifier
  parameter_group_name = aws_db_parameter_group.replica.name
}
```

Good:

```hcl path=main.tf
resource "aws_db_parameter_group" "shop" {
  name   = "shop"
  family = "postgres16"
  parameter {
    name         = "max_connections"
    value        = "500"
    apply_method = "pending-reboot"
  }
}
resource "aws_db_instance" "primary" {
  identifier           = "shop"
  engine               = "postgres"
  instance_class       = "db.r6g.2xlarge"
  parameter_group_name = aws_db_parameter_group.shop.name
}
resource "aws_db_instance" "replica" {
  identifier           = "shop-replica"
  instance_class       = "db.r6g.2xlarge"
  replicate_source_db  = aws_db_instance.primary.identifier
  parameter_group_name = aws_db_parameter_group.shop.name
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.budget.model import Server
from pgconnlint.budget.settings import max_connections
from pgconnlint.finding import Finding, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC409",
    name="standby-max-connections-below-primary",
    severity=Severity.ERROR,
    subject=Subject.SERVER,
    formats=("terraform", "kubernetes", "conf"),
    tags=("capacity", "replication"),
)


def check(server: Server, project: Project) -> Iterator[Finding]:
    if server.primary is None or server.max_connections is None:
        return
    primary = max_connections(server.primary)
    if primary.value is None or server.max_connections >= primary.value:
        return
    if not (primary.explicit or server.max_connections_explicit):
        return
    yield Finding(
        message=f"the standby `{server.name}` allows {server.max_connections} connections, "
        f"its primary `{server.primary.name}` {primary.value}: the standby will not start",
        location=server.max_connections_at or server.declaration.at,
        help=f"allow at least {primary.value} on the standby",
        steps=(
            Step(
                StepKind.FACTOR,
                f"the primary `{server.primary.name}`: {primary.value}",
                primary.at or server.primary.at,
                primary.value,
                "connections",
            ),
        ),
        key=server.name,
    )
