"""Which files stand for themselves, and which belong to a kustomization or a chart."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import dirname, join, normpath

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.resource import Mapping, Value, sequence, text
from pgconnlint.infra.yaml_values import values
from pgconnlint.syntax.files import Files

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


@dataclass(frozen=True, slots=True)
class Kustomization:
    """One kustomization file; ``folder`` is "" for the root's own."""

    path: str
    folder: str
    written: Mapping

    def resolve(self, reference: str) -> str:
        """A relative reference as a path from the root."""
        path = normpath(join(self.folder, reference))
        return "" if path == "." else path

    def list(self, *keys: str) -> list[Value]:
        return [one for key in keys for one in sequence(self.written.get(key))]


def kustomizations(files: Files) -> dict[str, Kustomization]:
    """Every kustomization by its folder; with two files in one folder the first of NAMES counts."""
    found: dict[str, Kustomization] = {}
    for path in files.paths:
        folder, name = dirname(path), path.rsplit("/", 1)[-1]
        if name not in NAMES or (folder in found and NAMES.index(name) > 0):
            continue
        document = files.document(path)
        read = values(document, files) if document is not None else []
        written = next((one for one in read if isinstance(one, Mapping)), None)
        if written is not None:
            found[folder] = Kustomization(path, folder, written)
    return found


def owned_paths(files: Files) -> frozenset[str]:
    """Files that kustomizations list: resources, patches, generator inputs, and the kustomizations themselves."""
    found: set[str] = set()
    for one in kustomizations(files).values():
        found.add(one.path)
        found.update(one.resolve(reference) for reference in _references(one))
    return frozenset(found)


def _references(one: Kustomization) -> list[str]:
    lists = one.list(
        "resources", "bases", "components", "patchesStrategicMerge", "generators", "transformers", "crds",
        "configurations", "replacements",
    )  # fmt: skip
    found = [text(value) for value in lists]
    found += [text(path_get(value, "path")) for value in one.list("patches", "patchesJson6902", "replacements")]
    for generator in one.list("configMapGenerator", "secretGenerator"):
        for value in (*sequence(path_get(generator, "files")), *sequence(path_get(generator, "envs"))):
            found.append((text(value) or "").rpartition("=")[2])
        found.append(text(path_get(generator, "env")))
    for chart in one.list("helmCharts"):
        found.append(text(path_get(chart, "valuesFile")))
    return [reference for reference in found if reference and "://" not in reference and "\n" not in reference]


def chart_folders(files: Files) -> frozenset[str]:
    """Folders with a Chart.yaml."""
    return frozenset(dirname(path) for path in files.paths if path.rsplit("/", 1)[-1] in ("Chart.yaml", "Chart.yml"))


def plain_paths(files: Files) -> list[str]:
    """YAML and JSON files that nobody renders or patches before they are applied."""
    owned = owned_paths(files)
    hidden = tuple(
        f"{folder}/{part}/" if folder else f"{part}/"
        for folder in sorted(chart_folders(files))
        for part in ("templates", "crds", "charts", "ci")
    )
    return [path for path in files.of("yaml", "json") if path not in owned and not path.startswith(hidden)]
