"""What every operator's object has: parameters as a map, memory limits, names of services."""

from __future__ import annotations

from dataclasses import dataclass

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.quantity import quantity
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.kubernetes.services import forms
from pgconnlint.infra.model import PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Value, integer, sequence, text
from pgconnlint.text import Location


@dataclass(frozen=True, slots=True)
class Found:
    """What one object declares."""

    servers: tuple[ServerDeclaration, ...] = ()
    poolers: tuple[PoolerDeclaration, ...] = ()


def parameters(*maps: Value | None) -> dict[str, Value]:
    """Server parameters by lower-case name; later maps win."""
    found: dict[str, Value] = {}
    for one in maps:
        if isinstance(one, Mapping):
            found.update({key.lower(): value for key, value in one.items.items() if text(value) != ""})
    return found


def memory(resources: Value | None) -> tuple[int | None, Location | None, str]:
    """(bytes, where, label) of `resources.limits.memory`; a request alone bounds nothing."""
    value = path_get(resources, "limits", "memory")
    if isinstance(value, Known) and (size := quantity(text(value) or "")) is not None:
        return size, value.at, f"limits.memory {text(value)}"
    return None, None, ""


def place(item: Resource, *paths: tuple[str, ...]) -> Location:
    """Where a missing setting would be written: the first of ``paths`` that is there, else the header."""
    for path in paths:
        holder = item.attributes.get(*path[:-1])
        if isinstance(holder, Mapping) and path[-1] in holder.items:
            return _edited(holder.key_at(path[-1]), holder.items[path[-1]])
    return item.at


def _edited(at: Location, value: Value) -> Location:
    """A key in a template whose entries a values file gives: that file is where another entry belongs."""
    if not isinstance(value, Mapping):
        return at
    given = [value.key_at(key) for key in value.items]
    if not given or any(one.path == at.path for one in given):
        return at
    return min(given, key=lambda one: (one.path, one.span.start))


def names(item: Resource, scope: Scope, *suffixes: str) -> tuple[str, ...]:
    """The object's name with each suffix, short and with namespace."""
    found = [form for suffix in suffixes for form in forms(item.name + suffix, item.namespace, scope)]
    return tuple(dict.fromkeys(found))


def flag(value: Value | None) -> bool | None:
    """True or False as written, None where nothing is."""
    match text(value):
        case "true":
            return True
        case "false":
            return False
    return None


def image_version(value: Value | None) -> Value | None:
    """The version an image name ends in: `16.3` of `ghcr.io/cloudnative-pg/postgresql:16.3-1`."""
    from pgconnlint.infra.kubernetes.images import postgres_version

    found = postgres_version(text(value) or "")
    return Known(found, value.at) if found and value is not None else None


def autoscaled(item: Resource, scope: Scope, written: Value | None) -> Value | None:
    """The autoscaler's maximum for a custom object, else what is written."""
    for scaler in scope.of("HorizontalPodAutoscaler", "ScaledObject"):
        target = scaler.attributes.get("spec", "scaleTargetRef")
        if text(path_get(target, "kind")) == item.kind and text(path_get(target, "name")) == item.name:
            spec = scaler.attributes.get("spec")
            return path_get(spec, "maxReplicas") or path_get(spec, "maxReplicaCount") or written
    return written


def total(values: list[Value | None], default: int) -> Value | None:
    """The sum of numbers; None when nothing is written, the first unknown when one is."""
    written = [value for value in values if value is not None]
    if not written:
        return None
    if (unknown := next((value for value in written if integer(value) is None), None)) is not None:
        return unknown
    return Known(sum(default if value is None else integer(value) or 0 for value in values), written[0].at)


def elements(value: Value | None) -> list[Mapping]:
    return [one for one in sequence(value) if isinstance(one, Mapping)]
