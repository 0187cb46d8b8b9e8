"""Several Compose files as one, and `extends`: maps merge, commands are replaced, lists grow."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname, join, normpath

from pgconnlint.infra.resource import Known, Mapping, Sequence, Value, text

_REPLACED = frozenset({"command", "entrypoint", "test", "env_file"})
_KEYED = frozenset({"environment", "labels", "args", "sysctls", "extra_hosts", "annotations"})
_DEPTH = 20


def merged(below: Value | None, above: Value, key: str = "", depth: int = 0) -> Value:
    """``above`` laid over ``below`` by the Compose specification's rules for ``key``."""
    if below is None or key in _REPLACED or depth > _DEPTH:
        return above
    if key in _KEYED:
        below, above = keyed(below), keyed(above)
    match below, above:
        case Mapping(), Mapping():
            items = dict(below.items)
            for name, value in above.items.items():
                items[name] = merged(below.items.get(name), value, name, depth + 1)
            keys = {**below.keys, **above.keys}
            return Mapping(items, above.at, keys, below.partial or above.partial)
        case Sequence(), Sequence():
            return Sequence((*below.items, *above.items), above.at, below.partial or above.partial)
    return above


def keyed(value: Value) -> Value:
    """`["A=1", "B"]` as the mapping it stands for; mappings stay as they are."""
    if not isinstance(value, Sequence):
        return value
    items: dict[str, Value] = {}
    for one in value.items:
        name, equals, rest = (text(one) or "").partition("=")
        if name and equals:
            items[name] = Known(rest, one.at)
    return Mapping(items, value.at, {}, value.partial)


def extended(
    name: str, services: Mapping, path: str, load: Callable[[str], Mapping | None], depth: int = 0
) -> Mapping | None:
    """A service with everything it `extends`, from this file or another; None where it is no mapping."""
    service = services.items.get(name)
    if not isinstance(service, Mapping):
        return None
    reference = service.items.get("extends")
    if reference is None or depth > _DEPTH:
        return service
    wanted, file = _reference(reference)
    if wanted is None:
        return service
    if file is None:
        base = extended(wanted, services, path, load, depth + 1) if wanted != name else None
    else:
        target = normpath(join(dirname(path), file))
        others = load(target)
        base = extended(wanted, others, target, load, depth + 1) if others is not None else None
    own = Mapping({key: value for key, value in service.items.items() if key != "extends"}, service.at, service.keys)
    if base is None:
        return Mapping(own.items, own.at, own.keys, partial=True)
    joined = merged(base, own)
    return joined if isinstance(joined, Mapping) else own


def _reference(value: Value) -> tuple[str | None, str | None]:
    if isinstance(value, Mapping):
        return text(value.items.get("service")), text(value.items.get("file"))
    return text(value), None
