"""The pooler pools transactions; session mode is the default of PgBouncer and of CloudNativePG's Pooler.

Mirrors PGC502, but the rule judges a ConfigMap only where a pooler of the repository uses it.

Fail:

```yaml
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata:
  name: shop
spec:
  cluster: {name: shop}
  instances: 2
  pgbouncer: {}
```

Pass:

```yaml
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata:
  name: shop
spec:
  cluster: {name: shop}
  instances: 2
  pgbouncer: {poolMode: transaction}
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import at, ini_files, plain, pool_mode


class PoolerModeTransaction(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the pooler does not pool in session mode",
            id="CKV_CUSTOM_PG_007",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["Pooler", "ConfigMap", "postgresql"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/pooler-in-session-mode.md",
        )
        self.severity = Severities[BcSeverities.MEDIUM]

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        kind, version = conf.get("kind"), str(conf.get("apiVersion", ""))
        if kind == "Pooler" and version.startswith("postgresql.cnpg.io/"):
            return _mode(at(conf, "spec", "pgbouncer", "poolMode") or "session")
        if kind == "postgresql" and version.startswith("acid.zalan.do/"):
            return _mode(at(conf, "spec", "connectionPooler", "mode"))
        return _config_map(conf)


class PoolerModeTransactionTerraform(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the pooler does not pool in session mode",
            id="CKV_CUSTOM_PG_007",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=[
                "kubernetes_config_map",
                "kubernetes_config_map_v1",
                "digitalocean_database_connection_pool",
            ],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/pooler-in-session-mode.md",
        )
        self.severity = Severities[BcSeverities.MEDIUM]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        read = plain(conf)
        return _mode(read["mode"]) if "mode" in read else _config_map(read)


def _config_map(conf: dict[str, Any]) -> CheckResult:
    modes = [pool_mode(sections) for sections in ini_files(conf)]
    return _mode("session" if "session" in modes else modes[0]) if modes else CheckResult.UNKNOWN


def _mode(mode: Any) -> CheckResult:
    match str(mode).lower():
        case "session":
            return CheckResult.FAILED
        case "transaction" | "statement":
            return CheckResult.PASSED
    return CheckResult.UNKNOWN


kubernetes_check = PoolerModeTransaction()
terraform_check = PoolerModeTransactionTerraform()
