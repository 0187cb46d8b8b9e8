"""Prometheus rules in plain files, PrometheusRule objects, ConfigMaps and chart values; signs of exporters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.config import Config
from pgconnlint.infra.alerting import concerns_postgres
from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.kubernetes.ownership import chart_folders
from pgconnlint.infra.model import AlertDeclaration, Infrastructure
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Value, sequence, text
from pgconnlint.infra.yaml_values import embedded, values
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

RULE = "prometheus.rule"
"""Kind of a Resource that holds one rule about PostgreSQL: alert or record, expr."""

_DEPTH = 40
_RULES = re.compile(r"[\"']?(expr|expression)[\"']?\s*:")
_EXPORTER = re.compile(r"postgres(?:ql)?[-_]exporter|pgbouncer[-_]exporter|:9187\b|:9127\b")
_SCRAPES = re.compile(r"^\s*[\"']?scrape_configs[\"']?\s*:", re.MULTILINE)
_SHIPS_LOGS = re.compile(r"^[ \t]*(positions|clients):[ \t]*$|__path__", re.MULTILINE)
"""Promtail's configuration has `scrape_configs` too."""

_TEMPLATE = re.compile(r"\{\{|\$\{|\$__|\$[a-z]")


def read(files: Files, config: Config) -> Infrastructure:
    """Every alerting and recording rule in YAML, and the exporters that scrape configurations name."""
    parts = []
    rendered = tuple(f"{folder}/templates/" if folder else "templates/" for folder in sorted(chart_folders(files)))
    for path in files.of("yaml"):
        document = None if path.startswith(rendered) else files.document(path)
        if document is None:
            continue
        if (_RULES.search(document.text) and "groups" in document.text) or "PrometheusRule" in document.text:
            for value in values(document, files, wanted=_wanted, report=_wanted):
                parts.append(declarations(value, files, environment_of(path), path))
        if _SCRAPES.search(document.text):
            parts.append(_scraped(document))
    return Infrastructure(
        resources=tuple(one for part in parts for one in part.resources),
        alerts=tuple(one for part in parts for one in part.alerts),
    )


def _wanted(raw: str) -> bool:
    return _RULES.search(raw) is not None


def declarations(value: Value, files: Files, environment: str, origin: str) -> Infrastructure:
    """The rules one YAML document holds, wherever in it: a rule file, a PrometheusRule, a ConfigMap, chart values.

    For rendered Helm templates as well: ``value`` is one rendered document.
    """
    alerts: list[AlertDeclaration] = []
    resources: list[Resource] = []
    for rule in _rules(value, files, 0):
        for declaration, resource in _declared(rule, files, environment, origin):
            alerts.append(declaration)
            if resource is not None:
                resources.append(resource)
    return Infrastructure(resources=tuple(resources), alerts=tuple(alerts))


def _rules(value: Value, files: Files, depth: int) -> Iterator[Mapping]:
    """Every item of `rules` in an item of `groups`, at any depth."""
    if depth > _DEPTH:
        return
    match value:
        case Mapping(items=items):
            for key, below in items.items():
                if key == "groups" and isinstance(below, Sequence):
                    for group in below.items:
                        if isinstance(group, Mapping):
                            yield from (one for one in sequence(group.items.get("rules")) if isinstance(one, Mapping))
                else:
                    yield from _rules(below, files, depth + 1)
        case Sequence(items=elements):
            for one in elements:
                yield from _rules(one, files, depth + 1)
        case Known(value=str(written)) if "groups:" in written and _RULES.search(written) and depth < _DEPTH:
            inner = embedded(files, value, "yaml")
            for below in values(inner, files) if inner is not None else ():
                yield from _rules(below, files, _DEPTH - 10)


def _declared(
    rule: Mapping, files: Files, environment: str, origin: str
) -> Iterator[tuple[AlertDeclaration, Resource | None]]:
    kind = "record" if "record" in rule.items else "alert"
    named = rule.items.get("alert") or rule.items.get("record") or rule.items.get("title")
    name = text(named) or ""
    at = named.at if named is not None else rule.at
    for written in _expressions(rule):
        expression = text(written)
        if expression is None:
            continue
        place = _place(written, files)
        yield (
            AlertDeclaration(name, kind, at, expression, place, environment, origin),
            _resource(rule, name, kind, written, at, environment, origin) if _judged(rule, expression) else None,
        )


def _judged(rule: Mapping, expression: str) -> bool:
    """PromQL about PostgreSQL that no template fills in later."""
    return "expr" in rule.items and concerns_postgres(expression) and _TEMPLATE.search(expression) is None


def _expressions(rule: Mapping) -> list[Value]:
    """`expr` of a rule; Grafana's alerts hold theirs in `data[].model`."""
    own = rule.items.get("expr")
    if own is not None:
        return [own]
    found = []
    for query in sequence(rule.items.get("data")):
        model = query.items.get("model") if isinstance(query, Mapping) else None
        for key in ("expr", "rawSql", "expression"):
            below = model.items.get(key) if isinstance(model, Mapping) else None
            if below is not None:
                found.append(below)
    return found


def _place(written: Value, files: Files) -> Location:
    """The expression's own text, without the sign of a block scalar."""
    if isinstance(written, Known) and isinstance(written.value, str):
        inner = embedded(files, written, "promql")
        if inner is not None and inner.text.strip():
            return inner.at(0, len(inner.text.rstrip()))
    return written.at


def _resource(
    rule: Mapping, name: str, kind: str, written: Value, at: Location, environment: str, origin: str
) -> Resource:
    attributes = Mapping({"expr": written, "kind": Known(kind, at)}, rule.at, rule.keys)
    return Resource(RULE, name, attributes, at, "prometheus", name, environment, origin=origin)


def _scraped(document: Document) -> Infrastructure:
    """A Prometheus that scrapes: an exporter of PostgreSQL or PgBouncer, or the stack alone."""
    found = _EXPORTER.search(document.text)
    header = _SCRAPES.search(document.text)
    if header is None or _SHIPS_LOGS.search(document.text):
        return Infrastructure()
    kind = "exporter" if found else "stack"
    at = document.at(*found.span()) if found else document.at(header.start(), header.end())
    name = found[0] if found else "scrape_configs"
    alert = AlertDeclaration(name, kind, at, environment=environment_of(document.path), origin=document.path)
    return Infrastructure(alerts=(alert,))
