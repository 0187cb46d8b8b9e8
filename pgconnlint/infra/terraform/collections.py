"""Functions on collections: elements keep their places, unknown elements stay single unknowns."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.infra.terraform.operations import equal
from pgconnlint.infra.terraform.values import (
    Inner,
    Instance,
    Missing,
    NotKnownError,
    as_bool,
    as_number,
    as_text,
    because,
    is_unknown,
    plain,
    references,
)
from pgconnlint.text import Location

Function = Callable[[list[Inner], Location], Inner]


def _list(value: Inner) -> Sequence:
    """A complete list, or an error."""
    if isinstance(value, Sequence):
        return value
    if isinstance(value, Mapping):
        return Sequence(tuple(value.items[key] for key in sorted(value.items)), value.at, value.partial)
    if isinstance(value, Instance):
        raise NotKnownError
    if is_unknown(value):
        raise NotKnownError
    raise TypeError


def _map(value: Inner) -> Mapping:
    match value:
        case Mapping():
            return value
        case Instance(attributes=attributes):
            return Mapping(attributes.items, attributes.at, attributes.keys, partial=True)
        case Known(value=None):
            raise TypeError
    if is_unknown(value):
        raise NotKnownError
    raise TypeError


def _merge(arguments: list[Inner], at: Location) -> Inner:
    items: dict[str, Value] = {}
    keys: dict[str, Location] = {}
    partial = False
    for argument in arguments:
        if isinstance(argument, Known) and argument.value is None:
            continue
        if is_unknown(argument):
            # what comes later still holds; what came before may be overridden
            items, keys, partial = {}, {}, True
            continue
        one = _map(argument)
        if one.partial:
            items, keys = {}, {}
        items = {**items, **one.items}
        keys = {**keys, **one.keys}
        partial = partial or one.partial
    return Mapping(items, at, keys, partial)


def _lookup(arguments: list[Inner], at: Location) -> Inner:
    table, key = arguments[0], as_text(arguments[1])
    if is_unknown(table) or key is None:
        return because(table if is_unknown(table) else arguments[1], at, *arguments)
    entries = _map(table)
    if key in entries.items:
        return entries.items[key]
    if entries.partial:
        return Unknown(f"`{key}` may be set where it cannot be read", at, references(arguments))
    return arguments[2] if len(arguments) > 2 else Missing(f"there is no key `{key}`", at)


def _coalesce(arguments: list[Inner], at: Location) -> Inner:
    for argument in arguments:
        if is_unknown(argument):
            return because(argument, at, *arguments)
        if isinstance(argument, Known) and argument.value in (None, ""):
            continue
        return argument
    return Missing("every argument of `coalesce()` is null", at)


def _coalescelist(arguments: list[Inner], at: Location) -> Inner:
    for argument in arguments:
        if is_unknown(argument) or (isinstance(argument, Sequence) and argument.partial):
            return because(argument, at, *arguments)
        if isinstance(argument, Sequence | Mapping) and argument.items:
            return argument
    return Missing("every argument of `coalescelist()` is empty", at)


def _concat(arguments: list[Inner], at: Location) -> Inner:
    items: list[Value] = []
    partial = False
    for argument in arguments:
        if is_unknown(argument):
            partial = True
            continue
        one = _list(argument)
        items.extend(one.items)
        partial = partial or one.partial
    return Sequence(tuple(items), at, partial)


def _flatten(arguments: list[Inner], at: Location) -> Inner:
    items: list[Value] = []
    partial = False
    stack: list[tuple[Inner, int]] = [(arguments[0], 0)]
    while stack:
        value, depth = stack.pop()
        if isinstance(value, Sequence) and depth < 50:
            partial = partial or value.partial
            stack.extend((item, depth + 1) for item in reversed(value.items))
        elif is_unknown(value):
            partial = True
        elif depth == 0:
            raise TypeError
        else:
            items.append(cast(Value, value))
    return Sequence(tuple(items), at, partial)


def _length(arguments: list[Inner], at: Location) -> Inner:
    match arguments[0]:
        case Known(value=str(text)):
            return Known(len(text), at)
        case Sequence(partial=False) | Mapping(partial=False):
            return Known(len(arguments[0].items), at)
    if is_unknown(arguments[0]) or isinstance(arguments[0], Sequence | Mapping | Instance):
        return because(arguments[0], at)
    raise TypeError


def _element(arguments: list[Inner], at: Location) -> Inner:
    items, index = _list(arguments[0]), as_number(arguments[1])
    if index is None or items.partial:
        return items.items[0] if len(items.items) == 1 else because(arguments[1], at, *arguments)
    return items.items[int(index) % len(items.items)]


def _keys(arguments: list[Inner], at: Location) -> Inner:
    entries = _map(arguments[0])
    names = sorted(entries.items)
    return Sequence(tuple(Known(name, entries.keys.get(name, at)) for name in names), at, entries.partial)


def _values(arguments: list[Inner], at: Location) -> Inner:
    entries = _map(arguments[0])
    return Sequence(tuple(entries.items[name] for name in sorted(entries.items)), at, entries.partial)


def _zipmap(arguments: list[Inner], at: Location) -> Inner:
    names, values = _list(arguments[0]), _list(arguments[1])
    if names.partial or values.partial:
        raise NotKnownError
    items: dict[str, Value] = {}
    partial = False
    for name, value in zip(names.items, values.items, strict=False):
        text = as_text(name)
        if text is None:
            partial = True
        else:
            items[text] = value
    return Mapping(items, at, {}, partial)


def _contains(arguments: list[Inner], at: Location) -> Inner:
    items = _list(arguments[0])
    answers = [equal(item, arguments[1]) for item in items.items]
    if True in answers:
        return Known(True, at)
    if None in answers or items.partial:
        return because(arguments[1], at, *arguments)
    return Known(False, at)


def _one(arguments: list[Inner], at: Location) -> Inner:
    if isinstance(arguments[0], Known) and arguments[0].value is None:
        return arguments[0]
    items = _list(arguments[0])
    if not items.items:
        return Unknown("a list that cannot be told", at) if items.partial else Known(None, at)
    if len(items.items) > 1:
        raise ValueError
    return items.items[0]


def _compact(arguments: list[Inner], at: Location) -> Inner:
    items = _list(arguments[0])
    kept = tuple(item for item in items.items if not (isinstance(item, Known) and item.value in (None, "")))
    return Sequence(kept, at, items.partial)


def _distinct(arguments: list[Inner], at: Location) -> Inner:
    items = _list(arguments[0])
    kept: list[Value] = []
    for item in items.items:
        if not any(equal(item, other) for other in kept):
            kept.append(item)
    return Sequence(tuple(kept), at, items.partial)


def _toset(arguments: list[Inner], at: Location) -> Inner:
    result = _distinct(arguments, at)
    assert isinstance(result, Sequence)
    texts = [as_text(item) for item in result.items]
    if None in texts:
        return result
    ordered = sorted(result.items, key=lambda item: as_text(item) or "")
    return Sequence(tuple(ordered), at, result.partial)


def _slice(arguments: list[Inner], at: Location) -> Inner:
    items, start, end = _list(arguments[0]), as_number(arguments[1]), as_number(arguments[2])
    if start is None or end is None or items.partial:
        raise NotKnownError
    return Sequence(items.items[int(start) : int(end)], at)


def _reverse(arguments: list[Inner], at: Location) -> Inner:
    items = _list(arguments[0])
    return Sequence(items.items[::-1], at, items.partial)


def _range(arguments: list[Inner], at: Location) -> Inner:
    numbers = [plain(argument) for argument in arguments]
    values = range(*(int(number) for number in numbers))
    if len(values) > 1024:
        raise NotKnownError
    return Sequence(tuple(Known(number, at) for number in values), at)


def _extreme(choose: Callable[[list[float]], float]) -> Function:
    def run(arguments: list[Inner], at: Location) -> Inner:
        numbers = []
        for argument in arguments:
            if is_unknown(argument):
                return because(argument, at, *arguments)
            number = as_number(argument)
            if number is None:
                raise TypeError
            numbers.append(number)
        return Known(choose(numbers), at)

    return run


def _sum(arguments: list[Inner], at: Location) -> Inner:
    items = _list(arguments[0])
    if items.partial:
        raise NotKnownError
    return _extreme(sum)(list(items.items), at)


def _tonumber(arguments: list[Inner], at: Location) -> Inner:
    value = arguments[0]
    if is_unknown(value) or (isinstance(value, Known) and value.value is None):
        return value
    number = as_number(value)
    if number is None:
        raise TypeError
    return Known(number, at, value.via if isinstance(value, Known) else ())


def _tostring(arguments: list[Inner], at: Location) -> Inner:
    value = arguments[0]
    if is_unknown(value) or (isinstance(value, Known) and value.value is None):
        return value
    text = as_text(value)
    if text is None:
        raise NotKnownError
    return Known(text, at, value.via if isinstance(value, Known) else ())


def _tobool(arguments: list[Inner], at: Location) -> Inner:
    value = arguments[0]
    if is_unknown(value) or (isinstance(value, Known) and value.value is None):
        return value
    flag = as_bool(value)
    if flag is None:
        raise TypeError
    return Known(flag, at)


def _setunion(arguments: list[Inner], at: Location) -> Inner:
    return _toset([_concat(arguments, at)], at)


def _setsubtract(arguments: list[Inner], at: Location) -> Inner:
    first, second = _list(arguments[0]), _list(arguments[1])
    if second.partial:
        raise NotKnownError
    kept = tuple(item for item in first.items if not any(equal(item, other) for other in second.items))
    return Sequence(kept, at, first.partial)


def _anytrue(arguments: list[Inner], at: Location) -> Inner:
    items = _list(arguments[0])
    flags = [as_bool(item) for item in items.items]
    if True in flags:
        return Known(True, at)
    if None in flags or items.partial:
        raise NotKnownError
    return Known(False, at)


FUNCTIONS: dict[str, Function] = {
    "merge": _merge, "lookup": _lookup, "coalesce": _coalesce, "coalescelist": _coalescelist, "concat": _concat,
    "flatten": _flatten, "length": _length, "element": _element, "keys": _keys, "values": _values, "zipmap": _zipmap,
    "contains": _contains, "one": _one, "compact": _compact, "distinct": _distinct, "toset": _toset, "slice": _slice,
    "reverse": _reverse, "range": _range, "max": _extreme(max), "min": _extreme(min), "sum": _sum,
    "tonumber": _tonumber, "tostring": _tostring, "tobool": _tobool, "setunion": _setunion,
    "setsubtract": _setsubtract, "anytrue": _anytrue, "sort": _toset,
}  # fmt: skip
