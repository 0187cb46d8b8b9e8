"""What expressions evaluate to, beyond infra.resource's values, and how values become plain data and text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.text import Location

VIA = 6
"""Declarations remembered on the way of a value."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One resource instance: what is written of it; everything else is known after apply."""

    address: str
    type: str
    attributes: Mapping


@dataclass(frozen=True, slots=True)
class Encoded:
    """The result of jsonencode or yamlencode: still the structure, so that unknowns inside stay small."""

    structure: Inner
    format: str
    at: Location


@dataclass(frozen=True, slots=True)
class Missing:
    """An error Terraform would report: `try` goes on, everything else sees an unknown."""

    reason: str
    at: Location


@dataclass(frozen=True, slots=True)
class Namespace:
    """The first steps of a reference, such as `var` or `data.aws_db_instance`; ``owner`` is a module instance."""

    kind: str
    name: str = ""
    owner: Any = None


Inner = Value | Instance | Encoded | Missing | Namespace


def listed(items: Iterable[Inner], at: Location, partial: bool = False) -> Sequence:
    """A list that may hold inner values until it leaves the evaluator (see `final`)."""
    return Sequence(cast("tuple[Value, ...]", tuple(items)), at, partial)


def keyed(
    items: dict[str, Inner], at: Location, keys: dict[str, Location] | None = None, partial: bool = False
) -> Mapping:
    """A mapping that may hold inner values until it leaves the evaluator."""
    return Mapping(cast("dict[str, Value]", items), at, keys or {}, partial)


class NotKnownError(Exception):
    """Raised by `plain` where a part is unknown."""


LARGEST = 50_000
"""Parts of one value. Shared parts count each time: whoever walks the value meets them as often."""


def too_large(value: Inner) -> bool:
    """The value has more parts than anybody writes: lists that double at every step."""
    stack: list[Inner] = [value]
    left = LARGEST
    while stack:
        match stack.pop():
            case Sequence(items=elements):
                left -= len(elements)
                stack += elements
            case Mapping(items=items):
                left -= len(items)
                stack += items.values()
            case Encoded(structure=structure):
                stack.append(structure)
            case _:
                continue
        if left < 0:
            return True
    return False


def final(value: Inner, depth: int = 0) -> Value:
    """The value as other packages see it: instances become mappings, encoded text its structure."""
    match value:
        case Known() | Unknown():
            return value
        case Instance(attributes=attributes):
            return final(attributes, depth)
        case Encoded(structure=structure):
            return final(structure, depth + 1)
        case Missing(reason=reason, at=at):
            return Unknown(reason, at)
        case Mapping(items=items, at=at) if depth < 60:
            cleaned = {key: final(item, depth + 1) for key, item in items.items() if not isinstance(item, Namespace)}
            return Mapping(cleaned, at, value.keys, value.partial)
        case Sequence(items=elements, at=at) if depth < 60:
            return Sequence(tuple(final(item, depth + 1) for item in elements), at, value.partial)
        case Namespace():
            return Unknown("a reference to a whole object", NOWHERE)
    return Unknown("nested too deeply", value.at)


def plain(value: Inner, depth: int = 0) -> Any:
    """The value as Python data; raises NotKnownError where a part is unknown or too deep."""
    if depth > 60:
        raise NotKnownError
    match value:
        case Known(value=scalar):
            return scalar
        case Mapping(items=items, partial=False):
            return {key: plain(item, depth + 1) for key, item in items.items()}
        case Sequence(items=elements, partial=False):
            return [plain(item, depth + 1) for item in elements]
        case Encoded(structure=structure, format=kind):
            return encode(plain(structure, depth + 1), kind)
    raise NotKnownError


def wrap(data: Any, at: Location) -> Value:
    """Python data as a value standing at one place."""
    match data:
        case dict():
            return Mapping({str(key): wrap(item, at) for key, item in data.items()}, at)
        case list() | tuple():
            return Sequence(tuple(wrap(item, at) for item in data), at)
        case None | bool() | int() | float() | str():
            return Known(data, at)
    return Known(str(data), at)


def encode(data: Any, kind: str) -> str:
    if kind == "json":
        return json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    import yaml

    return str(yaml.safe_dump(data, sort_keys=True, allow_unicode=True))


def is_unknown(value: Inner) -> bool:
    return isinstance(value, Unknown | Missing | Namespace)


def place_of(value: Inner, otherwise: Location) -> Location:
    match value:
        case Instance(attributes=attributes):
            return attributes.at
        case Namespace():
            return otherwise
    return value.at


def as_text(value: Inner) -> str | None:
    """The text a template would hold, or None."""
    match value:
        case Known(value=None):
            return None
        case Known(value=bool(flag)):
            return "true" if flag else "false"
        case Known(value=float(number)):
            return str(int(number)) if number.is_integer() else repr(number)
        case Known(value=scalar):
            return str(scalar)
        case Encoded():
            try:
                return str(plain(value))
            except NotKnownError:
                return None
    return None


def as_number(value: Inner) -> int | float | None:
    match value:
        case Known(value=bool()):
            return None
        case Known(value=int(number)) | Known(value=float(number)):
            return number
        case Known(value=str(text)):
            try:
                return int(text)
            except ValueError:
                pass
            try:
                return float(text)
            except ValueError:
                return None
    return None


def as_bool(value: Inner) -> bool | None:
    match value:
        case Known(value=bool(flag)):
            return flag
        case Known(value="true"):
            return True
        case Known(value="false"):
            return False
    return None


def references(values: Iterable[Inner], limit: int = 400) -> tuple[str, ...]:
    """Every resource address the values refer to, in order, each once."""
    found: dict[str, None] = {}
    stack = list(values)[::-1]
    while stack and limit > 0:
        limit -= 1
        match stack.pop():
            case Unknown(references=addresses):
                found.update(dict.fromkeys(addresses))
            case Instance(address=address):
                found[address] = None
            case Encoded(structure=structure):
                stack.append(structure)
            case Mapping(items=items):
                stack.extend(reversed(items.values()))
            case Sequence(items=elements):
                stack.extend(reversed(elements))
    return tuple(found)


def unknown(reason: str, at: Location, *parts: Inner) -> Unknown:
    """An unknown that remembers which resources its parts refer to."""
    return Unknown(reason, at, references(parts))


def because(value: Inner, at: Location, *others: Inner) -> Unknown:
    """The unknown that an operation on an unknown ``value`` gives: the same reason, elsewhere."""
    reason = value.reason if isinstance(value, Unknown | Missing) else "cannot be told before it is applied"
    return Unknown(reason, at, references((value, *others)))


def relocated(value: Inner, at: Location) -> Inner:
    """The value as seen where it is used: its own place becomes the nearest declaration it came through."""
    match value:
        case Known():
            if value.at == at:
                return value
            return Known(value.value, at, (value.at, *value.via)[:VIA], value.source)
        case Unknown():
            return replace(value, at=at)
    return value


def _nowhere() -> Location:
    from pgconnlint.text import Position, Span

    return Location("", Position(1, 1), Position(1, 1), Span(0, 0))


NOWHERE = _nowhere()
