"""Alert rules about PostgreSQL watch how many connections are in use.

Mirrors PGC701, but the rule looks at the rules of the whole repository together, in files of Prometheus and alarms of
cloud providers as well; the policy judges one PrometheusRule alone.

Fail:

```yaml
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: postgres
spec:
  groups:
    - name: postgres
      rules:
        - {alert: PostgresDown, expr: pg_up == 0}
```

Pass:

```yaml
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: postgres
spec:
  groups:
    - name: postgres
      rules:
        - {alert: PostgresDown, expr: pg_up == 0}
        - alert: PostgresConnectionsHigh
          expr: sum by (instance) (pg_stat_activity_count) / max by (instance) (pg_settings_max_connections) > 0.8
```
"""

from __future__ import annotations

from typing import Any

from checkov.common.bridgecrew.severities import BcSeverities, Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.kubernetes.checks.resource.base_spec_check import BaseK8Check
from pgconnlint_generated_data import CONNECTION_METRICS, POSTGRES_METRICS, at, many


class ConnectionAlerts(BaseK8Check):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that alert rules about PostgreSQL watch connection usage",
            id="CKV_CUSTOM_PG_014",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["PrometheusRule"],
            guideline="https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/connection-alert-missing.md",
        )
        self.severity = Severities[BcSeverities.LOW]

    def scan_spec_conf(self, conf: dict[str, Any]) -> CheckResult:
        rules = [rule for group in many(at(conf, "spec", "groups")) for rule in many(at(group, "rules"))]
        expressions = [str(at(rule, "expr")) for rule in rules if at(rule, "alert")]
        if any(CONNECTION_METRICS.search(one) for one in expressions):
            return CheckResult.PASSED
        about = any(POSTGRES_METRICS.search(one) for one in expressions)
        return CheckResult.FAILED if about else CheckResult.UNKNOWN


kubernetes_check = ConnectionAlerts()
