"""Charts as they lie in the repository: metadata, default values, dependencies, templates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from posixpath import normpath

from pgconnlint.finding import Failure, FailureKind
from pgconnlint.infra.helm.data import Array, Datum, Scalar, Table, strval
from pgconnlint.infra.helm.documents import read_yaml
from pgconnlint.infra.helm.traced import Mark, Traced, of_file
from pgconnlint.syntax.files import Files
from pgconnlint.text import Span

DEEPEST = 6
"""Levels of subcharts that are followed."""


@dataclass(frozen=True, slots=True, eq=False)
class Dependency:
    """One entry of `dependencies`. ``chart`` is None when it is not in the repository."""

    name: str
    alias: str
    repository: str
    version: str
    conditions: tuple[str, ...]
    tags: tuple[str, ...]
    imports: tuple[Datum, ...]
    mark: Mark
    chart: Chart | None = None

    @property
    def key(self) -> str:
        """The key of its values in the parent's."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """``folder`` is relative to the root, "" for the root itself; ``name`` is the alias where it has one."""

    folder: str
    name: str
    metadata: Table
    values: Table
    dependencies: tuple[Dependency, ...] = ()
    embedded: tuple[Chart, ...] = ()  # in charts/ without being declared
    paths: tuple[str, ...] = ()  # every file of the chart, without those of its subcharts
    mark: Mark | None = None

    @property
    def library(self) -> bool:
        return text_of(self.metadata.items.get("type")) == "library"

    @property
    def prefix(self) -> str:
        return self.folder + "/" if self.folder else ""


@dataclass(slots=True, eq=False)
class Charts:
    """Every chart of a project, read once. ``children`` are folders of charts that others bring along."""

    files: Files
    folders: tuple[str, ...]
    libraries: dict[str, str] = field(default_factory=dict)  # library charts by name
    children: set[str] = field(default_factory=set)
    read: dict[str, Chart | None] = field(default_factory=dict)


def find(files: Files) -> Charts:
    """All charts among the files."""
    folders = tuple(_folder(path) for path in files.paths if path == "Chart.yaml" or path.endswith("/Chart.yaml"))
    charts = Charts(files, folders)
    for folder in folders:
        metadata = _table(files, _inside(folder, "Chart.yaml"), report=False)
        if text_of(metadata.items.get("type")) == "library" and (name := text_of(metadata.items.get("name"))):
            charts.libraries.setdefault(name, folder)
    for folder in folders:
        load(charts, folder)
    return charts


def load(charts: Charts, folder: str, depth: int = 0) -> Chart | None:
    """The chart in a folder with everything it brings along; None where there is none."""
    if folder in charts.read:
        return charts.read[folder]
    charts.read[folder] = None  # a chart that depends on itself ends here
    if folder not in charts.folders or depth > DEEPEST:
        return None
    metadata = _table(charts.files, _inside(folder, "Chart.yaml"), report=True)
    name = text_of(metadata.items.get("name")) or folder.rpartition("/")[2] or "chart"
    declared = metadata.items.get("dependencies")
    if not isinstance(declared, Array):
        declared = _table(charts.files, _inside(folder, "requirements.yaml"), report=False).items.get("dependencies")
    below = [one for one in charts.folders if _parent(one) == _inside(folder, "charts") and one != folder]
    dependencies = tuple(
        _dependency(charts, entry, folder, below, depth)
        for entry in (declared.items if isinstance(declared, Array) else ())
        if isinstance(entry, Table)
    )
    taken = {one.chart.folder for one in dependencies if one.chart is not None}
    embedded = tuple(one for path in below if path not in taken and (one := load(charts, path, depth + 1)) is not None)
    charts.children.update(below)
    charts.children.update(taken)
    values = _table(charts.files, _inside(folder, "values.yaml"), report=True)
    chart = Chart(folder, name, metadata, values, dependencies, embedded, _paths(charts, folder), _name_mark(metadata))
    charts.read[folder] = chart
    return chart


def _name_mark(metadata: Table) -> Mark | None:
    name = metadata.items.get("name")
    return name.whole() if isinstance(name, Traced) and name.marks else metadata.mark


def _dependency(charts: Charts, entry: Table, folder: str, below: list[str], depth: int) -> Dependency:
    name, repository = text_of(entry.items.get("name")), text_of(entry.items.get("repository"))
    conditions = tuple(part.strip() for part in text_of(entry.items.get("condition")).split(",") if part.strip())
    place = entry.items.get("name")
    dependency = Dependency(
        name,
        text_of(entry.items.get("alias")),
        repository,
        text_of(entry.items.get("version")),
        conditions,
        tuple(text_of(tag) for tag in _items(entry.items.get("tags"))),
        _items(entry.items.get("import-values")),
        place.whole() if isinstance(place, Traced) else entry.mark or Mark(0, _inside(folder, "Chart.yaml"), 0, 0),
    )
    where = _inside(folder, f"charts/{name}")
    if where not in below and repository.startswith("file://"):
        where = normpath(_inside(folder, repository.removeprefix("file://")))
        where = "" if where == "." else where
    if where not in charts.folders:
        where = charts.libraries.get(name, where)
    chart = load(charts, where, depth + 1) if where in charts.folders and where != folder else None
    if chart is not None and dependency.alias:
        chart = replace(chart, name=dependency.alias)
    return replace(dependency, chart=chart)


def _paths(charts: Charts, folder: str) -> tuple[str, ...]:
    prefix = folder + "/" if folder else ""
    inner = tuple(one + "/" for one in charts.folders if one != folder and one.startswith(prefix))
    return tuple(path for path in charts.files.paths if path.startswith(prefix) and not path.startswith(inner))


def table_of(files: Files, path: str) -> Table | None:
    """The mapping in a YAML file; None (and a recorded failure) where it is none."""
    document = files.document(path)
    if document is None:
        return None
    found = read_yaml(of_file(path, document.text))
    if not found:
        return Table()
    value, problem = found[0]
    if isinstance(value, Table):
        return value
    if problem:
        line = document.location(Span(*_ends(value))).start.line
        files.fail(Failure(path, FailureKind.SYNTAX, problem, line))
    return None


def _ends(value: Datum) -> tuple[int, int]:
    mark = value.mark if not isinstance(value, Traced) and hasattr(value, "mark") else None
    return (mark.start, mark.end) if mark is not None else (0, 0)


def _table(files: Files, path: str, *, report: bool) -> Table:
    if path not in files:
        return Table()
    if report:
        return table_of(files, path) or Table()
    document = files.document(path)
    found = read_yaml(of_file(path, document.text)) if document is not None else []
    return found[0][0] if found and isinstance(found[0][0], Table) else Table()


def text_of(value: Datum | None) -> str:
    """A scalar as text; "" for anything else and for nothing."""
    if isinstance(value, Traced):
        return value.text
    return strval(value).text if isinstance(value, Scalar) and value.value is not None else ""


def _items(value: Datum | None) -> tuple[Datum, ...]:
    return value.items if isinstance(value, Array) else ()


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _parent(folder: str) -> str:
    return folder.rpartition("/")[0]


def _inside(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
