"""Values as Helm puts them together, and which files are alternatives of one another."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from pgconnlint.infra.environment import canonical, environment_of
from pgconnlint.infra.helm.chart import Chart, Charts, Dependency, table_of, text_of
from pgconnlint.infra.helm.data import Datum, Opaque, Scalar, Table
from pgconnlint.infra.helm.list_functions import copied, merged
from pgconnlint.infra.helm.traced import Traced

DEEPEST = 40


class Layers(NamedTuple):
    """One alternative: the environment's name and the values files over the chart's own, lowest first."""

    environment: str
    paths: tuple[str, ...]


def laid_over(lower: Table, upper: Table, depth: int = 0) -> Table:
    """``upper`` over ``lower``: maps merge, anything else is replaced whole; null stays, to delete later."""
    made = Table(dict(lower.items), dict(lower.keys), lower.mark)
    for key, value in upper.items.items():
        below = made.items.get(key)
        if isinstance(below, Table) and isinstance(value, Table) and depth < DEEPEST:
            value = laid_over(below, value, depth + 1)
        made.put(key, value, upper.keys.get(key))
    return made


def _filled(given: Table, defaults: Table, depth: int = 0) -> Table:
    """What is given, and the chart's defaults for what is not; a given null deletes the default."""
    made = Table(dict(given.items), dict(given.keys), given.mark)
    for key, value in defaults.items.items():
        present = made.items.get(key)
        if present is None:
            made.put(key, copied(value), defaults.keys.get(key))
        elif isinstance(present, Scalar) and present.value is None:
            del made.items[key]
        elif isinstance(present, Table) and isinstance(value, Table) and depth < DEEPEST:
            made.items[key] = _filled(present, value, depth + 1)
    return made


def coalesced(chart: Chart, given: Table) -> Table:
    """A chart's values with its subcharts' below their names, globals shared."""
    values = _filled(given, chart.values)
    shared = values.items.get("global")
    for key, subchart in _children(chart):
        below = values.items.get(key)
        inner = below if isinstance(below, Table) else Table()
        if isinstance(shared, Table):
            own = inner.items.get("global")
            both = laid_over(own, shared) if isinstance(own, Table) else shared
            inner = Table({**inner.items, "global": copied(both)}, inner.keys, inner.mark)
        if subchart is not None:
            values.items[key] = coalesced(subchart, inner)
        elif isinstance(below, Table):
            values.items[key] = inner
    return values


def _children(chart: Chart) -> list[tuple[str, Chart | None]]:
    declared: list[tuple[str, Chart | None]] = [(one.key, one.chart) for one in chart.dependencies]
    return [*declared, *((one.name, one) for one in chart.embedded)]


def enabled(dependency: Dependency, values: Table) -> bool:
    """Whether a dependency is switched on: the first condition that is there decides, then tags."""
    for condition in dependency.conditions:
        match lookup(values, condition):
            case Scalar(value=bool(flag)):
                return flag
            case Opaque():
                return True
    tags = values.items.get("tags")
    found = [tags.items[tag] for tag in dependency.tags if tag in tags.items] if isinstance(tags, Table) else []
    flags = [one.value for one in found if isinstance(one, Scalar) and isinstance(one.value, bool)]
    return any(flags) if flags else True


def lookup(values: Datum | None, path: str) -> Datum | None:
    """The value at a dotted path, or None."""
    for key in path.split("."):
        if not isinstance(values, Table):
            return values if isinstance(values, Opaque) else None
        values = values.items.get(key)
    return values


def imported(chart: Chart, values: Table) -> Table:
    """`import-values`: what children hand up fills what the parent does not say."""
    for dependency in chart.dependencies:
        below = values.items.get(dependency.key)
        for entry in dependency.imports:
            match entry:
                case Traced(text=name):
                    source, target = lookup(below, f"exports.{name}"), ""
                case Table():
                    source = lookup(below, text_of(entry.items.get("child")))
                    target = text_of(entry.items.get("parent"))
                case _:
                    continue
            if isinstance(source, Table):
                for part in reversed(target.split(".") if target and target != "." else []):
                    source = Table({part: source})
                values = merged(values, source, overwrite=False)
    return values


