"""Which objects a patch of a kustomization means, and applying it to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pgconnlint.infra.kubernetes.manifests import labels, path_get
from pgconnlint.infra.kubernetes.ownership import Kustomization
from pgconnlint.infra.kustomize.json_patch import patched
from pgconnlint.infra.kustomize.merging import merged
from pgconnlint.infra.kustomize.objects import Built, put, with_manifest, without
from pgconnlint.infra.resource import Known, Mapping, Sequence, Value, text
from pgconnlint.infra.yaml_values import embedded, values
from pgconnlint.syntax.files import Files


@dataclass(frozen=True, slots=True)
class Patch:
    """``body`` is a manifest (strategic merge) or a sequence of operations; ``target`` selects, if given."""

    body: Mapping | Sequence
    target: Value | None


def merges(one: Kustomization, files: Files) -> Iterator[Patch]:
    """patchesStrategicMerge: paths or inline manifests."""
    for value in one.list("patchesStrategicMerge"):
        for body in _bodies(value, one, files):
            yield Patch(body, None)


def patches(one: Kustomization, files: Files) -> Iterator[Patch]:
    """`patches`: inline or by path, strategic merge or JSON operations, with or without a target."""
    yield from _listed(one, files, "patches")


def json_patches(one: Kustomization, files: Files) -> Iterator[Patch]:
    """patchesJson6902."""
    yield from _listed(one, files, "patchesJson6902")


def _listed(one: Kustomization, files: Files, key: str) -> Iterator[Patch]:
    for value in one.list(key):
        body = path_get(value, "patch")
        source = body if body is not None else path_get(value, "path")
        if source is None:
            continue
        inline = body is not None
        for found in _bodies(source, one, files, inline=inline):
            yield Patch(found, path_get(value, "target"))


def _bodies(
    value: Value, one: Kustomization, files: Files, *, inline: bool | None = None
) -> Iterator[Mapping | Sequence]:
    if isinstance(value, Mapping | Sequence):
        yield value
        return
    written = text(value)
    if written is None or not isinstance(value, Known):
        return
    is_text = inline if inline is not None else "\n" in written or ":" in written
    document = embedded(files, value, "yaml") if is_text else files.document(one.resolve(written))
    for found in values(document, files) if document is not None else ():
        if isinstance(found, Mapping | Sequence):
            yield found


def applied(objects: list[Built], patch: Patch) -> list[Built]:
    """The objects with one patch applied to those it means."""
    result = []
    for one in objects:
        if not _means(patch, one):
            result.append(one)
        elif isinstance(patch.body, Sequence):
            result.append(with_manifest(one, patched(one.manifest, patch.body.items)))
        else:
            body = patch.body if patch.target is None else _anonymous(patch.body)
            after = merged(one.manifest, body)
            if after is not None:
                result.append(with_manifest(one, after))
    return result


def _anonymous(body: Mapping) -> Mapping:
    """A patch with a target says nothing about the name or kind of what it changes."""
    body = without(without(body, "kind"), "apiVersion")
    metadata = body.get("metadata")
    return put(body, "metadata", without(metadata, "name")) if isinstance(metadata, Mapping) else body


def _means(patch: Patch, one: Built) -> bool:
    if patch.target is not None:
        return selected(patch.target, one)
    if not isinstance(patch.body, Mapping):
        return False
    name = text(path_get(patch.body.get("metadata"), "name"))
    space = text(path_get(patch.body.get("metadata"), "namespace"))
    own = text(path_get(one.manifest.get("metadata"), "namespace"))
    same_kind = text(patch.body.get("kind")) == one.kind and _group(patch.body) == _group(one.manifest)
    return same_kind and name in one.names and (space is None or own is None or space == own)


def _group(manifest: Mapping) -> str:
    return (text(manifest.get("apiVersion")) or "").rpartition("/")[0]


def selected(target: Value, one: Built) -> bool:
    """group, version, kind exactly; name and namespace as anchored expressions; labels must equal."""
    version = (text(one.manifest.get("apiVersion")) or "").rpartition("/")[2]
    own = {"group": _group(one.manifest), "version": version, "kind": one.kind}
    for key, held in own.items():
        wanted = text(path_get(target, key))
        if wanted and wanted != held and not _matches(wanted, held):
            return False
    name = text(path_get(target, "name"))
    if name and not any(_matches(name, held) for held in one.names):
        return False
    space = text(path_get(target, "namespace"))
    if space and not _matches(space, text(path_get(one.manifest.get("metadata"), "namespace")) or ""):
        return False
    selector = text(path_get(target, "labelSelector"))
    return not selector or _labelled(selector, labels(one.manifest.get("metadata")))


def _labelled(selector: str, held: dict[str, str]) -> bool:
    """Equality selectors; a set-based one selects nothing here."""
    for part in selector.split(","):
        key, equals, value = part.replace("==", "=").partition("=")
        if not equals:
            if key.strip() not in held:
                return False
        elif key.strip().endswith("!"):
            if held.get(key.strip().rstrip("!")) == value.strip():
                return False
        elif held.get(key.strip()) != value.strip():
            return False
    return True


def _matches(pattern: str, name: str) -> bool:
    if not re.search(r"[.*+?\[\](){}^$|\\]", pattern):
        return pattern == name
    if len(pattern) > 200 or re.search(r"[*+}]\)?[*+{]", pattern):
        return False
    try:
        return re.fullmatch(pattern, name) is not None
    except re.error:
        return False
