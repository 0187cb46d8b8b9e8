"""JSON patches (RFC 6902): add, replace, remove, move, copy; a failed `test` or path leaves the object as it is."""

from __future__ import annotations

from dataclasses import replace

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kustomize.objects import put, without
from pgconnlint.infra.resource import Mapping, Sequence, Value, text


class _PathError(Exception):
    """The pointer leads nowhere in this object."""


def patched(target: Mapping, operations: tuple[Value, ...]) -> Mapping:
    """``target`` after all operations; what kustomize would refuse is left out."""
    result: Value = target
    for operation in operations:
        try:
            result = _applied(result, operation)
        except _PathError:
            continue
    return result if isinstance(result, Mapping) else target


def _applied(target: Value, operation: Value) -> Value:
    path = _pointer(text(path_get(operation, "path")))
    value = path_get(operation, "value")
    match text(path_get(operation, "op")):
        case "add" if value is not None:
            return _set(target, path, value, add=True)
        case "replace" if value is not None:
            return _set(target, path, value, add=False)
        case "remove":
            return _removed(target, path)
        case "copy":
            return _set(target, path, _read(target, _pointer(text(path_get(operation, "from")))), add=True)
        case "move":
            source = _pointer(text(path_get(operation, "from")))
            return _set(_removed(target, source), path, _read(target, source), add=True)
    return target


def _pointer(written: str | None) -> list[str]:
    if written is None or (written and not written.startswith("/")):
        raise _PathError
    return [part.replace("~1", "/").replace("~0", "~") for part in written.split("/")[1:]]


def _read(target: Value, path: list[str]) -> Value:
    for part in path:
        match target:
            case Mapping(items=items) if part in items:
                target = items[part]
            case Sequence(items=elements):
                target = elements[_index(part, len(elements))]
            case _:
                raise _PathError
    return target


def _set(target: Value, path: list[str], value: Value, *, add: bool) -> Value:
    if not path:
        return value
    part, rest = path[0], path[1:]
    match target:
        case Mapping(items=items):
            if rest:
                if part not in items:
                    raise _PathError
                return put(target, part, _set(items[part], rest, value, add=add))
            if not add and part not in items:
                raise _PathError
            return put(target, part, value, value.at)
        case Sequence(items=elements):
            if not rest and add:
                index = len(elements) if part == "-" else _index(part, len(elements) + 1)
                return replace(target, items=(*elements[:index], value, *elements[index:]))
            index = _index(part, len(elements))
            new = _set(elements[index], rest, value, add=add)
            return replace(target, items=(*elements[:index], new, *elements[index + 1 :]))
    raise _PathError


def _removed(target: Value, path: list[str]) -> Value:
    if not path:
        raise _PathError
    part, rest = path[0], path[1:]
    match target:
        case Mapping(items=items) if part in items:
            return put(target, part, _removed(items[part], rest)) if rest else without(target, part)
        case Sequence(items=elements):
            index = _index(part, len(elements))
            if rest:
                new = _removed(elements[index], rest)
                return replace(target, items=(*elements[:index], new, *elements[index + 1 :]))
            return replace(target, items=(*elements[:index], *elements[index + 1 :]))
    raise _PathError


def _index(part: str, size: int) -> int:
    if not part.isdecimal() or len(part) > 6 or int(part) >= size:
        raise _PathError
    return int(part)
