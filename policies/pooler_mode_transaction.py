"""The pooler pools transactions, not sessions. Mirrors PGC502."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import at, ini_setting, ini_texts, plain


class PoolerModeTransaction(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the pooler does not pool in session mode",
            id="CKV_CUSTOM_PG_007",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["Pooler", "ConfigMap", "postgresql"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/pooler-in-session-mode.md",
        )

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

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        if "mode" in conf:
            return _mode(plain(conf["mode"]))
        return _config_map(plain(conf))


def _config_map(conf: dict[str, Any]) -> CheckResult:
    modes = [ini_setting(text, "pool_mode") or "session" for text in ini_texts(conf)]
    return _mode("session" if "session" in modes else modes[0]) if modes else CheckResult.UNKNOWN


def _mode(mode: Any) -> CheckResult:
    if not isinstance(mode, str) or mode.lower() not in ("session", "transaction", "statement"):
        return CheckResult.UNKNOWN
    return CheckResult.FAILED if mode.lower() == "session" else CheckResult.PASSED


kubernetes_check = PoolerModeTransaction()
terraform_check = PoolerModeTransactionTerraform()
