"""One release: a chart with one set of values, rendered file by file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.infra.helm import library
from pgconnlint.infra.helm.capabilities import capabilities
from pgconnlint.infra.helm.chart import Chart, text_of
from pgconnlint.infra.helm.chart_files import files_object
from pgconnlint.infra.helm.data import Datum, Scalar, Table
from pgconnlint.infra.helm.manifests import Rendered, settled
from pgconnlint.infra.helm.output import LimitError
from pgconnlint.infra.helm.outside import rendered_outside
from pgconnlint.infra.helm.render import FILE_STEPS, Body, Engine
from pgconnlint.infra.helm.traced import Traced, of_file
from pgconnlint.syntax.files import Files
from pgconnlint.syntax.gotemplate import Template, parse
from pgconnlint.syntax.gotokens import TemplateError
from pgconnlint.text import Location, Position, Span

_KINDS = re.compile(r"(?m)^kind:[ \t]*[\"']?([A-Za-z]+)")
_DULL = frozenset({
    "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Ingress", "NetworkPolicy",
    "PodDisruptionBudget", "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "Certificate", "Issuer",
    "CustomResourceDefinition", "PodSecurityPolicy", "ValidatingWebhookConfiguration", "Gateway", "VirtualService",
    "MutatingWebhookConfiguration", "SecurityContextConstraints", "PriorityClass", "HTTPRoute", "Route",
})  # fmt: skip
"""Kinds nothing is read from; a template that makes only these is not rendered."""


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """``chart`` has its switched-off dependencies removed; ``values`` are complete."""

    chart: Chart
    name: str
    values: Table
    files: Files
    namespace: str = "default"
    templates: dict[str, Template | TemplateError] = field(default_factory=dict)  # parsed, shared by releases


def rendered(release: Release) -> Iterator[Rendered]:
    """The output of every template of the release that may declare something."""
    engine = Engine()
    _define_library(engine)
    work = list(_bodies(release, engine))
    given_up: dict[str, str] = {}
    for chart, values, path, body in work:
        data = _context(release, chart, values, path)
        left = engine.steps
        allowed = engine.steps = min(left, FILE_STEPS)
        if left <= 0:
            given_up.setdefault(path, "the chart takes too long")
            if release.files.helm is None:
                break
            continue
        try:
            text = engine.run(body, data)
        except LimitError as limit:
            given_up[path] = str(limit)
            engine.depth = 0
            continue
        finally:
            engine.steps = left - (allowed - engine.steps)
        if text.text.strip():
            place = _place(release.files, path)
            yield Rendered(path, settled(text), engine.reasons, release.files, place, engine.encoded)
    yield from _by_program(release, given_up)


def _by_program(release: Release, given_up: dict[str, str]) -> Iterator[Rendered]:
    """What the built-in renderer gave up on, by the `helm` program where there is one; else failures."""
    found: dict[str, Traced] = {}
    files, reason = release.files, ""
    if given_up and files.helm is not None:
        try:
            found = rendered_outside(
                files, release.chart, release.name, release.namespace, release.values, list(given_up)
            )
        except Exception as error:  # whatever stops an outside program is a failure of the chart, not ours
            reason = f"; {error}"
    for path, limit in given_up.items():
        text = found.get(path)
        if text is None:
            files.fail(Failure(path, FailureKind.TOO_COMPLEX, f"cannot be rendered: {limit}{reason}"))
        else:
            yield Rendered(path, settled(text), {}, files, _place(files, path))


def _define_library(engine: Engine) -> None:
    """Templates of the library chart most others use, in case it is not in the repository."""
    engine.define(Traced(library.COMMON))


def _bodies(release: Release, engine: Engine) -> Iterator[tuple[Chart, Table, str, Body]]:
    """Every template file in Helm's order of definition: deeper charts first, so that parents win."""
    found: list[tuple[Chart, Table, str, Body]] = []
    for chart, values in reversed(list(charts_of(release.chart, release.values, 0))):
        for path in sorted(chart.paths):
            inner = path.removeprefix(chart.prefix)
            if not inner.startswith("templates/") or not inner.endswith((".yaml", ".yml", ".tpl")):
                continue
            body = _parsed(release, engine, path)
            name = inner.rpartition("/")[2]
            whole = body is not None and not name.startswith("_") and not inner.endswith(".tpl")
            if body is not None and whole and not chart.library and _matters(body.source.text):
                found.append((chart, values, path, body))
    yield from found


def _matters(text: str) -> bool:
    kinds = _KINDS.findall(text)
    return "{{" in text if not kinds else any(kind not in _DULL for kind in kinds)


def _parsed(release: Release, engine: Engine, path: str) -> Body | None:
    document = release.files.document(path)
    if document is None:
        return None
    source = of_file(path, document.text)
    known = release.templates.get(path)
    try:
        if isinstance(known, TemplateError):
            return None
        template = known or parse(document.text)
        release.templates[path] = template
        return engine.define(source, template)
    except TemplateError as error:
        release.templates[path] = error
        line = document.lines.position(error.offset).line
        release.files.fail(Failure(path, FailureKind.SYNTAX, f"cannot be parsed as a template: {error.message}", line))
    return None


def charts_of(chart: Chart, values: Table, depth: int) -> Iterator[tuple[Chart, Table]]:
    """A chart and those it brings along, each with its own values."""
    yield chart, values
    if depth > 8:
        return
    below = [(one.key, one.chart) for one in chart.dependencies if one.chart is not None]
    for key, inner in [*below, *((one.name, one) for one in chart.embedded)]:
        own = values.items.get(key)
        yield from charts_of(inner, own if isinstance(own, Table) else Table(), depth + 1)


def _context(release: Release, chart: Chart, values: Table, path: str) -> Table:
    """What the dot of a template file is."""
    names: dict[str, Datum] = {
        "Name": Traced(release.name),
        "Namespace": Traced(release.namespace),
        "Service": Traced("Helm"),
        "IsInstall": Scalar(True),
        "IsUpgrade": Scalar(False),
        "Revision": Scalar(1),
    }
    inner = path.removeprefix(chart.prefix)
    return Table(
        {
            "Values": values,
            "Release": Table(names),
            "Chart": _chart_object(chart, root=chart is release.chart),
            "Capabilities": capabilities(),
            "Files": files_object(release.files, chart),
            "Template": Table({"Name": Traced(f"{chart.name}/{inner}"), "BasePath": Traced(f"{chart.name}/templates")}),
            "Subcharts": Table(),
        }
    )


def _chart_object(chart: Chart, *, root: bool) -> Table:
    items = {key[:1].upper() + key[1:]: value for key, value in chart.metadata.items.items()}
    items = {("APIVersion" if key == "ApiVersion" else key): value for key, value in items.items()}
    name = chart.metadata.items.get("name")
    if text_of(name) != chart.name or name is None:
        items["Name"] = Traced(chart.name)
    for key in ("Version", "AppVersion"):
        items[key] = Traced(text_of(items[key])).same(text_of(items[key])) if key in items else Traced("")
    items["IsRoot"] = Scalar(root)
    return Table(items)


def _place(files: Files, path: str) -> Location:
    document = files.document(path)
    return document.at(0, 0) if document else Location(path, Position(1, 1), Position(1, 1), Span(0, 0))
