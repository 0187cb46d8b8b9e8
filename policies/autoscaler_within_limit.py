"""An autoscaler's maximum times the connections of one pod stays within the limit declared beside it.

Checkov sees an autoscaler without the workload it scales, so both numbers stand in annotations of the autoscaler:
`pgconnlint/pool-size` and `pgconnlint/connection-limit`. Without them there is no verdict.

Mirrors PGC601, but the rule finds both numbers itself (pools in source code, replicas, max_connections) and adds up all
clients of a server.

Fail:

```yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: api
  annotations: {pgconnlint/pool-size: "5", pgconnlint/connection-limit: "77"}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 50
```

Pass:

```yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: api
  annotations: {pgconnlint/pool-size: "5", pgconnlint/connection-limit: "77"}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 15
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import LIMIT_NOTE, POOL_NOTE, at, number, plain


class AutoscalerWithinLimit(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the autoscaler's maximum times the pool stays within the declared limit",
            id="CKV_CUSTOM_PG_013",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["HorizontalPodAutoscaler", "ScaledObject"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/budget-exceeded.md",
        )
        self.severity = Severities[BcSeverities.HIGH]

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        written = at(conf, "spec", "maxReplicas" if conf.get("kind") != "ScaledObject" else "maxReplicaCount")
        return _verdict(conf, 100 if written is None and conf.get("kind") == "ScaledObject" else written)


class AutoscalerWithinLimitTerraform(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the autoscaler's maximum times the pool stays within the declared limit",
            id="CKV_CUSTOM_PG_013",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=[
                "kubernetes_horizontal_pod_autoscaler",
                "kubernetes_horizontal_pod_autoscaler_v1",
                "kubernetes_horizontal_pod_autoscaler_v2",
            ],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/budget-exceeded.md",
        )
        self.severity = Severities[BcSeverities.HIGH]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        read = plain(conf)
        return _verdict(read, at(read, "spec", "max_replicas"))


def _verdict(conf: dict[str, Any], replicas: Any) -> CheckResult:
    notes = plain(at(conf, "metadata", "annotations"))  # a list of one in manifests
    pods, pool, limit = number(replicas), number(at(notes, POOL_NOTE)), number(at(notes, LIMIT_NOTE))
    if pods is None or pool is None or limit is None:
        return CheckResult.UNKNOWN
    return CheckResult.FAILED if pods * pool > limit else CheckResult.PASSED


kubernetes_check = AutoscalerWithinLimit()
terraform_check = AutoscalerWithinLimitTerraform()
