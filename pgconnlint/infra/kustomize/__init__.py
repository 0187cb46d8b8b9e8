"""Reader of kustomizations: every overlay that nothing else uses is an environment of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pgconnlint.config import Config
from pgconnlint.infra.environment import canonical, environment_of
from pgconnlint.infra.kubernetes.declaring import declare
from pgconnlint.infra.kubernetes.manifests import resource
from pgconnlint.infra.kubernetes.ownership import Kustomization
from pgconnlint.infra.kubernetes.releases import kustomize_releases
from pgconnlint.infra.kubernetes.rivals import separated
from pgconnlint.infra.kustomize.building import Builder, builder, children, is_remote
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.reading import add
from pgconnlint.infra.resource import Mapping, Resource, text
from pgconnlint.syntax.files import Files

REMOTE = "kustomize.remote"
"""The kind of a Resource that is a base of another repository: what it declares is not known here."""


def read(files: Files, config: Config) -> Infrastructure:
    """What the kustomizations declare; a base that overlays use is not reported on its own.

    A component that no kustomization here uses is applied by something else (Flux names components itself).
    """
    built = builder(files)
    parents = _parents(built)
    shared = _shared(built, parents)
    roots = [
        folder for folder, one in built.kustomizations.items() if not parents[folder] and not _is_base(one, shared)
    ]
    found = separated((one.path, item) for folder in sorted(roots) for one, item in _resources(built, folder, shared))
    groups: dict[str, list[Resource]] = {}
    for item in found:
        groups.setdefault(item.origin, []).append(item)
    charts = (_charts(built, folder, shared, files) for folder in sorted(roots))
    elsewhere = Infrastructure(resources=tuple(_elsewhere(built)))
    return add((*(declare(items, files) for _, items in sorted(groups.items())), *charts, elsewhere))


def _elsewhere(built: Builder) -> Iterator[Resource]:
    """The bases that Kustomize would fetch."""
    for folder in sorted(built.kustomizations):
        for value in built.kustomizations[folder].list("resources", "bases", "components"):
            reference = text(value) or ""
            if is_remote(reference):
                yield Resource(REMOTE, reference, Mapping({}, value.at), value.at, "kubernetes", origin=folder or ".")


def _charts(built: Builder, folder: str, shared: frozenset[str], files: Files) -> Infrastructure:
    """Charts that a root and the folders it uses install."""
    one = built.kustomizations[folder]
    environment = environment_of(one.path) or _own_name(one, shared)
    found = []
    for used in sorted(_used(built, folder)):
        found.append(kustomize_releases(built.kustomizations[used].written, environment, folder or ".", files, used))
    return add(found)


def _used(built: Builder, folder: str) -> set[str]:
    """The folder and every kustomization below it, each once."""
    found: set[str] = set()
    waiting = [folder]
    while waiting:
        one = built.kustomizations.get(waiting.pop())
        if one is not None and one.folder not in found:
            found.add(one.folder)
            waiting += children(one)
            waiting += [one.resolve(text(value) or "") for value in one.list("components")]
    return found


def _parents(built: Builder) -> Counter[str]:
    """How many kustomizations use each folder."""
    found: Counter[str] = Counter()
    for one in built.kustomizations.values():
        used = {*children(one), *(one.resolve(text(value) or "") for value in one.list("components"))}
        found.update(used - {one.folder})
    return found


def _shared(built: Builder, parents: Counter[str]) -> frozenset[str]:
    """Folders that several kustomizations use: those are bases."""
    return frozenset(folder for folder, count in parents.items() if count > 1 and folder in built.kustomizations)


def _resources(built: Builder, folder: str, shared: frozenset[str]) -> Iterator[tuple[Kustomization, Resource]]:
    one = built.kustomizations[folder]
    fallback = _own_name(one, shared)
    for item in built.build(folder):
        made = resource(item.manifest, item.environment or fallback, folder or ".")
        if made is not None:
            yield one, made


def _is_base(one: Kustomization, shared: frozenset[str]) -> bool:
    """Called a base, and overlays use the same folders as it: `base/` whose parts they list one by one."""
    name = one.folder.rsplit("/", 1)[-1].lower()
    return name in ("base", "bases", "common", "shared") and any(path in shared for path in children(one))


def _own_name(one: Kustomization, shared: frozenset[str]) -> str:
    """An overlay of a shared base whose path names no environment is called by its folder."""
    if one.folder and any(path in shared for path in children(one)):
        return canonical(one.folder.rsplit("/", 1)[-1])
    return ""
