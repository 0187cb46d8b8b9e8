"""From charts to declarations: every chart that is deployed on its own, once per environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from pgconnlint.config import Config
from pgconnlint.finding import Failure, FailureKind
from pgconnlint.infra import prometheus
from pgconnlint.infra.charts import declarations_from_values
from pgconnlint.infra.helm.applications import applications
from pgconnlint.infra.helm.chart import Chart, Charts, find, table_of
from pgconnlint.infra.helm.data import Table
from pgconnlint.infra.helm.helmfile import Install, installs
from pgconnlint.infra.helm.manifests import Rendered, location, objects, to_value
from pgconnlint.infra.helm.release import Release, charts_of, rendered
from pgconnlint.infra.helm.shell import commands
from pgconnlint.infra.helm.terraform_releases import terraform_releases
from pgconnlint.infra.helm.traced import Traced
from pgconnlint.infra.helm.values import Layers, alternatives, coalesced, imported, laid_over, pruned
from pgconnlint.infra.kubernetes import declare
from pgconnlint.infra.kubernetes.manifests import resource
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.reading import add
from pgconnlint.infra.resource import Mapping, Resource, Sequence, Value, text
from pgconnlint.syntax.files import Files
from pgconnlint.syntax.gotemplate import Template
from pgconnlint.syntax.gotokens import TemplateError
from pgconnlint.text import Location, Position, Span

MOST_RELEASES = 400
"""Releases that are rendered in one project; a repository of charts has more than anybody deploys."""


def read(files: Files, config: Config) -> Infrastructure:
    """What Helm charts and helmfiles among ``files`` declare."""
    charts = find(files)
    templates: dict[str, Template | TemplateError] = {}
    installed = list(islice(chain(installs(charts), applications(charts), terraform_releases(charts)), MOST_RELEASES))
    known = {(one.chart.rpartition("/")[2], one.name) for one in installed}
    installed += [one for one in commands(charts) if (one.chart.rpartition("/")[2], one.name) not in known]
    parts = [_installed(charts, one, templates) for one in installed]
    taken = {one.folder for one in installed if one.folder is not None}
    for chart, layers in _planned(charts):
        if chart.folder not in taken:
            release = prepared(charts, chart, chart.name, layers, templates)
            parts.append(declarations(release, layers.environment))
    return add(parts)


def _installed(charts: Charts, one: Install, templates: dict[str, Template | TemplateError]) -> Infrastructure:
    """One release of a helmfile: of a chart in the repository, or of one known by its values."""
    chart = charts.read.get(one.folder) if one.folder is not None else None
    if chart is not None:
        release = prepared(charts, chart, one.name, Layers(one.environment, ()), templates, one.values)
        return declarations(replace(release, namespace=one.namespace or "default"), one.environment)
    document = charts.files.document(one.mark.path)
    if document is None:
        return Infrastructure()
    at = document.at(one.mark.start, one.mark.end)
    given = to_value(one.values, Rendered("", Traced(""), {}, charts.files, at))
    values = replace(given, partial=given.partial or not one.complete) if isinstance(given, Mapping) else None
    return declarations_from_values(
        one.chart,
        one.name,
        values,
        at,
        one.environment,
        f"helmfile:{one.mark.path}",
        repository=one.repository,
        namespace=one.namespace,
        files=charts.files,
    )


def _planned(charts: Charts) -> Iterator[tuple[Chart, Layers]]:
    count = 0
    for folder in charts.folders:
        chart = charts.read.get(folder)
        if chart is None or chart.library or folder in charts.children:
            continue
        for layers in alternatives(charts, chart):
            count += 1
            if count > MOST_RELEASES:
                return
            yield chart, layers


def prepared(
    charts: Charts,
    chart: Chart,
    name: str,
    layers: Layers,
    templates: dict[str, Template | TemplateError],
    over: Table | None = None,
) -> Release:
    """A release of ``chart`` with the values files of ``layers`` and the values ``over`` them."""
    given = Table()
    for path in layers.paths:
        given = laid_over(given, table_of(charts.files, path) or Table())
    if over is not None:
        given = laid_over(given, over)
    switched = pruned(chart, coalesced(chart, given))
    values = imported(switched, coalesced(switched, given))
    return Release(switched, name, values, charts.files, templates=templates)


def declarations(release: Release, environment: str) -> Infrastructure:
    """What one release declares, through its rendered manifests."""
    origin = f"helm:{release.chart.folder or '.'}:{release.name}"
    found: list[Resource] = []
    watched: list[Infrastructure] = []
    for one in rendered(release):
        manifests, problems = objects(one)
        for problem, at in problems:
            message = f"what this template renders to {problem}"
            release.files.fail(Failure(at.path, FailureKind.SYNTAX, message, at.start.line))
        for manifest in manifests:
            if text(manifest.get("kind")) in ("PrometheusRule", "ConfigMap"):
                watched.append(_alerts(manifest, one, environment, origin))
            found += [made for item in _members(manifest, 0) if (made := resource(item, environment, origin))]
    wanted = [one for one in found if not _is_test(one)]
    own = declare(wanted, release.files, environment, origin)
    return add((own, *watched, *_brought(release, environment, origin)))


def _alerts(manifest: Mapping, one: Rendered, environment: str, origin: str) -> Infrastructure:
    """Alerting rules that templates hold; those in other files of the chart are read there."""
    found = prometheus.declarations(manifest, one.files, environment, origin)
    return Infrastructure(
        resources=tuple(item for item in found.resources if "templates/" in item.at.path),
        alerts=tuple(item for item in found.alerts if "templates/" in item.at.path),
    )


def _brought(release: Release, environment: str, origin: str) -> Iterator[Infrastructure]:
    """What dependencies declare that are not in the repository but known by their values."""
    for chart, values in charts_of(release.chart, release.values, 0):
        for dependency in chart.dependencies:
            if dependency.chart is not None:
                continue
            place = Rendered("", Traced(""), {}, release.files, _chart_place(release, chart))
            held = values.items.get(dependency.key)
            given = to_value(held, place) if held is not None else None
            at = location(dependency.mark, place)
            yield declarations_from_values(
                dependency.name,
                release.name,
                given if isinstance(given, Mapping) else None,
                at,
                environment,
                origin,
                repository=dependency.repository,
                files=release.files,
                alias=dependency.alias,
            )


def _chart_place(release: Release, chart: Chart) -> Location:
    path = chart.prefix + "Chart.yaml"
    document = release.files.document(path)
    if document is not None:
        return document.at(0, 0)
    return Location(path, Position(1, 1), Position(1, 1), Span(0, 0))


def _members(value: Value, depth: int) -> Iterator[Mapping]:
    """The object itself, or the items of a list object."""
    if isinstance(value, Sequence) and depth < 3:
        for item in value.items:
            yield from _members(item, depth + 1)
    elif isinstance(value, Mapping):
        if (text(value.get("kind")) or "").endswith("List") and isinstance(value.get("items"), Sequence):
            yield from _members(value.items["items"], depth + 1)
        else:
            yield value


def _is_test(item: Resource) -> bool:
    metadata = item.attributes.get("metadata")
    hook = metadata.get("annotations", "helm.sh/hook") if isinstance(metadata, Mapping) else None
    return "test" in (text(hook) or "")
