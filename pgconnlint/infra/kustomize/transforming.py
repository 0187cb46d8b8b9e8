"""Kustomize's built-in transformers: namespace, prefix and suffix, labels, replicas, images."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.ownership import Kustomization
from pgconnlint.infra.kustomize.objects import Built, put, put_path, renamed, rewritten, with_manifest
from pgconnlint.infra.resource import Known, Mapping, Value, text
from pgconnlint.text import Location

_CLUSTER_WIDE = frozenset({"Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass"})
_SCALED = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"})
_REFERENCES = {
    ("configMapRef", "name"): "ConfigMap", ("configMapKeyRef", "name"): "ConfigMap", ("configMap", "name"): "ConfigMap",
    ("secretRef", "name"): "Secret", ("secretKeyRef", "name"): "Secret", ("secret", "secretName"): "Secret",
    ("secret", "name"): "Secret",
}  # fmt: skip
"""Where one object names another: (holder's key, key) to the kind that is meant."""


def with_namespace(objects: list[Built], one: Kustomization) -> list[Built]:
    namespace = one.written.get("namespace")
    if text(namespace) is None or namespace is None:
        return objects
    return [
        item
        if item.kind in _CLUSTER_WIDE
        else with_manifest(item, put_path(item.manifest, ("metadata", "namespace"), namespace))
        for item in objects
    ]


def with_affixes(objects: list[Built], one: Kustomization) -> list[Built]:
    """Names with prefix and suffix; what refers to them follows."""
    prefix, suffix = one.written.get("namePrefix"), one.written.get("nameSuffix")
    before, after = text(prefix) or "", text(suffix) or ""
    if not before and not after:
        return objects
    at = (prefix if before and prefix is not None else suffix or one.written).at
    names: dict[tuple[str, str], str] = {}
    result = []
    for item in objects:
        held = path_get(item.manifest.get("metadata"), "name")
        if held is None or item.kind in ("Namespace", "CustomResourceDefinition"):
            result.append(item)
            continue
        name = f"{before}{item.name}{after}"
        names[item.kind, item.name] = name
        manifest = put_path(item.manifest, ("metadata", "name"), renamed(held, name, at))
        result.append(with_manifest(item, manifest))
    follow = _follower(names, at)
    return [_followed(item, follow) for item in result]


def _follower(names: dict[tuple[str, str], str], at: Location) -> Callable[[str, Value, Mapping], Value | None]:
    def follow(key: str, value: Value, holder: Mapping) -> Value | None:
        if key in ("configMapRef", "configMapKeyRef", "configMap", "secretRef", "secretKeyRef", "secret"):
            return _renamed_reference(key, value, names, at)
        if key == "scaleTargetRef" and isinstance(value, Mapping):
            kind = text(value.get("kind")) or "Deployment"
            return _with_name(value, "name", kind, names, at)
        if key == "workloadRef" and isinstance(value, Mapping):
            return _with_name(value, "name", "Deployment", names, at)
        if key == "serviceName" and ("Service", text(value) or "") in names and "template" in holder.items:
            return renamed(value, names["Service", text(value) or ""], at)
        return None

    return follow


def _renamed_reference(key: str, value: Value, names: dict[tuple[str, str], str], at: Location) -> Value | None:
    if not isinstance(value, Mapping):
        return None
    for (holder, name), kind in _REFERENCES.items():
        if holder == key and (changed := _with_name(value, name, kind, names, at)) is not None:
            return changed
    return None


def _with_name(value: Mapping, key: str, kind: str, names: dict[tuple[str, str], str], at: Location) -> Value | None:
    held = value.get(key)
    new = names.get((kind, text(held) or ""))
    return put(value, key, renamed(held, new, at)) if new is not None and held is not None else None


def _followed(item: Built, follow: Callable[[str, Value, Mapping], Value | None]) -> Built:
    manifest = rewritten(item.manifest, follow)
    return replace(item, manifest=manifest) if isinstance(manifest, Mapping) else item


def with_labels(objects: list[Built], one: Kustomization) -> list[Built]:
    """commonLabels everywhere; `labels` in metadata, in selectors and templates where it says so."""
    sets = [(one.written.get("commonLabels"), True, True)]
    for value in one.list("labels"):
        selectors = text(path_get(value, "includeSelectors")) == "true"
        templates = text(path_get(value, "includeTemplates")) == "true"
        sets.append((path_get(value, "pairs"), selectors, selectors or templates))
    for pairs, selectors, templates in sets:
        if isinstance(pairs, Mapping) and pairs.items:
            objects = [with_manifest(item, _labelled(item, pairs, selectors, templates)) for item in objects]
    return objects


def _labelled(item: Built, pairs: Mapping, selectors: bool, templates: bool) -> Mapping:
    manifest = _with_pairs(item.manifest, ("metadata", "labels"), pairs)
    template = {"CronJob": ("spec", "jobTemplate", "spec", "template")}.get(item.kind, ("spec", "template"))
    if templates and isinstance(manifest.get(*template), Mapping):
        manifest = _with_pairs(manifest, (*template, "metadata", "labels"), pairs)
    if selectors and item.kind == "Service" and isinstance(manifest.get("spec", "selector"), Mapping):
        manifest = _with_pairs(manifest, ("spec", "selector"), pairs)
    return manifest


def _with_pairs(manifest: Mapping, path: tuple[str, ...], pairs: Mapping) -> Mapping:
    for key, value in pairs.items.items():
        manifest = put_path(manifest, (*path, key), value)
    return manifest


def with_replicas(objects: list[Built], one: Kustomization) -> list[Built]:
    """`replicas:` sets the count of Deployments, ReplicaSets and StatefulSets; autoscalers stay."""
    for value in one.list("replicas"):
        name, count = text(path_get(value, "name")), path_get(value, "count")
        if name is None or count is None:
            continue
        objects = [
            with_manifest(item, put_path(item.manifest, ("spec", "replicas"), count))
            if item.kind in _SCALED and name in item.names
            else item
            for item in objects
        ]
    return objects


def with_images(objects: list[Built], one: Kustomization) -> list[Built]:
    """`images:` replaces names, tags and digests of container images."""
    changes = {name: value for value in one.list("images") if (name := text(path_get(value, "name")))}
    if not changes:
        return objects

    def change(key: str, value: Value, holder: Mapping) -> Value | None:
        if key != "image" or "name" not in holder.items or not isinstance(value, Known):
            return None
        found = re.fullmatch(r"(?P<name>[^@]+?)(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>.+))?", text(value) or "")
        if found is None or found["name"] not in changes:
            return None
        return _image(value, found, changes[found["name"]])

    return [_followed(item, change) for item in objects]


def _image(value: Known, found: re.Match[str], asked: Value) -> Known:
    name = text(path_get(asked, "newName")) or found["name"]
    tag, digest = text(path_get(asked, "newTag")), text(path_get(asked, "digest"))
    if digest:
        return Known(f"{name}@{digest}", value.at, (asked.at,))
    if tag:
        return Known(f"{name}:{tag}", value.at, (asked.at,))
    rest = (f":{found['tag']}" if found["tag"] else "") + (f"@{found['digest']}" if found["digest"] else "")
    return Known(name + rest, value.at, (asked.at,))
