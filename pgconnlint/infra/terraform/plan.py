"""Plans (`terraform show -json`): resources as they will be, count and for_each already expanded."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, text
from pgconnlint.infra.terraform.decoding import from_node
from pgconnlint.infra.terraform.kinds import RESOURCES
from pgconnlint.syntax import yaml
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

if TYPE_CHECKING:
    from pgconnlint.infra.terraform.reader import Stack

_NAMED = re.compile(r"plan|terraform|tofu|show", re.IGNORECASE)
_INDEX = re.compile(r"\[[^\]]*\]$")


def read(files: Files) -> list[Stack]:
    """The stacks of every plan among the JSON files whose name suggests one."""
    from pgconnlint.infra.terraform.reader import Stack

    found = []
    for path in files.paths:
        name = path.rsplit("/", 1)[-1]
        if not name.endswith(".json") or name.endswith((".tf.json", ".tfvars.json")) or not _NAMED.search(name):
            continue
        data = files.data(path) or b""
        if b'"planned_values"' not in data or b'"format_version"' not in data:
            continue
        plan = _plan(files, path)
        if plan is not None:
            environment = environment_of(path)
            resources = tuple(_resources(plan, environment, f"plan:{path}"))
            found.append(Stack(posixpath.dirname(path), environment, resources))
    return found


def _plan(files: Files, path: str) -> Mapping | None:
    document = files.document(path)
    if document is None:
        return None
    chunks = yaml.parse(document)
    if len(chunks) != 1 or chunks[0].node is None:
        return None
    value = from_node(chunks[0].node, document)
    return value if isinstance(value, Mapping) else None


def _resources(plan: Mapping, environment: str, origin: str) -> Iterator[Resource]:
    links = _links(plan.get("configuration", "root_module"), "", 0)
    unknown = _unknowns(plan.get("resource_changes"))
    for item in _planned(plan.get("planned_values", "root_module"), 0):
        kind, address = text(item.get("type")), text(item.get("address"))
        values = item.get("values")
        if kind not in RESOURCES or address is None or not isinstance(values, Mapping):
            continue
        if text(item.get("mode")) == "data":
            continue
        shown = item.get("address")
        at = shown.at if shown is not None else item.at
        attributes = _with_unknowns(values, unknown.get(address), links.get(_plain(address), {}), address, at)
        name = text(item.get("name")) or address
        yield Resource(kind or "", name, attributes, at, "terraform", address, environment, origin=origin)


def _planned(module: Value | None, depth: int) -> Iterator[Mapping]:
    if not isinstance(module, Mapping) or depth > 20:
        return
    yield from _items(module.get("resources"))
    for child in _items(module.get("child_modules")):
        yield from _planned(child, depth + 1)


def _items(value: Value | None) -> list[Mapping]:
    return [item for item in value.items if isinstance(item, Mapping)] if isinstance(value, Sequence) else []


def _unknowns(changes: Value | None) -> dict[str, Mapping]:
    """`after_unknown` by address."""
    found = {}
    for change in _items(changes):
        address, after = text(change.get("address")), change.get("change", "after_unknown")
        if address is not None and isinstance(after, Mapping):
            found[address] = after
    return found


def _links(module: Value | None, prefix: str, depth: int) -> dict[str, dict[str, tuple[str, ...]]]:
    """What each attribute refers to, by address without indexes: the plan keeps references, not formulas."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    if not isinstance(module, Mapping) or depth > 20:
        return found
    for item in _items(module.get("resources")):
        address = text(item.get("address"))
        expressions = item.get("expressions")
        if address is None or not isinstance(expressions, Mapping):
            continue
        found[prefix + address] = {
            name: _references(value, prefix) for name, value in expressions.items.items() if isinstance(value, Mapping)
        }
    calls = module.get("module_calls")
    for name, call in calls.items.items() if isinstance(calls, Mapping) else ():
        if isinstance(call, Mapping):
            found.update(_links(call.get("module"), f"{prefix}module.{name}.", depth + 1))
    return found


def _references(expression: Mapping, prefix: str) -> tuple[str, ...]:
    """Whole resource addresses among the references of one expression."""
    listed = expression.get("references")
    found: dict[str, None] = {}
    for item in listed.items if isinstance(listed, Sequence) else ():
        steps = _INDEX.sub("", text(item) or "").split(".")
        if steps[0] in ("var", "local", "each", "count", "path", "module", "data", "terraform") or len(steps) < 2:
            continue
        found[prefix + ".".join(steps[:2])] = None
    return tuple(found)


