"""Static parameters are applied at the next reboot: AWS refuses `immediate`, which is also the provider's default.

Mirrors PGC405.

Fail:

```hcl
resource "aws_db_parameter_group" "shop" {
  name   = "shop"
  family = "postgres16"
  parameter {
    name         = "max_connections"
    value        = "200"
    apply_method = "immediate"
  }
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
from pgconnlint_generated_data import POSTGRES_FAMILY, STATIC_PARAMETERS, parameters, plain


class StaticParametersPendingReboot(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that static PostgreSQL parameters are applied with pending-reboot",
            id="CKV_CUSTOM_PG_004",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_db_parameter_group", "aws_rds_cluster_parameter_group"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/static-parameter-applied-immediately.md",
        )
        self.severity = Severities[BcSeverities.HIGH]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        if not POSTGRES_FAMILY.match(str(plain(conf.get("family")))):
            return CheckResult.UNKNOWN
        found, complete = parameters(conf)
        static = [one for name, one in found.items() if name in STATIC_PARAMETERS]
        methods = [str(one.get("apply_method") or "immediate").lower() for one in static]
        if "immediate" in methods:
            return CheckResult.FAILED
        surely = complete and all(method == "pending-reboot" for method in methods)
        return CheckResult.PASSED if surely else CheckResult.UNKNOWN


terraform_check = StaticParametersPendingReboot()