def pruned(chart: Chart, values: Table) -> Chart:
    """The chart without the dependencies that are switched off, at every level."""
    kept: list[Dependency] = []
    for dependency in chart.dependencies:
        if not enabled(dependency, values):
            continue
        below = values.items.get(dependency.key)
        inner = dependency.chart
        kept.append(replace(dependency, chart=pruned(inner, below) if inner and isinstance(below, Table) else inner))
    return replace(chart, dependencies=tuple(kept))


_APART = re.compile(r"example|sample|template|schema|secret|\benc\b|default|readme|lint|snapshot", re.IGNORECASE)
_HOLDERS = re.compile(
    r"(?:^|/)(?:values|environments?|envs?|overrides|overlays|config|configs|vars|deploy|stages)(?:/|$)"
)
_NO_VALUES = ("templates/", "charts/", "crds/", "ci/", "tests/", "test/", "files/", "docs/", "dashboards/")


def alternatives(charts: Charts, chart: Chart) -> list[Layers]:
    """The environments a chart is deployed to, told by the values files next to it.

    Where none of them is the production one, the plain values are an alternative of their own.
    """
    found: dict[str, list[str]] = {}
    for path in _candidates(charts, chart):
        environment = environment_of(path) or _own_name(path)
        table = table_of(charts.files, path) if environment else None
        if table is not None and _fits(table, chart):
            found.setdefault(environment, []).append(path)
    if not found:
        return [Layers(environment_of(chart.prefix + "values.yaml"), ())]
    layers = [
        Layers(name, tuple(sorted(paths, key=lambda one: (one.count("/"), one))))
        for name, paths in sorted(found.items())
    ]
    if not any(one.environment.startswith("prod") for one in layers):
        layers.insert(0, Layers("default", ()))
    return layers


def _rank(path: str) -> tuple[int, str]:
    """Files of one environment lie over each other: the outer ones lowest."""
    return path.count("/"), path


def _own_name(path: str) -> str:
    """`values-ha.yaml` is the alternative `ha`."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    name = re.sub(r"^values?[._-]+|[._-]+values?$", "", stem)
    return "" if name in ("values", "") else canonical(name)


def _candidates(charts: Charts, chart: Chart) -> list[str]:
    own = [path for path in chart.paths if _is_values(path.removeprefix(chart.prefix))]
    return own or _beside(charts, chart)


def _beside(charts: Charts, chart: Chart) -> list[str]:
    """Values files in the folder that holds the chart: those that name it, or all when it is alone there."""
    holder = chart.folder.rpartition("/")[0]
    if not chart.folder or holder in charts.folders:
        return []
    prefix = holder + "/" if holder else ""
    folder = chart.folder.rpartition("/")[2]
    alone = sum(one.startswith(prefix) for one in charts.folders) == 1 and bool(holder)
    inside = tuple(one + "/" for one in charts.folders)
    names = (chart.name, folder)
    return [
        path
        for path in charts.files.paths
        if path.startswith(prefix)
        and not path.startswith(inside)
        and _is_values(rest := path.removeprefix(prefix))
        and (alone or any(name in re.split(r"[/.]", rest) or f"{name}-values" in rest for name in names))
    ]


def _is_values(path: str) -> bool:
    """A path relative to the chart names a values file that is not the chart's own."""
    if not path.endswith((".yaml", ".yml")) or path.startswith(_NO_VALUES) or path.count("/") > 3:
        return False
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    if _APART.search(path) or stem in ("Chart", "requirements", "helmfile", "kustomization", "skaffold"):
        return False
    if not folder:
        return stem != "values" and bool(re.search(r"(?:^|[._-])values?(?:[._-]|$)", stem) or _names(stem))
    return bool(re.search(r"(?:^|[._-])values?(?:[._-]|$)", stem) or _HOLDERS.search(folder))


def _names(stem: str) -> bool:
    return bool(environment_of(stem + ".yaml"))


def _fits(table: Table, chart: Chart) -> bool:
    """Values for this very chart share a key with its own, or name one of its dependencies."""
    if "kind" in table.items and "apiVersion" in table.items:
        return False
    known = {*chart.values.items, *(one.key for one in chart.dependencies), *(one.name for one in chart.embedded)}
    return bool(known & table.items.keys()) or (not known and bool(table.items))
