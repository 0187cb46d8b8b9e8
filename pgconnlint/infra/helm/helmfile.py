"""helmfile.yaml: releases of charts, for every environment it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import normpath

from pgconnlint.infra.environment import canonical, environment_of
from pgconnlint.infra.helm.chart import Charts, table_of, text_of
from pgconnlint.infra.helm.data import Array, Datum, Opaque, Scalar, Table
from pgconnlint.infra.helm.documents import read_yaml
from pgconnlint.infra.helm.manifests import settled
from pgconnlint.infra.helm.output import LimitError
from pgconnlint.infra.helm.render import FILE_STEPS, Engine
from pgconnlint.infra.helm.traced import Mark, Traced, of_file
from pgconnlint.infra.helm.values import laid_over, lookup
from pgconnlint.syntax.files import Files
from pgconnlint.syntax.gotokens import TemplateError

_NAME = re.compile(r"(?:^|/)(?:helmfile\.ya?ml|helmfile\.d/[^/]+\.ya?ml)$")
_NAMES_OF_ENVIRONMENTS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Install:
    """One release: ``folder`` of a chart in the repository, or None and ``chart`` as written.

    ``complete``: every values file it names is here.
    """

    chart: str
    folder: str | None
    name: str
    namespace: str
    values: Table
    environment: str
    mark: Mark
    repository: str = ""
    complete: bool = True


def installs(charts: Charts) -> Iterator[Install]:
    """Every release that a helmfile among the project's files installs."""
    for path in charts.files.paths:
        if not _NAME.search(path):
            continue
        first = _read(charts.files, path, "default", Table())
        named = first.items.get("environments") if first is not None else None
        names = [name for name in named.items if "\ue000" not in name] if isinstance(named, Table) else []
        chosen = [name for name in names if name != "default"] or ["default"]
        for name in chosen[:_NAMES_OF_ENVIRONMENTS]:
            yield from _of_environment(charts, path, name, named if isinstance(named, Table) else Table())


def _of_environment(charts: Charts, path: str, name: str, named: Table) -> Iterator[Install]:
    files = charts.files
    entry = named.items.get(name)
    state, _ = _layers(files, path, entry.items.get("values") if isinstance(entry, Table) else None)
    written = _read(files, path, name, state)
    releases = written.items.get("releases") if written is not None else None
    repositories = _repositories(written)
    environment = environment_of(path) if name == "default" else canonical(name)
    for release in releases.items if isinstance(releases, Array) else ():
        if isinstance(release, Table) and _installed(release, state):
            found = _install(charts, path, release, environment, repositories)
            if found is not None:
                yield found


def _installed(release: Table, state: Table) -> bool:
    match release.items.get("installed"):
        case Scalar(value=False):
            return False
        case Traced(text="false"):
            return False
    condition = text_of(release.items.get("condition"))
    flag = lookup(state, condition) if condition else None
    return not (isinstance(flag, Scalar) and flag.value is False)


def _install(
    charts: Charts, path: str, release: Table, environment: str, repositories: dict[str, str]
) -> Install | None:
    chart, name = text_of(release.items.get("chart")), text_of(release.items.get("name"))
    if not chart or "\ue000" in chart + name:
        return None
    values, complete = _layers(charts.files, path, release.items.get("values"))
    for entry in _items(release.items.get("set")):
        if isinstance(entry, Table):
            values = laid_over(values, _nested(text_of(entry.items.get("name")), entry.items.get("value")))
    local = normpath(f"{path.rpartition('/')[0] or '.'}/{chart}")
    folder = local if local in charts.folders else None
    place = release.items.get("name")
    mark = place.whole() if isinstance(place, Traced) and place.marks else release.mark or Mark(0, path, 0, 0)
    source = repositories.get(chart.partition("/")[0], "")
    namespace = text_of(release.items.get("namespace"))
    return Install(
        chart,
        folder,
        name or chart.rpartition("/")[2],
        "" if "\ue000" in namespace else namespace,
        values,
        environment,
        mark,
        source,
        complete,
    )


def _nested(path: str, value: Datum | None) -> Table:
    """`a.b=x` as maps in each other."""
    made: Datum = value if value is not None else Scalar(None)
    for key in reversed(path.split(".")):
        made = Table({key: made})
    return made if isinstance(made, Table) else Table()


def _repositories(written: Table | None) -> dict[str, str]:
    listed = _items(written.items.get("repositories")) if written is not None else ()
    return {text_of(one.items.get("name")): text_of(one.items.get("url")) for one in listed if isinstance(one, Table)}


def _items(value: Datum | None) -> tuple[Datum, ...]:
    return value.items if isinstance(value, Array) else ()


def _layers(files: Files, path: str, listed: Datum | None) -> tuple[Table, bool]:
    """Values files and values in place, later over earlier; False where a file is not here."""
    folder = path.rpartition("/")[0] or "."
    values, complete = Table(), not isinstance(listed, Opaque)
    for entry in _items(listed):
        held: Table | None = None
        if isinstance(entry, Table):
            held = entry
        elif isinstance(entry, Traced):
            where = normpath(f"{folder}/{entry.text}")
            held = table_of(files, where) if where in files else None
        if held is None:
            complete = False
        else:
            values = laid_over(values, held)
    return values, complete


def _read(files: Files, path: str, name: str, state: Table) -> Table | None:
    """The helmfile rendered for one environment; its documents put over each other."""
    document = files.document(path)
    if document is None:
        return None
    environment = Table({"Name": Traced(name), "Values": state})
    data = Table({"Environment": environment, "Values": state, "StateValues": state, "Namespace": Traced("")})
    engine = Engine(steps=FILE_STEPS)
    try:
        text = engine.run(engine.define(of_file(path, document.text)), data)
    except (TemplateError, LimitError):
        return None
    made = Table()
    for value, problem in read_yaml(settled(text)):
        if not problem and isinstance(value, Table):
            made = laid_over(made, value)
    return made
