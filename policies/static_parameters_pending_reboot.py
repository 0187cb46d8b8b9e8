"""Static parameters are applied at the next reboot. Mirrors PGC405."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import POSTGRES_FAMILY, STATIC_PARAMETERS, known, parameters, plain


class StaticParametersPendingReboot(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that static PostgreSQL parameters are applied with pending-reboot",
            id="CKV_CUSTOM_PG_004",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_db_parameter_group", "aws_rds_cluster_parameter_group"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/static-parameter-applied-immediately.md",
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        family = plain(conf.get("family"))
        if not known(family) or not POSTGRES_FAMILY.match(str(family)):
            return CheckResult.UNKNOWN
        found = parameters(conf)
        if found is None:
            return CheckResult.UNKNOWN
        static = [one for one in found if str(one.get("name", "")).lower() in STATIC_PARAMETERS]
        methods = [one.get("apply_method") or "immediate" for one in static]
        if any(not known(method) for method in methods):
            return CheckResult.UNKNOWN
        return CheckResult.FAILED if "immediate" in methods else CheckResult.PASSED


check = StaticParametersPendingReboot()
