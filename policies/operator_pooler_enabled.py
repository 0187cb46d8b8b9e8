"""Clusters of operators that bring a pooler use it. Mirrors PGC501."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from pgconnlint_generated_data import at


class OperatorPoolerEnabled(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the pooler of the operator is enabled for the cluster",
            id="CKV_CUSTOM_PG_008",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["postgresql", "PostgresCluster", "PerconaPGCluster"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/no-pooler.md",
        )

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        version = str(conf.get("apiVersion", ""))
        if version.startswith("acid.zalan.do/"):
            enabled = at(conf, "spec", "enableConnectionPooler") is True
        elif version.startswith(("postgres-operator.crunchydata.com/", "pgv2.percona.com/")):
            enabled = at(conf, "spec", "proxy", "pgBouncer") is not None
        else:
            return CheckResult.UNKNOWN
        return CheckResult.PASSED if enabled else CheckResult.FAILED


check = OperatorPoolerEnabled()
