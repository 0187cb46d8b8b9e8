"""`replacements` and `vars`: a value of one object copied to fields of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.ownership import Kustomization
from pgconnlint.infra.kustomize.objects import Built, put, rewritten, with_manifest
from pgconnlint.infra.kustomize.patches import selected
from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value, integer, sequence, text
from pgconnlint.infra.yaml_values import values
from pgconnlint.syntax.files import Files

_STEP = re.compile(r"\[([^\]=]*)=([^\]]*)\]|((?:\\.|\[[^\]]*\](?=[^.])|[^.\\])+)")
_VARIABLE = re.compile(r"\$\(([\w.-]+)\)")
_STEPS = 40
_Change = Callable[[Value | None], Value | None]


def with_replacements(objects: list[Built], one: Kustomization, files: Files) -> list[Built]:
    """The objects after every entry of `replacements`, inline or in files; what kustomize would refuse is left out."""
    for entry in _entries(one, files):
        source = _source(objects, entry.get("source"))
        if source is None:
            continue
        for target in sequence(entry.get("targets")):
            if isinstance(target, Mapping):
                objects = [_replaced(item, target, source) if _is_target(item, target) else item for item in objects]
    return objects


def _entries(one: Kustomization, files: Files) -> Iterator[Mapping]:
    for value in one.list("replacements"):
        path = text(path_get(value, "path"))
        if path is None:
            if isinstance(value, Mapping):
                yield value
            continue
        document = files.document(one.resolve(path)) if one.resolve(path) in files else None
        for found in values(document, files) if document is not None else ():
            for entry in found.items if isinstance(found, Sequence) else (found,):
                if isinstance(entry, Mapping):
                    yield entry


def _source(objects: list[Built], source: Value | None) -> Value | None:
    """The value that is copied; None unless exactly one object is meant and has it."""
    if not isinstance(source, Mapping):
        return None
    found = [item for item in objects if selected(source, item)]
    if len(found) != 1:
        return None
    held = list(_read(found[0].manifest, _steps(text(source.get("fieldPath")) or "metadata.name")))
    delimiter = text(source.get("options", "delimiter"))
    if len(held) != 1 or delimiter is None:
        return held[0] if len(held) == 1 else None
    written, index = text(held[0]), integer(source.get("options", "index")) or 0
    parts = written.split(delimiter) if written is not None and delimiter else []
    return Known(parts[index], held[0].at) if 0 <= index < len(parts) else None


def _is_target(item: Built, target: Mapping) -> bool:
    select = target.get("select")
    if not isinstance(select, Mapping) or not selected(select, item):
        return False
    rejected = sequence(target.get("reject"))
    return not any(isinstance(one, Mapping) and selected(one, item) for one in rejected)


def _replaced(item: Built, target: Mapping, source: Value) -> Built:
    options = target.get("options")
    create = text(path_get(options, "create")) == "true"
    manifest: Value = item.manifest
    for path in sequence(target.get("fieldPaths")) or (Known("metadata.name", target.at),):
        steps = _steps(text(path) or "")
        if steps and len(steps) <= _STEPS:
            manifest = _changed(manifest, steps, lambda before: _joined(before, source, options), create) or manifest
    return with_manifest(item, manifest) if isinstance(manifest, Mapping) else item


def _joined(before: Value | None, source: Value, options: Value | None) -> Value | None:
    """What stands in the field afterwards: the source, or the old text with one part exchanged."""
    delimiter = text(path_get(options, "delimiter"))
    if not delimiter or before is None:
        return _typed(before, source)
    old, new = text(before), text(source)
    if old is None or new is None:
        return Unknown("a replacement puts it together", before.at)
    parts, index = old.split(delimiter), integer(path_get(options, "index")) or 0
    if index < 0:
        parts.insert(0, new)
    elif index >= len(parts):
        parts.append(new)
    else:
        parts[index] = new
    return Known(delimiter.join(parts), before.at, (source.at,))


def _typed(before: Value | None, source: Value) -> Value:
    """Kustomize writes into the node that is there: its type stays; a new one is written without quotes."""
    if not isinstance(before, Known | None) or not isinstance(source, Known):
        return source
    written, kept = text(source) or "", before.value if before is not None else 0
    if isinstance(kept, str) and not isinstance(source.value, str):
        return Known(written, source.at, source.via)
    if isinstance(kept, int) and not isinstance(kept, bool) and re.fullmatch(r"-?\d{1,18}", written):
        return Known(int(written), source.at, source.via)
    return source


_Step = tuple[str, str] | str


def _steps(path: str) -> list[_Step]:
    """`spec.containers.[name=app].image` as its steps; a dot in a key is written `\\.`."""
    found: list[_Step] = []
    for match in _STEP.finditer(path):
        if match[3] is None:
            found.append((match[1], match[2]))
        else:
            found.append(match[3].replace("\\.", "."))
    return found


def _chosen(items: tuple[Value, ...], step: _Step) -> list[int]:
    """Indexes of the list's elements that a step means."""
    if isinstance(step, tuple):
        key, wanted = step
        return [i for i, one in enumerate(items) if text(path_get(one, key) if key else one) == wanted]
    if step == "*":
        return list(range(len(items)))
    return [int(step)] if step.isdecimal() and int(step) < len(items) else []


