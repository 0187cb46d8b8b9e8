"""A kustomization built as `kubectl kustomize` does: resources, generators, components, transformers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.kubernetes.manifests import is_manifest, is_relevant, path_get
from pgconnlint.infra.kubernetes.ownership import Kustomization, kustomizations
from pgconnlint.infra.kustomize.generating import with_generated
from pgconnlint.infra.kustomize.objects import Built, built
from pgconnlint.infra.kustomize.patches import applied, json_patches, merges, patches
from pgconnlint.infra.kustomize.replacing import with_replacements, with_vars
from pgconnlint.infra.kustomize.transforming import (
    with_affixes,
    with_images,
    with_labels,
    with_namespace,
    with_replicas,
)
from pgconnlint.infra.resource import Mapping, Sequence, Value, text
from pgconnlint.infra.yaml_values import values
from pgconnlint.syntax.files import Files

_DEPTH = 20
_REMOTE = re.compile(r"://|^git@|^(github|gitlab|bitbucket)\.(com|org)[/:]|\?(ref|version)=")


@dataclass(frozen=True)
class Builder:
    """Every kustomization of the project; each folder is built once."""

    files: Files
    kustomizations: dict[str, Kustomization]
    _built: dict[str, list[Built]] = field(default_factory=dict)

    def build(self, folder: str, depth: int = 0) -> list[Built]:
        """The objects of the kustomization in ``folder``, as they would be applied."""
        if folder in self._built or folder not in self.kustomizations or depth > _DEPTH:
            return self._built.get(folder, [])
        self._built[folder] = []  # a folder that includes itself stays empty
        one = self.kustomizations[folder]
        objects = _distinct([item for path in children(one) for item in self._read(path, one, depth)])
        objects = self._completed(objects, one, depth)
        self._built[folder] = objects
        return objects

    def _completed(self, objects: list[Built], one: Kustomization, depth: int) -> list[Built]:
        """Order of Kustomize 5: generators, components, patches, namespace, affixes, labels, JSON, replicas, images,
        replacements."""
        objects = with_generated(objects, one, self.files)
        for reference in one.list("components"):
            component = self.kustomizations.get(one.resolve(text(reference) or ""))
            if component is not None and depth < _DEPTH:
                extra = [item for path in children(component) for item in self._read(path, component, depth)]
                objects = self._completed(_distinct([*objects, *extra]), component, depth + 1)
        for patch in (*merges(one, self.files), *patches(one, self.files)):
            objects = applied(objects, patch)
        objects = with_labels(with_affixes(with_namespace(objects, one), one), one)
        for patch in json_patches(one, self.files):
            objects = applied(objects, patch)
        objects = with_images(with_replicas(objects, one), one)
        objects = with_vars(with_replacements(objects, one, self.files), one)
        environment = environment_of(one.path)
        return [replace(item, environment=environment) for item in objects] if environment else objects

    def _read(self, path: str, one: Kustomization, depth: int) -> list[Built]:
        if path in self.kustomizations:
            return self.build(path, depth + 1)
        document = self.files.document(path) if path in self.files else None
        if document is None:
            return []
        found = values(document, self.files, wanted=is_manifest, report=is_relevant)
        return [item for value in found for item in _objects(value, 0)]


def children(one: Kustomization) -> list[str]:
    """What a kustomization starts from: files and folders, remote ones left out."""
    references = [text(value) or "" for value in one.list("resources", "bases")]
    local = (one.resolve(reference) for reference in references if reference and not is_remote(reference))
    return list(dict.fromkeys(local))


def is_remote(reference: str) -> bool:
    """An address of another repository, in one of the forms that Kustomize fetches."""
    return _REMOTE.search(reference) is not None


def _distinct(objects: list[Built]) -> list[Built]:
    """Each object once: Kustomize refuses a second one of the same kind, name and namespace."""
    found: dict[tuple[str | None, ...], Built] = {}
    for item in objects:
        namespace = text(path_get(item.manifest.get("metadata"), "namespace"))
        found.setdefault((text(item.manifest.get("apiVersion")), item.kind, item.name, namespace), item)
    return list(found.values())


def _objects(value: Value, depth: int) -> list[Built]:
    if isinstance(value, Sequence) and depth < 3:
        return [item for one in value.items for item in _objects(one, depth + 1)]
    if not isinstance(value, Mapping):
        return []
    if (text(value.get("kind")) or "").endswith("List") and isinstance(value.get("items"), Sequence):
        return _objects(value.items["items"], depth)
    one = built(value)
    return [one] if one is not None else []


def builder(files: Files) -> Builder:
    return Builder(files, kustomizations(files))
