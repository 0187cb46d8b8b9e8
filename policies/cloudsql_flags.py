"""A Cloud SQL instance says how many connections are allowed. Mirrors PGC401."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import at, many, plain


class CloudSqlFlags(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that max_connections is set for Cloud SQL for PostgreSQL",
            id="CKV_CUSTOM_PG_010",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["google_sql_database_instance"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/max-connections-implicit.md",
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        if not str(plain(conf.get("database_version"))).startswith("POSTGRES"):
            return CheckResult.UNKNOWN
        settings = plain(conf.get("settings")) or {}
        if not isinstance(settings, dict) or "dynamic" in settings or "dynamic" in conf:
            return CheckResult.UNKNOWN
        names = [at(one, "name") for one in many(at(settings, "database_flags"))]
        return CheckResult.PASSED if "max_connections" in names else CheckResult.FAILED


check = CloudSqlFlags()
