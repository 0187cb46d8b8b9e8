"""Argo CD Applications and Flux HelmReleases that install a chart of this repository, with the values they give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from posixpath import normpath

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.helm.chart import Charts, table_of
from pgconnlint.infra.helm.data import Table
from pgconnlint.infra.helm.documents import from_value, mark_at, read_yaml
from pgconnlint.infra.helm.helmfile import Install
from pgconnlint.infra.helm.traced import Traced
from pgconnlint.infra.helm.values import laid_over
from pgconnlint.infra.kubernetes.manifests import path_get, resources
from pgconnlint.infra.resource import Known, Resource, Value, sequence, text
from pgconnlint.infra.yaml_values import embedded


def applications(charts: Charts) -> Iterator[Install]:
    """One release for each of them whose chart and values files are all here; the others are left alone."""
    rendered = tuple(f"{folder}/templates/" if folder else "templates/" for folder in charts.folders)
    for path in charts.files.of("yaml") if charts.folders else ():
        document = None if path.startswith(rendered) else charts.files.document(path)
        if document is None or "helm" not in document.text or not re.search(r"argoproj\.io|fluxcd\.io", document.text):
            continue
        for item in resources(document, charts.files):
            found = _install(charts, item) if item.kind == "Application" else _flux(charts, item)
            if found is not None:
                yield found


def _install(charts: Charts, item: Resource) -> Install | None:
    spec = item.attributes.get("spec")
    for source in (path_get(spec, "source"), *sequence(path_get(spec, "sources"))):
        folder = normpath(text(path_get(source, "path")) or "-").removeprefix("./")
        helm = path_get(source, "helm")
        if folder not in charts.folders or helm is None:
            continue
        names = [text(one) for one in sequence(path_get(helm, "valueFiles"))]
        paths = [_resolved(folder, name) for name in names if name]
        if len(paths) != len(names) or any(path not in charts.files for path in paths):
            return None
        values = Table()
        for path in paths:
            values = laid_over(values, table_of(charts.files, path) or Table())
        for given in _inline(charts, helm):
            values = laid_over(values, given)
        environment = item.environment or next((one for path in paths if (one := environment_of(path))), "")
        name = text(path_get(helm, "releaseName")) or item.name
        namespace = text(path_get(spec, "destination", "namespace")) or ""
        return Install(folder, folder, name, namespace, values, environment, mark_at(item.at))
    return None


def _flux(charts: Charts, item: Resource) -> Install | None:
    """A HelmRelease whose chart is a folder of a Git repository: `spec.chart.spec.chart` from its root."""
    spec = item.attributes.get("spec")
    wanted = path_get(spec, "chart", "spec")
    if item.kind != "HelmRelease" or text(path_get(wanted, "sourceRef", "kind")) != "GitRepository":
        return None
    folder = normpath((text(path_get(wanted, "chart")) or "-").lstrip("/")).removeprefix("./")
    names = [text(one) for one in sequence(path_get(wanted, "valuesFiles"))]
    paths = [normpath(name.lstrip("/")) for name in names if name]
    if folder not in charts.folders or any(path not in charts.files for path in paths):
        return None
    values = Table()
    for path in paths:
        values = laid_over(values, table_of(charts.files, path) or Table())
    given = from_value(path_get(spec, "values"))
    values = laid_over(values, given) if isinstance(given, Table) else values
    name = text(path_get(spec, "releaseName")) or item.name
    namespace = text(path_get(spec, "targetNamespace")) or item.namespace
    return Install(folder, folder, name, namespace, values, item.environment, mark_at(item.at))


def _resolved(folder: str, name: str) -> str:
    """A values file beside the chart, or from the root of the repository a `$ref` names."""
    if name.startswith("$"):
        return normpath(name.partition("/")[2])
    return normpath(name.lstrip("/") if name.startswith("/") else f"{folder}/{name}")


def _inline(charts: Charts, helm: Value) -> Iterator[Table]:
    """`values` below `valuesObject` below `parameters`."""
    written = path_get(helm, "values")
    if isinstance(written, Known) and isinstance(written.value, str):
        held = from_value(replace(written, source=embedded(charts.files, written, "yaml")))
        for read, problem in read_yaml(held) if isinstance(held, Traced) else ():
            if not problem and isinstance(read, Table):
                yield read
    given = from_value(path_get(helm, "valuesObject"))
    if isinstance(given, Table):
        yield given
    for one in sequence(path_get(helm, "parameters")):
        name, value = text(path_get(one, "name")), path_get(one, "value")
        if name and value is not None and "[" not in name:
            made = from_value(value)
            for key in reversed(name.split(".")):
                made = Table({key: made})
            if isinstance(made, Table):
                yield made
