"""PostgreSQL is monitored, but nobody is warned before its connections run out.

An exhausted server refuses everybody at once, the administrator included. The number of connections grows for
minutes or hours before that, and the exporter already reports it. One rule on the share of `max_connections` in
use, at 75 to 80 percent, turns an outage into a ticket.

Bad:

```yaml path=alerts.yml
groups:
  - name: postgres
    rules:
      - alert: PostgresDown
        expr: pg_up == 0
```

Good:

```yaml path=alerts.yml
groups:
  - name: postgres
    rules:
      - alert: PostgresDown
        expr: pg_up == 0
      - alert: PostgresConnectionsHigh
        expr: |
          sum by (instance) (pg_stat_activity_count)
            / max by (instance) (pg_settings_max_connections) > 0.8
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity
from pgconnlint.infra.alerting import concerns_postgres, watches
from pgconnlint.infra.alternatives import DEVELOPMENT
from pgconnlint.infra.model import AlertDeclaration, Container, WorkloadDeclaration
from pgconnlint.infra.resource import Mapping, Sequence, Value, text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.text import Location

RULE = Rule(
    id="PGC701",
    name="connection-alert-missing",
    severity=Severity.WARNING,
    subject=Subject.PROJECT,
    formats=("rules", "kubernetes", "helm", "compose", "terraform"),
    precision="medium",
)

_EXPORTER = re.compile(r"(?:^|/)[\w.-]*(?:postgres(?:ql)?|pgbouncer|pgpool2?)[-_]exporter")
_STACK = re.compile(r"(?:^|/)(?:prometheus|vmagent|vmalert|victoria-metrics|alertmanager|grafana)(?::|@|$)")
_ALARMS = frozenset({
    "aws_cloudwatch_metric_alarm", "google_monitoring_alert_policy", "azurerm_monitor_metric_alert", "datadog_monitor",
    "newrelic_nrql_alert_condition", "grafana_rule_group", "module",
})  # fmt: skip
_WATCHED = re.compile(r"DatabaseConnections|num_backends|active_connections|connections|numbackends", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"pg_stat_activity_count|pg_stat_database_numbackends|cnpg_backends_total|pgbouncer_pools_client_(waiting|maxwait)"
    r"|DatabaseConnections|postgresql\.(percent_usage_)?connections|database/postgresql/num_backends"
)
_PANELS = re.compile(r"\"?(schemaVersion|panels)\"?\s*:")
_PANEL_ALERT = re.compile(r"\"(alert|alertRuleTags)\"\s*:\s*\{\s*\"")
"""A dashboard is there to be looked at; only a panel's own alert warns."""

_ALERTING = re.compile(r"alert|alarm|monitor|threshold", re.IGNORECASE)
_HELP = "alert on `sum by (instance) (pg_stat_activity_count) / max by (instance) (pg_settings_max_connections) > 0.8`"


def check(project: Project, _: Project) -> Iterator[Finding]:
    alerts = project.infrastructure.alerts
    if any(one.expression and watches(one.expression) for one in alerts):
        return
    rules = [one for one in alerts if one.kind == "alert" and concerns_postgres(one.expression)]
    scraped = [one for one in alerts if one.kind == "exporter"]
    exporters = _running(project, _EXPORTER)
    sign = _first(rules, scraped, exporters)
    stack = sign is None and bool(project.infrastructure.servers) and _stack(project)
    if (sign is None and not stack) or _watched_elsewhere(project):
        return
    if sign is not None:
        at, what, environment = sign
        yield Finding(
            message=f"{what}, but no rule in this repository watches how many connections are in use",
            location=at,
            help=_HELP,
            severity=Severity.NOTE if environment in DEVELOPMENT or _is_compose(at) else None,
            confidence=Confidence.HIGH if rules else Confidence.MEDIUM,
        )
    elif isinstance(stack, Location):
        yield Finding(
            message="a monitoring stack is here, but nothing watches the connections of PostgreSQL",
            location=stack,
            help="run postgres_exporter, and " + _HELP,
            severity=Severity.NOTE,
            confidence=Confidence.MEDIUM,
        )


def _first(
    rules: list[AlertDeclaration],
    scraped: list[AlertDeclaration],
    exporters: list[tuple[WorkloadDeclaration, Container]],
) -> tuple[Location, str, str] | None:
    """The best place to say it: rules about PostgreSQL, then the exporter, then what scrapes it."""
    if rules:
        names = ", ".join(f"`{one.name}`" for one in rules[:3])
        return rules[0].at, f"there are alerts on PostgreSQL ({names})", rules[0].environment
    if exporters:
        workload, container = exporters[0]
        return container.at, f"`{container.name}` exports PostgreSQL's metrics", workload.environment
    if scraped:
        return scraped[0].at, f"`{scraped[0].name}` is scraped", scraped[0].environment
    return None


def _running(project: Project, image: re.Pattern[str]) -> list[tuple[WorkloadDeclaration, Container]]:
    return [
        (workload, container)
        for workload in project.infrastructure.workloads
        for container in workload.containers
        if image.search(text(container.image) or "")
    ]


def _stack(project: Project) -> Location | None:
    """A place that shows a monitoring stack: rules of any kind, a scrape configuration, Prometheus itself.

    A chart's own rules show what is watched where that chart runs, which says nothing about a server of another one.
    """
    servers = {one.origin for one in project.infrastructure.servers}
    for one in project.infrastructure.alerts:
        if one.kind in ("alert", "stack") and (not one.origin.startswith("helm:") or one.origin in servers):
            return one.at
    running = _running(project, _STACK)
    return running[0][1].at if running else None


def _is_compose(at: Location) -> bool:
    """An exporter in a Compose file is there to look at, more often than to be warned by."""
    return re.search(r"compose[\w.-]*\.ya?ml$", at.path) is not None


def _watched_elsewhere(project: Project) -> bool:
    """Alarms of other systems, and rules in forms that were not read: dashboards, templates, jsonnet."""
    for resource in project.infrastructure.resources:
        if resource.kind in _ALARMS and _mentions(resource.attributes, 0):
            return True
    for path in project.files.of("yaml", "helm", "json", "hcl"):
        document = project.document(path)
        if document is None or not _ELSEWHERE.search(document.text) or not _ALERTING.search(document.text):
            continue
        if not _PANELS.search(document.text) or _PANEL_ALERT.search(document.text):
            return True
    return False


def _mentions(value: Value, depth: int) -> bool:
    match value:
        case Mapping(items=items) if depth < 10:
            return any(_mentions(below, depth + 1) for below in items.values())
        case Sequence(items=items) if depth < 10:
            return any(_mentions(below, depth + 1) for below in items)
    return _WATCHED.search(text(value) or "") is not None
