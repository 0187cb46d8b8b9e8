"""A parameter group says how many connections are allowed. Mirrors PGC401."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import POSTGRES_FAMILY, known, parameters, plain


class MaxConnectionsDeclared(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that max_connections is set in PostgreSQL parameter groups",
            id="CKV_CUSTOM_PG_002",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_db_parameter_group", "aws_rds_cluster_parameter_group"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/max-connections-implicit.md",
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        family = plain(conf.get("family"))
        if not known(family) or not POSTGRES_FAMILY.match(str(family)):
            return CheckResult.UNKNOWN
        found = parameters(conf)
        if found is None:
            return CheckResult.UNKNOWN
        names = [one.get("name") for one in found]
        return CheckResult.PASSED if "max_connections" in names else CheckResult.FAILED


check = MaxConnectionsDeclared()
