"""An alert on PostgreSQL's connections that can never fire.

Prometheus accepts expressions that have no result: when the labels of both sides of a comparison differ, nothing
matches and the alert stays silent for ever. The widely copied
`sum by (instance) (pg_stat_activity_count) > pg_settings_max_connections * 0.8` is one: the right side still has
`job`. A ratio compared with 80, a grouping clause without an aggregation and `for` inside of the expression are
others. Such an alert is worse than none, because everybody believes it is there.

Bad:

```yaml path=alerts.yml
groups:
  - name: postgres
    rules:
      - alert: PostgresConnections
        expr: sum by (instance) (pg_stat_activity_count) > pg_settings_max_connections * 0.8
```

Good:

```yaml path=alerts.yml
groups:
  - name: postgres
    rules:
      - alert: PostgresConnections
        expr: |
          sum by (instance) (pg_stat_activity_count)
            / max by (instance) (pg_settings_max_connections) > 0.8
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Severity
from pgconnlint.infra.alerting import remarks
from pgconnlint.infra.resource import Known, Resource, text
from pgconnlint.infra.yaml_values import embedded
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC702",
    name="connection-alert-cannot-fire",
    severity=Severity.ERROR,
    subject=Subject.RESOURCE,
    formats=("rules", "kubernetes", "helm"),
    precision="very-high",
    kinds=("prometheus.rule",),
)


def check(resource: Resource, project: Project) -> Iterator[Finding]:
    written = resource.attributes.get("expr")
    expression = text(written)
    if expression is None or not isinstance(written, Known):
        return
    source = embedded(project.files, written, "promql")
    what = "alert" if text(resource.attributes.get("kind")) == "alert" else "recording rule"
    for remark in remarks(expression):
        end = remark.end or len(expression.rstrip())
        location = source.at(remark.start, max(end, remark.start)) if source is not None else written.at
        yield Finding(
            message=f"{what} `{resource.name}`: {remark.message}",
            location=location,
            help=remark.advice,
            severity=None if remark.sure else Severity.WARNING,
            environment=resource.environment or None,
        )
