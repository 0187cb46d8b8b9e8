"""A Cloud SQL instance for PostgreSQL says in its flags how many connections are allowed.

Mirrors PGC401.

Fail:

```hcl
resource "google_sql_database_instance" "shop" {
  database_version = "POSTGRES_16"
  settings {
    tier = "db-custom-2-7680"
  }
}
```

Pass:

```hcl
resource "google_sql_database_instance" "shop" {
  database_version = "POSTGRES_16"
  settings {
    tier = "db-custom-2-7680"
    database_flags {
      name  = "max_connections"
      value = "200"
    }
  }
}
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import at, known, many, plain


class CloudSqlFlags(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that max_connections is set for Cloud SQL for PostgreSQL",
            id="CKV_CUSTOM_PG_010",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["google_sql_database_instance"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/max-connections-implicit.md",
        )
        self.severity = Severities[BcSeverities.LOW]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        read = plain(conf)
        settings = read.get("settings")
        if not str(read.get("database_version")).startswith("POSTGRES") or read.get("master_instance_name"):
            return CheckResult.UNKNOWN
        names = [at(one, "name") for one in many(at(settings, "database_flags"))]
        if "max_connections" in names:
            return CheckResult.PASSED
        surely = isinstance(settings, dict) and all(known(name) for name in names)
        dynamic = "dynamic" in read or at(settings, "dynamic")
        return CheckResult.FAILED if surely and not dynamic else CheckResult.UNKNOWN


terraform_check = CloudSqlFlags()
