"""Finding the resource that a value of another resource means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, text

_MODULE = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)+")
_INDEX = re.compile(r"\[[^\[\]]*\]$")


@dataclass
class Lookup:
    """The resources of one stack by kind and address."""

    resources: tuple[Resource, ...]
    _kinds: dict[str, list[Resource]] = field(default_factory=dict)
    _addresses: dict[str, Resource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for resource in self.resources:
            self._kinds.setdefault(resource.kind, []).append(resource)
            self._addresses.setdefault(resource.address, resource)

    def of(self, *kinds: str) -> list[Resource]:
        return [resource for kind in kinds for resource in self._kinds.get(kind, ())]

    def at_address(self, address: str) -> Resource | None:
        """The resource at an address; `x.y` also means `x.y[0]`."""
        return self._addresses.get(address) or self._addresses.get(f"{address}[0]")

    def target(
        self, value: Value | None, kinds: Iterable[str], keys: Iterable[str], near: Resource | None = None
    ) -> Resource | None:
        """The resource of ``kinds`` that ``value`` means: by reference, or by the text of one of its ``keys``.

        Of several with the same text the one that was referred to, then one in the module of ``near``.
        """
        kinds = tuple(kinds)
        match value:
            case Unknown(references=references):
                for reference in references:
                    found = self.at_address(reference)
                    if found is not None and found.kind in kinds:
                        return found
            case Known(via=via):
                written = text(value)
                same = [
                    one
                    for one in self.of(*kinds)
                    if written is not None and any(text(one.attributes.get(key)) == written for key in keys)
                ]
                exact = [one for one in same if any(_written_at(one, key) & {*via} for key in keys)]
                found_here = [one for one in exact or same if near is not None and _module(one) == _module(near)]
                return next(iter(found_here or exact or same), None)
        return None


def _module(resource: Resource) -> str:
    """The address of the module instance a resource stands in."""
    found = _MODULE.match(resource.address)
    return found.group() if found else ""


def _written_at(resource: Resource, key: str) -> set[object]:
    value = resource.attributes.get(key)
    return {value.at} if value is not None else set()


def unindexed(address: str) -> str:
    return _INDEX.sub("", address)


def blocks(value: Value | None) -> Iterator[Mapping]:
    """The nested blocks under one name; a single object (attribute syntax, JSON) counts as one."""
    match value:
        case Mapping():
            yield value
        case Sequence(items=items):
            for item in items:
                if isinstance(item, Mapping):
                    yield item


def block(value: Value | None) -> Mapping | None:
    """The first nested block, or None."""
    return next(blocks(value), None)


def inside(mapping: Mapping | None, *path: str) -> Value | None:
    """The value at a path of nested blocks and attributes; an Unknown on the way is returned."""
    current: Value | None = mapping
    for step in path:
        if isinstance(current, Sequence):
            first = block(current)
            if first is None and current.partial:
                return Unknown("a block that may be there", current.at)
            current = first
        if isinstance(current, Unknown):
            return current
        current = current.items.get(step) if isinstance(current, Mapping) else None
    return current


def elsewhere(source: Value | None) -> str | None:
    """A primary that is not here, by the name that is written; "" and null mean none."""
    if source is None or (isinstance(source, Known) and not source.value):
        return None
    return text(source) or "a primary elsewhere"


def named_secret(value: Value | None) -> tuple[str, ...]:
    """What a workload's secret refers to: resources, or the secret's own name when that is written out."""
    found = references(value)
    written = text(value)
    return found if found or written is None else (f"secret:{written}",)


def references(value: Value | None, limit: int = 2000) -> tuple[str, ...]:
    """Every address that a tree of values refers to, in order."""
    found: dict[str, None] = {}
    stack = [value] if value is not None else []
    while stack and limit:
        limit -= 1
        match stack.pop():
            case Unknown(references=addresses):
                found.update(dict.fromkeys(addresses))
            case Mapping(items=items):
                stack.extend(reversed(items.values()))
            case Sequence(items=elements):
                stack.extend(reversed(elements))
    return tuple(found)
