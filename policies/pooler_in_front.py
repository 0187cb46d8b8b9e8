"""Pods that talk to PostgreSQL go through a pooler. Mirrors PGC501."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import has_pooler, plain, pod_template, talks_to_postgres


class PoolerInFront(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that pods which talk to PostgreSQL go through a pooler",
            id="CKV_CUSTOM_PG_001",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["Deployment", "StatefulSet", "DaemonSet", "Pod"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/no-pooler.md",
        )

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        return _verdict(pod_template(conf))


class PoolerInFrontTerraform(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that pods which talk to PostgreSQL go through a pooler",
            id="CKV_CUSTOM_PG_001",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=[
                "kubernetes_deployment",
                "kubernetes_deployment_v1",
                "kubernetes_stateful_set",
                "kubernetes_stateful_set_v1",
                "kubernetes_daemonset",
                "kubernetes_daemon_set_v1",
            ],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/no-pooler.md",
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        return _verdict(pod_template(plain(conf)))


def _verdict(template: dict[str, Any]) -> CheckResult:
    if has_pooler(template):
        return CheckResult.PASSED
    return CheckResult.FAILED if talks_to_postgres(template) else CheckResult.UNKNOWN


kubernetes_check = PoolerInFront()
terraform_check = PoolerInFrontTerraform()
