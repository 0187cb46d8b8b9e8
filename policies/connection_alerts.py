"""Rules about PostgreSQL watch its connections. Mirrors PGC701."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from pgconnlint_generated_data import at, many


class ConnectionAlerts(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that alert rules about PostgreSQL watch connection usage",
            id="CKV_CUSTOM_PG_014",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["PrometheusRule"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/connection-alert-missing.md",
        )

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        rules = [rule for group in many(at(conf, "spec", "groups")) for rule in many(at(group, "rules"))]
        expressions = [str(at(rule, "expr")) for rule in rules if at(rule, "alert")]
        about = [one for one in expressions if any(sign in one for sign in ("pg_", "cnpg_", "pgbouncer_"))]
        if not about:
            return CheckResult.UNKNOWN
        watched = any("stat_activity_count" in one or "backends" in one or "_waiting" in one for one in about)
        return CheckResult.PASSED if watched else CheckResult.FAILED


check = ConnectionAlerts()
