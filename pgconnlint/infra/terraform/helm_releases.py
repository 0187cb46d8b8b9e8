"""helm_release: the values a chart is installed with, merged as Helm does."""

from __future__ import annotations

import re
from dataclasses import replace

from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.reading import add
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, text
from pgconnlint.infra.terraform.decoding import resolved, structure
from pgconnlint.infra.terraform.lookup import Lookup, blocks
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

_STEP = re.compile(r"((?:\\.|[^.\[\]\\])+)|\[(\d+)\]")


def releases(lookup: Lookup) -> list[Resource]:
    """Every helm_release with its merged values as the attribute `values` (a Mapping)."""
    return [_release(item) for item in lookup.of("helm_release")]


def _release(item: Resource) -> Resource:
    values = merged_values(item)
    items = {**item.attributes.items, "values": values}
    for name in ("set", "set_list", "set_sensitive"):
        items.pop(name, None)
    return replace(item, attributes=Mapping(items, item.attributes.at, item.attributes.keys, item.attributes.partial))


def declarations(found: list[Resource], files: Files) -> Infrastructure:
    """What well-known charts declare by their values. Charts of this project are read where they stand."""
    from pgconnlint.infra.charts import declarations_from_values

    parts = []
    for item in found:
        chart = text(item.attributes.get("chart"))
        values = item.attributes.get("values")
        if chart is None or chart.startswith((".", "/")) or f"{chart}/Chart.yaml" in files:
            continue
        part = declarations_from_values(
            chart,
            text(item.attributes.get("name")) or item.name,
            values if isinstance(values, Mapping) else None,
            item.at,
            item.environment,
            item.origin,
            repository=text(item.attributes.get("repository")) or "",
            namespace=text(item.attributes.get("namespace")) or "",
            files=files,
        )
        servers = tuple(replace(one, references=(*one.references, item.address)) for one in part.servers)
        parts.append(replace(part, servers=servers))
    return add(parts)


def merged_values(item: Resource) -> Mapping:
    """`values` documents in order, then `set`, `set_list` and `set_sensitive` in either provider's form."""
    attributes = item.attributes
    at = attributes.key_at("values")
    merged = Mapping({}, at)
    given = attributes.get("values")
    documents = given.items if isinstance(given, Sequence) else () if given is None else (given,)
    partial = isinstance(given, Unknown) or (isinstance(given, Sequence) and given.partial)
    for document in documents:
        decoded = structure(document)
        if isinstance(decoded, Mapping):
            merged = _merge(merged, decoded, 0)
        elif (decoded is not None and text(decoded) not in ("", None)) or isinstance(decoded, Unknown):
            partial = True
    for name in ("set", "set_list", "set_sensitive"):
        for entry in blocks(attributes.get(name)):
            path, value = text(entry.get("name")), entry.get("value")
            if path is None or value is None:
                partial = partial or path is None
                continue
            merged = _set(merged, path, _typed(value, entry))
    return Mapping(merged.items, merged.at, merged.keys, merged.partial or partial)


def _typed(value: Value, entry: Mapping) -> Value:
    """`--set` reads numbers and booleans unless the type says string."""
    if text(entry.get("type")) == "string" or not isinstance(value, Known) or not isinstance(value.value, str):
        return value
    if value.value.startswith("{") and value.value.endswith("}"):
        items = tuple(Known(resolved(word.strip()), value.at) for word in value.value[1:-1].split(",") if word.strip())
        return Sequence(items, value.at)
    return Known(resolved(value.value), value.at, value.via)


def _merge(below: Mapping, above: Mapping, depth: int) -> Mapping:
    """Maps merge, lists are replaced, null deletes."""
    items = dict(below.items)
    keys = dict(below.keys)
    for name, value in above.items.items():
        before = items.get(name)
        if isinstance(value, Known) and value.value is None and not isinstance(value, Unknown):
            items.pop(name, None)
        elif isinstance(before, Mapping) and isinstance(value, Mapping) and depth < 40:
            items[name] = _merge(before, value, depth + 1)
        else:
            items[name] = value
        keys[name] = above.key_at(name)
    return Mapping(items, above.at, keys, below.partial or above.partial)


def _set(values: Mapping, path: str, value: Value) -> Mapping:
    """One `--set path=value`; indexes into lists make what they touch a list with that element."""
    steps: list[str | int] = []
    for name, number in _STEP.findall(path):
        steps.append(re.sub(r"\\(.)", r"\1", name) if name else int(number))
    if not steps or len(steps) > 40:
        return values
    changed = _placed(values, steps, value, value.at)
    return changed if isinstance(changed, Mapping) else values


def _placed(before: Value | None, steps: list[str | int], value: Value, at: Location) -> Value:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(before.items) if isinstance(before, Sequence) else []
        if step > 200:
            return Unknown("an index that is too large", at)
        while len(items) <= step:
            items.append(Known(None, at))
        items[step] = _placed(items[step], rest, value, at)
        return Sequence(tuple(items), at)
    inner = before if isinstance(before, Mapping) else Mapping({}, at)
    items_of = {**inner.items, step: _placed(inner.items.get(step), rest, value, at)}
    return Mapping(items_of, inner.at, {**inner.keys, step: at}, inner.partial)
