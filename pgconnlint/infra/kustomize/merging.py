"""Strategic-merge patches: maps merge, lists of Kubernetes' own types merge by their key, others are replaced."""

from __future__ import annotations

from dataclasses import replace

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kustomize.objects import put, without
from pgconnlint.infra.resource import Known, Mapping, Sequence, Value, text

_KEYS = {
    "containers": ("name",), "initContainers": ("name",), "ephemeralContainers": ("name",),
    "env": ("name",), "volumes": ("name",), "volumeMounts": ("mountPath",), "volumeDevices": ("devicePath",),
    "ports": ("containerPort", "port"), "imagePullSecrets": ("name",), "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
}  # fmt: skip
"""patchMergeKey of the built-in types (kubernetes/api, core/v1 and apps/v1); all other lists are atomic."""

_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "extensions"})
"""API groups whose lists have merge keys; custom resources have none."""


def merged(target: Mapping, patch: Mapping) -> Mapping | None:
    """``target`` with a strategic-merge patch applied; None when the patch deletes the object."""
    if text(patch.get("$patch")) == "delete":
        return None
    group = (text(target.get("apiVersion")) or "").rpartition("/")[0]
    return _mapping(target, patch, group in _GROUPS)


def _mapping(target: Mapping, patch: Mapping, native: bool) -> Mapping:
    if text(patch.get("$patch")) == "replace":
        return without(patch, "$patch")
    result = target
    for key, value in patch.items.items():
        if key == "$patch" or key.startswith("$setElementOrder"):
            continue
        below = result.items.get(key)
        match value:
            case Known(value=None):
                result = without(result, key)
            case Mapping() if text(value.get("$patch")) == "delete":
                result = without(result, key)
            case Mapping() if isinstance(below, Mapping):
                result = put(result, key, _mapping(below, value, native))
            case Sequence() if isinstance(below, Sequence) and native and key in _KEYS:
                result = put(result, key, _sequence(below, value, _KEYS[key]))
            case _:
                result = put(result, key, value, patch.key_at(key))
    return result


def _sequence(target: Sequence, patch: Sequence, keys: tuple[str, ...]) -> Sequence:
    """Elements with the same key merge in place; new ones come first, in the patch's order."""
    if any(text(path_get(one, "$patch")) == "replace" for one in patch.items):
        return replace(patch, items=tuple(one for one in patch.items if path_get(one, "$patch") is None))
    items = list(target.items)
    new: list[Value] = []
    for one in patch.items:
        index = next((number for number, old in enumerate(items) if _same(old, one, keys)), None)
        if text(path_get(one, "$patch")) == "delete":
            items = [old for old in items if not _same(old, one, keys)]
        elif index is None:
            new.append(one)
        else:
            old = items[index]
            if isinstance(old, Mapping) and isinstance(one, Mapping):
                items[index] = _mapping(old, one, native=True)
    return replace(target, items=(*new, *items))


def _same(one: Value, other: Value, keys: tuple[str, ...]) -> bool:
    for key in keys:
        left, right = text(path_get(one, key)), text(path_get(other, key))
        if left is not None or right is not None:
            return left == right
    return one == other
