"""Clusters of operators that bring a pooler use it: Zalando, Crunchy, Percona, StackGres.

Mirrors PGC501, but the rule asks whether clients of the cluster multiply; CloudNativePG's Pooler is a resource of its
own that Checkov does not join with its Cluster, so only the rule can miss it.

Fail:

```yaml
apiVersion: acid.zalan.do/v1
kind: postgresql
metadata:
  name: shop
spec:
  teamId: shop
  numberOfInstances: 2
```

Pass:

```yaml
apiVersion: acid.zalan.do/v1
kind: postgresql
metadata:
  name: shop
spec:
  teamId: shop
  numberOfInstances: 2
  enableConnectionPooler: true
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from pgconnlint_generated_data import at


class OperatorPoolerEnabled(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the pooler of the operator is enabled for the cluster",
            id="CKV_CUSTOM_PG_008",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["postgresql", "PostgresCluster", "PerconaPGCluster", "SGCluster"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/no-pooler.md",
        )
        self.severity = Severities[BcSeverities.MEDIUM]

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        enabled = _enabled(str(conf.get("apiVersion", "")).partition("/")[0], conf.get("spec"))
        if enabled is None:
            return CheckResult.UNKNOWN
        return CheckResult.PASSED if enabled else CheckResult.FAILED


def _enabled(group: str, spec: Any) -> bool | None:
    match group:
        case "acid.zalan.do":
            written = at(spec, "enableConnectionPooler")
            return at(spec, "connectionPooler") is not None if written is None else written is True
        case "postgres-operator.crunchydata.com" | "pgv2.percona.com":
            return at(spec, "proxy", "pgBouncer") is not None and at(spec, "proxy", "pgBouncer", "replicas") != 0
        case "stackgres.io":
            return at(spec, "pods", "disableConnectionPooling") is not True
    return None


kubernetes_check = OperatorPoolerEnabled()
