"""PgBouncer asks for a password. Mirrors PGC504."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import ini_setting, ini_texts, plain


class PoolerAuthStrong(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that PgBouncer lets nobody in without a password",
            id="CKV_CUSTOM_PG_012",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["ConfigMap"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/pooler-auth-weak.md",
        )

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

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        return _verdict(plain(conf))


def _verdict(conf: dict[str, Any]) -> CheckResult:
    texts = ini_texts(conf)
    if not texts:
        return CheckResult.UNKNOWN
    weak = any(ini_setting(text, "auth_type") in ("any", "trust") for text in texts)
    return CheckResult.FAILED if weak else CheckResult.PASSED


kubernetes_check = PoolerAuthStrong()
terraform_check = PoolerAuthStrongTerraform()
