"""An Azure flexible server has its built-in PgBouncer enabled; burstable servers offer none and are left out.

Mirrors PGC501, but the rule asks whether clients of the server multiply.

Fail:

```hcl
resource "azurerm_postgresql_flexible_server" "shop" {
  name     = "shop"
  sku_name = "GP_Standard_D2s_v3"
}
```

Pass:

```hcl
resource "azurerm_postgresql_flexible_server" "shop" {
  name     = "shop"
  sku_name = "GP_Standard_D2s_v3"
}

resource "azurerm_postgresql_flexible_server_configuration" "pooler" {
  name      = "pgbouncer.enabled"
  server_id = azurerm_postgresql_flexible_server.shop.id
  value     = "true"
}
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import known, linked, plain


class AzurePgbouncerEnabled(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the built-in PgBouncer of Azure flexible servers is enabled",
            id="CKV_CUSTOM_PG_009",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["azurerm_postgresql_flexible_server"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/no-pooler.md",
        )
        self.severity = Severities[BcSeverities.MEDIUM]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        sku, replica = plain(conf.get("sku_name")), plain(conf.get("create_mode")) == "Replica"
        if replica or not known(sku) or str(sku).startswith("B_"):
            return CheckResult.UNKNOWN
        address, kind = str(conf.get("__address__")), "azurerm_postgresql_flexible_server_configuration"
        settings = linked(self.graph, self.entity_path, address, kind)
        written = [one.get("value") for one in settings if one.get("name") == "pgbouncer.enabled"]
        if any(str(value).lower() == "true" for value in written):
            return CheckResult.PASSED
        unread = any(not known(one.get("name")) for one in settings) or any(not known(value) for value in written)
        return CheckResult.UNKNOWN if unread or self.graph is None else CheckResult.FAILED


terraform_check = AzurePgbouncerEnabled()
