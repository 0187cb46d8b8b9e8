"""Charts that manifests install: Flux HelmRelease, Argo CD Application, k3s HelmChart, Kustomize helmCharts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from posixpath import join, normpath

from pgconnlint.infra.kubernetes.manifests import api_group, path_get
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.reading import add
from pgconnlint.infra.resource import Known, Mapping, Resource, Value, sequence, text
from pgconnlint.infra.yaml_values import embedded, values
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location


@dataclass(frozen=True, slots=True)
class Release:
    """One chart with the values it gets, lowest precedence first already merged."""

    chart: str
    name: str
    values: Mapping | None
    at: Location
    repository: str = ""
    namespace: str = ""


def declarations(scope: Scope) -> Infrastructure:
    """What the installed charts declare, as far as their values tell."""
    from pgconnlint.infra import charts  # charts read quantities and names as manifests do

    found = []
    for item in scope.of("HelmRelease", "Application", "HelmChart"):
        for one in _releases(item, scope):
            found.append(
                charts.declarations_from_values(
                    one.chart,
                    one.name,
                    one.values,
                    one.at,
                    item.environment,
                    item.origin,
                    repository=one.repository,
                    namespace=one.namespace,
                    files=scope.files,
                )
            )
    return add(found)


def _releases(item: Resource, scope: Scope) -> Iterator[Release]:
    match item.kind, api_group(item):
        case "HelmRelease", "helm.toolkit.fluxcd.io":
            yield from _flux(item, scope)
        case "Application", "argoproj.io":
            yield from _argo(item, scope)
        case "HelmChart", "helm.cattle.io":
            yield from _rancher(item, scope)


def _flux(item: Resource, scope: Scope) -> Iterator[Release]:
    """`spec.values` over `spec.valuesFrom` in order (Flux helm-controller)."""
    spec, files = item.attributes.get("spec"), scope.files
    chart = text(path_get(spec, "chart", "spec", "chart")) or text(path_get(spec, "chartRef", "name"))
    local = normpath(f"{(chart or '').lstrip('/')}/Chart.yaml")
    if not chart or (text(path_get(spec, "chart", "spec", "sourceRef", "kind")) == "GitRepository" and local in files):
        return  # a chart of this repository is rendered
    layers: list[Value | None] = []
    for source in sequence(path_get(spec, "valuesFrom")):
        key = text(path_get(source, "valuesKey")) or "values.yaml"
        if text(path_get(source, "kind")) == "ConfigMap":
            config = scope.find("ConfigMap", text(path_get(source, "name")), item)
            held = path_get(config.attributes, "data", key) if config else None
            layers.append(_parsed(held, scope.files))
    layers.append(path_get(spec, "values"))
    name = text(path_get(spec, "releaseName")) or item.name
    namespace = text(path_get(spec, "targetNamespace")) or item.namespace
    source_name = text(path_get(spec, "chart", "spec", "sourceRef", "name")) or ""
    yield Release(chart, name, _merged(layers), item.at, source_name, namespace)


def _argo(item: Resource, scope: Scope) -> Iterator[Release]:
    """`values` text below `valuesObject` below `parameters` (Argo CD Application)."""
    spec = item.attributes.get("spec")
    namespace = text(path_get(spec, "destination", "namespace")) or ""
    for source in (path_get(spec, "source"), *sequence(path_get(spec, "sources"))):
        chart = text(path_get(source, "chart"))
        if not chart:
            continue
        helm = path_get(source, "helm")
        layers: list[Value | None] = [_value_file(one, scope.files) for one in sequence(path_get(helm, "valueFiles"))]
        layers += [_parsed(path_get(helm, "values"), scope.files), path_get(helm, "valuesObject"), _parameters(helm)]
        name = text(path_get(helm, "releaseName")) or item.name
        yield Release(chart, name, _merged(layers), item.at, text(path_get(source, "repoURL")) or "", namespace)


def _value_file(name: Value, files: Files) -> Mapping | None:
    """A file that `$ref` finds from the root of a repository; what is not in this one leaves the values open."""
    written = text(name) or ""
    if not written.startswith("$"):
        return None  # beside the chart, which is elsewhere: its own choice
    document = files.document(normpath(written.partition("/")[2]), "yaml")
    found = values(document, files, report=lambda raw: False) if document is not None else []
    held = next((one for one in found if isinstance(one, Mapping)), None)
    return held if held is not None else Mapping({}, name.at, partial=True)


def _rancher(item: Resource, scope: Scope) -> Iterator[Release]:
    spec = item.attributes.get("spec")
    chart = text(path_get(spec, "chart"))
    if chart:
        layers = [_parsed(path_get(spec, "valuesContent"), scope.files), path_get(spec, "set")]
        namespace = text(path_get(spec, "targetNamespace")) or item.namespace
        yield Release(chart, item.name, _merged(layers), item.at, text(path_get(spec, "repo")) or "", namespace)


def kustomize_releases(
    written: Mapping, environment: str, origin: str, files: Files, folder: str = ""
) -> Infrastructure:
    """The `helmCharts` of a kustomization, and those of its generators, with the values they give in place."""
    from pgconnlint.infra import charts

    found = []
    for one in (*sequence(written.get("helmCharts")), *_generated(written, folder, files)):
        chart = text(path_get(one, "name"))
        if chart:
            name = text(path_get(one, "releaseName")) or chart
            given = _merged([path_get(one, "valuesInline")])
            repository = text(path_get(one, "repo")) or ""
            found.append(
                charts.declarations_from_values(
                    chart, name, given, one.at, environment, origin, repository=repository, files=files
                )
            )
    return add(found)


def _generated(written: Mapping, folder: str, files: Files) -> Iterator[Mapping]:
    """HelmChartInflationGenerator: what `helmCharts` is made into, as a file of its own."""
    for name in sequence(written.get("generators")):
        path = normpath(join(folder, text(name) or "-"))
        document = files.document(path) if path in files else None
        for one in values(document, files, report=lambda raw: False) if document is not None else ():
            if isinstance(one, Mapping) and text(one.get("kind")) == "HelmChartInflationGenerator":
                yield one


def _parsed(value: Value | None, files: Files) -> Value | None:
    """YAML text in a scalar as a value with its places; a mapping as it is."""
    if not isinstance(value, Known):
        return value
    document = embedded(files, value, "yaml")
    found = values(document, files, report=lambda raw: False) if document is not None else []
    return found[0] if found else None


def _parameters(helm: Value | None) -> Mapping | None:
    """`parameters: [{name: a.b, value: x}]` as nested maps."""
    listed = sequence(path_get(helm, "parameters"))
    result: Mapping | None = None
    for one in listed:
        name, value = text(path_get(one, "name")), path_get(one, "value")
        if name and value is not None and "[" not in name:
            nested: Value = value
            for key in reversed(name.replace("\\.", "\0").split(".")):
                nested = Mapping({key.replace("\0", "."): nested}, one.at)
            result = _merged([result, nested])
    return result


def _merged(layers: list[Value | None]) -> Mapping | None:
    """Maps merge, everything else is replaced; later layers win."""
    result: Mapping | None = None
    for layer in layers:
        if isinstance(layer, Mapping):
            result = layer if result is None else _over(result, layer)
    return result


def _over(below: Mapping, above: Mapping) -> Mapping:
    items = dict(below.items)
    for key, value in above.items.items():
        held = items.get(key)
        items[key] = _over(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    keys = {**below.keys, **above.keys}
    return replace(below, items=items, keys=keys, partial=below.partial or above.partial)