def _read(value: Value, steps: list[_Step]) -> Iterator[Value]:
    if not steps:
        yield value
        return
    step, *rest = steps
    if isinstance(value, Mapping) and isinstance(step, str) and step in value.items:
        yield from _read(value.items[step], rest)
    elif isinstance(value, Sequence):
        for index in _chosen(value.items, step):
            yield from _read(value.items[index], rest)


def _changed(value: Value | None, steps: list[_Step], change: _Change, create: bool) -> Value | None:
    """A copy with ``change`` applied at every place the steps lead to; None where they lead nowhere."""
    if not steps:
        return change(value)
    step, *rest = steps
    if isinstance(value, Sequence):
        indexes = _chosen(value.items, step)
        done = {index: _changed(value.items[index], rest, change, create) for index in indexes}
        items = tuple(done.get(index) or item for index, item in enumerate(value.items))
        return Sequence(items, value.at, value.partial) if indexes else None
    if not isinstance(value, Mapping) or not isinstance(step, str) or (step not in value.items and not create):
        return None
    below = value.items.get(step)
    if below is None and rest:
        below = Mapping({}, value.at)
    after = _changed(below, rest, change, create)
    return put(value, step, after) if after is not None else None


def with_vars(objects: list[Built], one: Kustomization) -> list[Built]:
    """`$(NAME)` in commands, arguments and variables, filled in from the fields that `vars` name."""
    found: dict[str, Value] = {}
    for entry in one.list("vars"):
        name, reference = text(path_get(entry, "name")), path_get(entry, "objref")
        field = text(path_get(path_get(entry, "fieldref"), "fieldpath")) or "metadata.name"
        items = [item for item in objects if isinstance(reference, Mapping) and selected(reference, item)]
        held = list(_read(items[0].manifest, _steps(field))) if len(items) == 1 else []
        if name and len(held) == 1 and text(held[0]) is not None:
            found[name] = held[0]
    return [_filled(item, found) for item in objects] if found else objects


def _filled(item: Built, found: dict[str, Value]) -> Built:
    def change(key: str, value: Value, holder: Mapping) -> Value | None:
        if key in ("command", "args") and isinstance(value, Sequence):
            return Sequence(tuple(_expanded(word, found) for word in value.items), value.at, value.partial)
        if key == "value" and "name" in holder.items:
            return _expanded(value, found)
        return None

    manifest = rewritten(item.manifest, change)
    return with_manifest(item, manifest) if isinstance(manifest, Mapping) and manifest is not item.manifest else item


def _expanded(value: Value, found: dict[str, Value]) -> Value:
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return value
    used = [found[name] for name in _VARIABLE.findall(value.value) if name in found]
    if not used:
        return value
    written = _VARIABLE.sub(lambda m: text(found[m[1]]) or "" if m[1] in found else m[0], value.value)
    return Known(written, value.at, tuple(one.at for one in used))
