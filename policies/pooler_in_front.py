"""A pod with a PostgreSQL address is labelled `pgbouncer-enabled: "true"`, has a pooler beside it, or addresses one.

A label `pgbouncer-enabled` with any other value fails as well: it says that the pod needs a pooler and has none.

Mirrors PGC501, but the rule also knows poolers elsewhere in the repository, is silent on one replica that cannot
multiply, and follows addresses through ConfigMaps and Secrets; the policy sees one resource alone.

Fail:

```yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 12
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: shop/api:1.4
          env:
            - {name: DATABASE_URL, value: "postgres://shop@db.example.internal:5432/shop"}
```

Pass:

```yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 12
  template:
    metadata:
      labels: {app: api, pgbouncer-enabled: "true"}
    spec:
      containers:
        - name: api
          image: shop/api:1.4
          env:
            - {name: DATABASE_URL, value: "postgres://shop@localhost:5432/shop"}
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from pgconnlint_generated_data import HELPER, at, clients, plain, pod_template, pooled


class PoolerInFront(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that pods which talk to PostgreSQL go through a pooler",
            id="CKV_CUSTOM_PG_001",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["Deployment", "StatefulSet", "DaemonSet", "Pod"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/no-pooler.md",
        )
        self.severity = Severities[BcSeverities.MEDIUM]

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        return _verdict(conf)


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
                "kubernetes_pod",
                "kubernetes_pod_v1",
            ],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/no-pooler.md",
        )
        self.severity = Severities[BcSeverities.MEDIUM]

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        read = plain(conf)
        pod = self.entity_type.startswith("kubernetes_pod")
        return _verdict({**read, "kind": "Pod"} if pod else read)


def _verdict(conf: dict[str, Any]) -> CheckResult:
    template = pod_template(conf)
    through = pooled(template)
    if through is None or (not through and HELPER.search(str(at(conf, "metadata", "name")).lower())):
        return CheckResult.UNKNOWN
    if through:
        return CheckResult.PASSED
    labels = at(template, "metadata", "labels")
    refused = isinstance(labels, dict) and "pgbouncer-enabled" in labels
    return CheckResult.FAILED if refused or clients(template) else CheckResult.UNKNOWN


kubernetes_check = PoolerInFront()
terraform_check = PoolerInFrontTerraform()
