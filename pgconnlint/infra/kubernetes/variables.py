"""A container's environment: env, envFrom, ConfigMaps, Secrets by name only, $(VAR) expansion."""

from __future__ import annotations

import re

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value, sequence, text

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][\w.-]*)\)")


def variables(container: Mapping, scope: Scope, owner: Resource) -> dict[str, Value]:
    """The variables the container's process sees, in the order they are defined.

    `env` beats `envFrom`, the later entry wins, `$(VAR)` sees only what was defined before it
    (Kubernetes API reference, EnvVar). Values of Secrets are never looked up.
    """
    found: dict[str, Value] = {}
    for source in sequence(container.get("envFrom")):
        found.update(_all_of(source, scope, owner))
    for entry in sequence(container.get("env")):
        name = text(path_get(entry, "name"))
        if name is None or not isinstance(entry, Mapping):
            continue
        value = _value(entry, scope, owner)
        found[name] = expanded(value, found)
    return found


def _all_of(source: Value, scope: Scope, owner: Resource) -> dict[str, Value]:
    prefix = text(path_get(source, "prefix")) or ""
    config = text(path_get(source, "configMapRef", "name"))
    if item := scope.find("ConfigMap", config, owner):
        data = path_get(item.attributes, "data")
        if isinstance(data, Mapping):
            return {prefix + key: value for key, value in data.items.items()}
    secret = text(path_get(source, "secretRef", "name"))
    if item := scope.find("Secret", secret, owner):
        return {prefix + key: Unknown(f"in Secret `{secret}`", held.at) for key, held in secret_items(item).items()}
    return {}


def secret_items(item: Resource) -> dict[str, Value]:
    """The keys of a Secret with the places of their values."""
    found: dict[str, Value] = {}
    for part in ("data", "stringData"):
        held = path_get(item.attributes, part)
        if isinstance(held, Mapping):
            found.update(held.items)
    return found


def _value(entry: Mapping, scope: Scope, owner: Resource) -> Value:
    value = entry.get("value")
    source = path_get(entry.get("valueFrom"))
    if source is None:
        if value is None or (isinstance(value, Known) and value.value is None):
            return Known("", value.at if value is not None else entry.at)
        return value
    if secret := text(path_get(source, "secretKeyRef", "name")):
        return Unknown(f"in Secret `{secret}`", source.at)
    config, key = text(path_get(source, "configMapKeyRef", "name")), text(path_get(source, "configMapKeyRef", "key"))
    if config and key:
        item = scope.find("ConfigMap", config, owner)
        held = path_get(item.attributes, "data", key) if item else None
        return held if held is not None else Unknown(f"in ConfigMap `{config}`, which is not here", source.at)
    if field := text(path_get(source, "fieldRef", "fieldPath")):
        return Unknown(f"known only in the pod (`{field}`)", source.at)
    return Unknown("set when the pod starts", source.at)


def expanded(value: Value, variables: dict[str, Value]) -> Value:
    """``value`` with its $(VAR) references replaced; a name that is not defined stays as written."""
    if not isinstance(value, Known) or not isinstance(value.value, str) or "$(" not in value.value:
        return value
    unknown: list[Unknown] = []
    via = []

    def replaced(found: re.Match[str]) -> str:
        if found[1] is None:
            return "$"
        match variables.get(found[1]):
            case Known() as known:
                via.append(known.at)
                return text(known) or ""
            case Unknown() as missing:
                unknown.append(missing)
                return missing.text or "${" + found[1] + "}"
        return found[0]

    result = _REFERENCE.sub(replaced, value.value)
    if unknown:
        return Unknown(unknown[0].reason, value.at, text=result)
    return Known(result, value.at, (*via, *value.via))
