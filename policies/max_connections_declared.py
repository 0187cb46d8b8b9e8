"""A parameter group for PostgreSQL says how many connections are allowed.

Mirrors PGC401, but the rule speaks once for a server, of whichever kind, and only where an instance is declared.

Fail:

```hcl
resource "aws_db_parameter_group" "shop" {
  name   = "shop"
  family = "postgres16"
}
```

Pass:

```hcl
resource "aws_db_parameter_group" "shop" {
  name   = "shop"
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

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import POSTGRES_FAMILY, parameters, plain


class MaxConnectionsDeclared(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that max_connections is set in PostgreSQL parameter groups",
            id="CKV_CUSTOM_PG_002",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_db_parameter_group", "aws_rds_cluster_parameter_group"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/max-connections-implicit.md",
        )
        self.severity = Severities[BcSeverities.LOW]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        if not POSTGRES_FAMILY.match(str(plain(conf.get("family")))):
            return CheckResult.UNKNOWN
        found, complete = parameters(conf)
        if "max_connections" in found:
            return CheckResult.PASSED
        return CheckResult.FAILED if complete else CheckResult.UNKNOWN


terraform_check = MaxConnectionsDeclared()
