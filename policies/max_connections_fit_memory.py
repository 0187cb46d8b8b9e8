"""The connections a server allows fit its memory: 10 MB for each beside shared_buffers; a provider's default is fine.

Mirrors PGC402, but the rule also reads configuration files, formulas, a written shared_buffers on managed servers,
Aurora and Azure, and tells an error (5 MB each do not fit) from a warning.

Fail:

```hcl
resource "aws_db_parameter_group" "shop" {
  name   = "shop"
  family = "postgres16"
  parameter {
    name         = "max_connections"
    value        = "2000"
    apply_method = "pending-reboot"
  }
}

resource "aws_db_instance" "shop" {
  engine               = "postgres"
  instance_class       = "db.t3.medium"
  parameter_group_name = aws_db_parameter_group.shop.name
}
```

Pass:

```hcl
resource "aws_db_parameter_group" "shop" {
  name   = "shop"
  family = "postgres16"
  parameter {
    name         = "max_connections"
    value        = "200"
    apply_method = "pending-reboot"
  }
}

resource "aws_db_instance" "shop" {
  engine               = "postgres"
  instance_class       = "db.t3.medium"
  parameter_group_name = aws_db_parameter_group.shop.name
}
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import (
    CLOUDSQL_STEPS,
    CLOUDSQL_TIERS,
    DEFAULT_SHARED_BUFFERS_BYTES,
    RDS_CLASSES,
    at,
    containers,
    exceeds_memory,
    is_server,
    linked,
    many,
    memory_limit,
    number,
    parameters,
    plain,
    pod_template,
    quantity,
    server_arguments,
    server_bytes,
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
        self.severity = Severities[BcSeverities.HIGH]

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        if conf.get("kind") == "Cluster":
            return _operator(conf)
        for one in containers(pod_template(conf)):
            if is_server(str(one.get("image", ""))):
                return _fits(server_arguments(one), memory_limit(one))
        return CheckResult.UNKNOWN


class MaxConnectionsFitMemoryTerraform(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that max_connections fits the memory of the PostgreSQL server",
            id="CKV_CUSTOM_PG_003",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_db_instance", "google_sql_database_instance"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/max-connections-exceed-memory.md",
        )
        self.severity = Severities[BcSeverities.HIGH]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        read = plain(conf)
        if self.entity_type == "aws_db_instance":
            address = str(conf.get("__address__"))
            return _rds(read, linked(self.graph, self.entity_path, address, "aws_db_parameter_group"))
        return _cloudsql(read)


def _operator(conf: dict[str, Any]) -> CheckResult:
    if not str(conf.get("apiVersion", "")).startswith("postgresql.cnpg.io/"):
        return CheckResult.UNKNOWN
    settings = at(conf, "spec", "postgresql", "parameters")
    memory = quantity(at(conf, "spec", "resources", "limits", "memory"))
    return _fits(settings if isinstance(settings, dict) else {}, memory)


def _fits(settings: dict[str, Any], memory: int | None) -> CheckResult:
    backends, buffers = number(settings.get("max_connections")), DEFAULT_SHARED_BUFFERS_BYTES
    if "shared_buffers" in settings:
        buffers = server_bytes(settings["shared_buffers"]) or -1
    if backends is None or memory is None or buffers < 0:
        return CheckResult.UNKNOWN
    return CheckResult.FAILED if exceeds_memory(backends, buffers, memory) else CheckResult.PASSED


def _rds(conf: dict[str, Any], groups: list[dict[str, Any]]) -> CheckResult:
    size = RDS_CLASSES.get(str(conf.get("instance_class")).lower())
    if conf.get("engine") != "postgres" or len(groups) != 1:
        return CheckResult.UNKNOWN
    found, _ = parameters(groups[0])
    return _managed({name: one.get("value") for name, one in found.items()}, size)


def _cloudsql(conf: dict[str, Any]) -> CheckResult:
    settings, tier = conf.get("settings"), str(at(conf, "settings", "tier")).lower()
    if not str(conf.get("database_version")).startswith("POSTGRES"):
        return CheckResult.UNKNOWN
    size = CLOUDSQL_TIERS.get(tier)
    mebibytes = number(tier.rpartition("-")[2]) if tier.startswith("db-custom-") else None
    if mebibytes is not None:
        size = mebibytes * 2**20, max((slots for least, slots in CLOUDSQL_STEPS if least <= mebibytes), default=0)
    return _managed({at(one, "name"): at(one, "value") for one in many(at(settings, "database_flags"))}, size)


def _managed(settings: dict[Any, Any], size: tuple[int, int] | None) -> CheckResult:
    """``size``: memory and the provider's own number; the provider takes a quarter for shared_buffers."""
    backends = number(settings.get("max_connections"))
    if backends is None or size is None or "shared_buffers" in settings:
        return CheckResult.UNKNOWN
    memory, default = size
    fits = backends <= default or not exceeds_memory(backends, memory // 4, memory)
    return CheckResult.PASSED if fits else CheckResult.FAILED


kubernetes_check = MaxConnectionsFitMemory()
terraform_check = MaxConnectionsFitMemoryTerraform()
