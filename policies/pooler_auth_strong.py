"""PgBouncer asks for passwords: `auth_type` is neither `any` nor `trust`.

Mirrors PGC504, but the rule also warns of `plain` and notes `md5`.

Fail:

```yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: pgbouncer
data:
  pgbouncer.ini: |
    [databases]
    shop = host=db
    [pgbouncer]
    pool_mode = transaction
    auth_type = trust
```

Pass:

```yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: pgbouncer
data:
  pgbouncer.ini: |
    [databases]
    shop = host=db
    [pgbouncer]
    pool_mode = transaction
    auth_type = scram-sha-256
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import ini_files, plain


class PoolerAuthStrong(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that PgBouncer lets nobody in without a password",
            id="CKV_CUSTOM_PG_012",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["ConfigMap"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/pooler-auth-weak.md",
        )
        self.severity = Severities[BcSeverities.HIGH]

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        return _verdict(conf)


class PoolerAuthStrongTerraform(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that PgBouncer lets nobody in without a password",
            id="CKV_CUSTOM_PG_012",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["kubernetes_config_map", "kubernetes_config_map_v1"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/pooler-auth-weak.md",
        )
        self.severity = Severities[BcSeverities.HIGH]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        return _verdict(plain(conf))


def _verdict(conf: dict[str, Any]) -> CheckResult:
    found = [sections.get("pgbouncer", {}).get("auth_type") for sections in ini_files(conf)]
    methods = [method.lower() for method in found if method]
    if not methods:
        return CheckResult.UNKNOWN
    return CheckResult.FAILED if {"any", "trust"} & set(methods) else CheckResult.PASSED


kubernetes_check = PoolerAuthStrong()
terraform_check = PoolerAuthStrongTerraform()