def _plain(address: str) -> str:
    return re.sub(r"\[[^\]]*\]", "", address)


def _with_unknowns(
    values: Mapping, unknown: Mapping | None, links: dict[str, tuple[str, ...]], address: str, at: Location
) -> Mapping:
    """The values without nulls; what is known only after apply as unknowns that keep their references."""
    items: dict[str, Value] = {}
    for name, value in values.items.items():
        if not (isinstance(value, Known) and value.value is None):
            items[name] = value
    for name, flag in unknown.items.items() if unknown is not None else ():
        if isinstance(flag, Known) and flag.value is True and name not in items:
            items[name] = Unknown(f"`{address}.{name}` is known after apply", at, links.get(name, ()))
    return Mapping(items, values.at, values.keys, values.partial)


def overlaid(stacks: list[Stack], plans: list[Stack]) -> list[Stack]:
    """Plans laid over the sources they were made of.

    A resource that both know keeps its place in the source and takes the plan's values; the environment is the
    source's. A plan whose sources are not here, or are here in several environments, stands alone.
    """
    result = list(stacks)
    for plan in plans:
        planned = {one.address: one for one in plan.resources}
        fitting = [
            index
            for index, stack in enumerate(result)
            if any(_plain(one.address) in {_plain(address) for address in planned} for one in stack.resources)
        ]
        near = [index for index in fitting if plan.environment and result[index].environment == plan.environment]
        if len(near or fitting) != 1:
            result.append(plan)
            continue
        index = (near or fitting)[0]
        result[index] = _overlay(result[index], planned)
    return result


def _overlay(stack: Stack, planned: dict[str, Resource]) -> Stack:
    written = {one.address: one for one in stack.resources}
    blocks = {_plain(one.address): one for one in stack.resources}
    merged: list[Resource] = []
    for address, item in planned.items():
        source = written.get(address) or blocks.get(_plain(address))
        if source is None:
            merged.append(replace(item, environment=stack.environment))
            continue
        attributes = _placed(item.attributes, source.attributes)
        merged.append(replace(source, address=address, attributes=attributes))
    seen = {_plain(one.address) for one in planned.values()}
    # a module whose files are not here is expanded in the plan; other blocks the plan lacks are not created
    kept = [one for one in stack.resources if one.kind not in RESOURCES and not _expanded(one.address, seen)]
    return replace(stack, resources=(*merged, *kept))


def _expanded(address: str, seen: set[str]) -> bool:
    prefix = _plain(address) + "."
    return any(one.startswith(prefix) for one in seen)


def _placed(values: Mapping, source: Mapping) -> Mapping:
    """The plan's values; an equal or unknown value of the source keeps its own place and references."""
    items: dict[str, Value] = dict(values.items)
    for name, own in source.items.items():
        given = items.get(name)
        if given is None or isinstance(given, Unknown):
            items[name] = own
        elif isinstance(given, Known) and isinstance(own, Known):
            items[name] = own if text(given) == text(own) else Known(given.value, own.at, (given.at,))
        elif isinstance(given, Known):
            items[name] = Known(given.value, own.at, (given.at,))
        elif isinstance(given, Sequence) and isinstance(own, Sequence) and len(given.items) == len(own.items):
            items[name] = _placed_blocks(given, own)
    return Mapping(items, source.at, {**values.keys, **source.keys}, values.partial)


def _placed_blocks(given: Sequence, own: Sequence) -> Sequence:
    """Blocks pair up by their `name` where they have one (sets are reordered in plans), else by position."""
    by_name = {text(one.get("name")): one for one in _items(own)}
    placed: list[Value] = []
    for index, item in enumerate(given.items):
        other = own.items[index]
        if isinstance(item, Mapping):
            name = text(item.get("name"))
            match = by_name.get(name) if name is not None else other
            if isinstance(match, Mapping):
                placed.append(_placed(_without_nulls(item), match))
                continue
        placed.append(item)
    return Sequence(tuple(placed), own.at, given.partial)


def _without_nulls(item: Mapping) -> Mapping:
    items = {key: value for key, value in item.items.items() if not (isinstance(value, Known) and value.value is None)}
    return Mapping(items, item.at, item.keys, item.partial)
