"""The allowed connections fit the memory of their server. Mirrors PGC402."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import (
    BACKEND_BYTES_LOW,
    CLOUDSQL_TIER_BYTES,
    POSTGRES_IMAGE,
    at,
    containers,
    many,
    memory_limit,
    number,
    plain,
    pod_template,
    quantity,
    server_arguments,
    server_memory_bytes,
)


class MaxConnectionsFitMemory(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that max_connections fits the memory of the PostgreSQL server",
            id="CKV_CUSTOM_PG_003",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["StatefulSet", "Deployment", "Cluster"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/max-connections-exceed-memory.md",
        )

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        if conf.get("kind") == "Cluster":
            return _operator(conf)
        for one in containers(pod_template(conf)):
            if POSTGRES_IMAGE.search(str(one.get("image", ""))):
                return _fits(number(server_arguments(one).get("max_connections")), memory_limit(one))
        return CheckResult.UNKNOWN


class MaxConnectionsFitMemoryTerraform(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that max_connections fits the memory of the PostgreSQL server",
            id="CKV_CUSTOM_PG_003",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["google_sql_database_instance"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/max-connections-exceed-memory.md",
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        settings = plain(conf.get("settings")) or {}
        if not str(plain(conf.get("database_version"))).startswith("POSTGRES"):
            return CheckResult.UNKNOWN
        flags = {at(one, "name"): at(one, "value") for one in many(at(settings, "database_flags"))}
        return _fits(number(flags.get("max_connections")), _tier_bytes(str(at(settings, "tier"))))


def _operator(conf: dict[str, Any]) -> CheckResult:
    if not str(conf.get("apiVersion", "")).startswith("postgresql.cnpg.io/"):
        return CheckResult.UNKNOWN
    written = at(conf, "spec", "postgresql", "parameters", "max_connections")
    return _fits(number(written), quantity(at(conf, "spec", "resources", "limits", "memory")))


def _tier_bytes(tier: str) -> int | None:
    if tier.startswith("db-custom-") and tier.rsplit("-", 1)[-1].isdecimal():
        return int(tier.rsplit("-", 1)[-1]) * 1024**2
    return CLOUDSQL_TIER_BYTES.get(tier)


def _fits(backends: int | None, memory: int | None) -> CheckResult:
    if backends is None or memory is None:
        return CheckResult.UNKNOWN
    needed = server_memory_bytes(backends, 128 * 1024**2, BACKEND_BYTES_LOW)
    return CheckResult.FAILED if needed > memory else CheckResult.PASSED


kubernetes_check = MaxConnectionsFitMemory()
terraform_check = MaxConnectionsFitMemoryTerraform()
