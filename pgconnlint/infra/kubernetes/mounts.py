"""The files that ConfigMaps and Secrets put into a pod."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.pods import Pod
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.resource import Known, Mapping, Resource, Value, sequence, text
from pgconnlint.syntax.document import Document, Origin

_CONFIGURATION = (".ini", ".conf", ".toml")


@dataclass(frozen=True, slots=True)
class MountedFile:
    """One file of a mounted object: ``name`` as the pod sees it, its text as a Known or what is known of it."""

    name: str
    content: Value


@dataclass(frozen=True, slots=True)
class Mounts:
    """All files, and the paths where something is mounted that is not in the repository."""

    files: tuple[MountedFile, ...]
    missing: tuple[str, ...]


def mounts(pod: Pod, scope: Scope, owner: Resource) -> Mounts:
    """What the pod's volumes hold; init containers may copy any of it to where it is used."""
    files: list[MountedFile] = []
    missing: list[str] = []
    for volume in sequence(pod.spec.get("volumes")):
        for source in (volume, *sequence(path_get(volume, "projected", "sources"))):
            found = _source(source, scope, owner)
            if found is None:
                missing.extend(_paths(pod, text(path_get(volume, "name"))))
            else:
                files.extend(found)
    return Mounts(tuple(files), tuple(missing))


def _source(source: Value, scope: Scope, owner: Resource) -> list[MountedFile] | None:
    """The files of one configMap or secret volume; [] for other volumes, None when the object is not here."""
    for kind, key, named in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")):
        reference = path_get(source, key)
        name = text(path_get(reference, named)) or text(path_get(reference, "name"))
        if reference is None or name is None:
            continue
        item = scope.find(kind, name, owner)
        if item is None:
            return None
        items = sequence(path_get(reference, "items"))
        renamed = {text(path_get(one, "key")): text(path_get(one, "path")) for one in items}
        held = item.attributes.get("data") if kind == "ConfigMap" else _plain(item, scope)
        if not isinstance(held, Mapping):
            return [] if kind == "ConfigMap" else None
        return [
            MountedFile(renamed.get(key) or key, value)
            for key, value in held.items.items()
            if not renamed or key in renamed
        ]
    return []


def _plain(item: Resource, scope: Scope) -> Mapping | None:
    """A Secret's configuration files: `stringData` as it stands, `data` decoded; credentials are not looked at."""
    found = dict(held.items) if isinstance(held := item.attributes.get("stringData"), Mapping) else {}
    data = item.attributes.get("data")
    for name, value in data.items.items() if isinstance(data, Mapping) else ():
        if name.endswith(_CONFIGURATION) and (decoded := _decoded(value, scope)) is not None:
            found.setdefault(name, decoded)
    return Mapping(found, item.at) if found else None


def _decoded(value: Value, scope: Scope) -> Known | None:
    root = scope.files.document(value.at.path)
    try:
        content = base64.b64decode("".join((text(value) or "").split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    if root is None or not content:
        return None
    origin = Origin(root, (value.at.span.start,) * (len(content) + 1))
    return Known(content, value.at, source=Document(value.at.path, "text", content, origin=origin))


def _paths(pod: Pod, volume: str | None) -> list[str]:
    found = []
    for one in pod.containers:
        for mount in sequence(one.written.get("volumeMounts")):
            path = text(path_get(mount, "mountPath"))
            if path and volume and text(path_get(mount, "name")) == volume:
                found.append(path)
    return found
