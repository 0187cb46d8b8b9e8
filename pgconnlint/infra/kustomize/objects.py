"""Objects while they are being built: a manifest with the names it had, and how values are replaced in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.resource import Known, Mapping, Sequence, Value, text
from pgconnlint.text import Location


@dataclass(frozen=True, slots=True)
class Built:
    """A manifest on its way: ``names`` it has had, the current one last; ``environment`` of its outermost overlay."""

    manifest: Mapping
    names: tuple[str, ...]
    environment: str = ""

    @property
    def kind(self) -> str:
        return text(self.manifest.get("kind")) or ""

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else ""


def built(manifest: Mapping) -> Built | None:
    """The object of a manifest with kind and name; others are not Kubernetes objects."""
    name = text(path_get(manifest.get("metadata"), "name"))
    return Built(manifest, (name,)) if name and text(manifest.get("kind")) else None


def with_manifest(one: Built, manifest: Mapping) -> Built:
    """The same object after a change; a changed name is remembered."""
    name = text(path_get(manifest.get("metadata"), "name"))
    names = one.names if name is None or name == one.name else (*one.names, name)
    return replace(one, manifest=manifest, names=names)


def put(holder: Mapping, key: str, value: Value, at: Location | None = None) -> Mapping:
    """A copy of ``holder`` with ``key`` set; ``at`` is the key's own place."""
    keys = {**holder.keys, key: at} if at is not None else holder.keys
    return replace(holder, items={**holder.items, key: value}, keys=keys)


def put_path(holder: Mapping, path: tuple[str, ...], value: Value) -> Mapping:
    """A copy with the value at a path of keys set, mappings made where they are missing."""
    key, *rest = path
    if not rest:
        return put(holder, key, value, None if key in holder.keys else value.at)
    below = holder.items.get(key)
    inner = below if isinstance(below, Mapping) else Mapping({}, value.at)
    return put(holder, key, put_path(inner, tuple(rest), value), None if key in holder.keys else value.at)


def without(holder: Mapping, key: str) -> Mapping:
    items = {name: value for name, value in holder.items.items() if name != key}
    return replace(holder, items=items)


def rewritten(value: Value, change: Callable[[str, Value, Mapping], Value | None], key: str = "") -> Value:
    """``value`` with ``change(key, value, holder)`` asked at every entry of every mapping; None leaves it.

    What was changed is not looked into again. Depth is that of the document, which was bounded.
    """
    match value:
        case Mapping(items=items):
            new: dict[str, Value] = {}
            for name, below in items.items():
                changed = change(name, below, value)
                new[name] = rewritten(below, change, name) if changed is None else changed
            same = all(new[name] is below for name, below in items.items())
            return value if same else replace(value, items=new)
        case Sequence(items=elements):
            done = tuple(rewritten(below, change, key) for below in elements)
            return value if all(a is b for a, b in zip(done, elements, strict=True)) else replace(value, items=done)
    return value


def renamed(value: Value, name: str, at: Location) -> Known:
    """A new text in the old one's place; ``at`` is where the change is asked for."""
    return Known(name, value.at, (at,))
