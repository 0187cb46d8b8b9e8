"""Rendered text to Kubernetes objects: placeholders become unknown values, places lead to the files people edit."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from dataclasses import dataclass, field, replace

from pgconnlint.infra.helm.data import DEEPEST, Array, Datum, Opaque, Scalar, Table
from pgconnlint.infra.helm.documents import read_yaml
from pgconnlint.infra.helm.traced import ABSENT, PLACEHOLDER, Mark, Traced, join, lines, placed
from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.syntax.document import Document, Mosaic
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location, Span

_UNKNOWN_RUN = re.compile("\ue000+")
_ALONE = re.compile(r"""(?m)(?:(?:[:=]|^[ ]*-)[ \t]*["']?)\ue001+(?=["']?[ \t]*$)""")
NOT_SET = "the value is not set in the values files that are here"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The output of one template file, with the reasons for its placeholders."""

    path: str
    text: Traced
    reasons: dict[tuple[str, int], str]
    files: Files
    fallback: Location
    encoded: dict[str, Traced] = field(default_factory=dict)  # what a template encoded, by its code


def settled(text: Traced) -> Traced:
    """The text ready for YAML: an absent value that is all of a value is unknown, any other nothing;
    a placeholder on a line of its own becomes an entry of the map or list around it."""
    if ABSENT in text.text:
        text = _without_absent(text)
    return _entries(text) if PLACEHOLDER[0] in text.text else text


def _without_absent(text: Traced) -> Traced:
    alone = {found.end() for found in _ALONE.finditer(text.text)}
    parts: list[Traced] = []
    start = 0
    for found in re.finditer(ABSENT + "+", text.text):
        parts.append(text.cut(start, found.start()))
        if found.end() in alone:
            parts.append(placed(PLACEHOLDER, text.mark_at(found.start())))
        start = found.end()
    return join([*parts, text.cut(start)])


_ENTRY = re.compile(r"""[ ]*(?:[\w."'/{}$\ue000-]+[ ]*:(?:\s|$)|-(?:\s|$))""")


def _entries(text: Traced) -> Traced:
    rows = lines(text)
    parts: list[Traced] = []
    for index, row in enumerate(rows):
        bare = row.text.strip()
        if not bare or bare.strip("\ue000"):
            parts.append(row)
            continue
        indent = len(row.text) - len(row.text.lstrip(" "))
        neighbour = _neighbour(rows, index, indent)
        if neighbour is None:
            parts.append(row)
            continue
        mark = row.mark_at(indent)
        pad = row.cut(0, indent) if neighbour[1] == indent else placed(" " * neighbour[1], mark)
        feed = row.cut(len(row.text.rstrip("\n")))
        if neighbour[0] == "-":
            parts += [pad, placed("- " + PLACEHOLDER, mark), feed]
        else:
            parts += [pad, placed(f"{PLACEHOLDER}{index}: ", mark), placed(PLACEHOLDER, mark), feed]
    return join(parts)


def _neighbour(rows: list[Traced], index: int, indent: int) -> tuple[str, int] | None:
    """The kind ("-" or ":") and indentation of the entries a lone line stands among; None where it is a value."""
    before = next((rows[at].text for at in range(index - 1, max(-1, index - 40), -1) if _counts(rows[at].text)), "")
    after = next((rows[at].text for at in range(index + 1, min(len(rows), index + 40)) if _counts(rows[at].text)), "")
    for near in (after, before):
        depth = len(near) - len(near.lstrip(" "))
        if near and depth == indent and _ENTRY.match(near) and not near.startswith("---"):
            return ("-" if near.lstrip().startswith("-") else ":"), depth
    if before.rstrip().endswith((":", "|", "|-", ">", ">-")):
        return None
    depth = len(before) - len(before.lstrip(" "))
    if before and _ENTRY.match(before) and not before.startswith("---") and depth:
        return ("-" if before.lstrip().startswith("-") else ":"), depth
    return None


def _counts(line: str) -> bool:
    bare = line.strip()
    return bool(bare) and not bare.startswith("#") and bool(bare.strip("\ue000"))


def objects(rendered: Rendered) -> tuple[list[Mapping], list[tuple[str, Location]]]:
    """The mappings among the YAML documents of a rendered file, and what is no YAML although nothing is unknown."""
    found: list[Mapping] = []
    problems: list[tuple[str, Location]] = []
    for value, problem in read_yaml(rendered.text):
        if problem:
            if PLACEHOLDER[0] not in rendered.text.text:
                problems.append((problem, to_value(value, rendered).at))
        elif isinstance(value, Table):
            made = to_value(value, rendered)
            if isinstance(made, Mapping):
                found.append(_readable(made, rendered))
    places = Counter(_written_at(one) for one in found)
    return [_named_here(one) if places[_written_at(one)] == 1 else one for one in found], problems


def _written_at(manifest: Mapping) -> Location | None:
    """Where the template writes the object's name: one place for everything a loop makes."""
    metadata = manifest.items.get("metadata")
    return metadata.key_at("name") if isinstance(metadata, Mapping) else None


def _named_here(manifest: Mapping) -> Mapping:
    """The object with its name placed where the template writes it, though a helper or a values file makes it.

    Not for objects of one loop: they differ only in what the values say.
    """
    metadata = manifest.items.get("metadata")
    if not isinstance(metadata, Mapping):
        return manifest
    name = metadata.items.get("name")
    if not isinstance(name, Known) or name.at.path == metadata.key_at("name").path:
        return manifest
    named = replace(metadata, items={**metadata.items, "name": replace(name, at=metadata.key_at("name"))})
    return replace(manifest, items={**manifest.items, "metadata": named})


_ENCODED = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*\Z")


def _readable(manifest: Mapping, rendered: Rendered) -> Mapping:
    """Files in ConfigMaps and Secrets as their readers want them.

    Partly known ones become text with ``${...}``, which readers of configuration take for a template's hole;
    encoded ones appear decoded in `stringData`.
    """
    kind = manifest.items.get("kind")
    if not isinstance(kind, Known) or kind.value not in ("ConfigMap", "Secret"):
        return manifest
    items = dict(manifest.items)
    for key in ("data", "stringData"):
        held = items.get(key)
        if isinstance(held, Mapping):
            items[key] = replace(held, items={name: _holed(value) for name, value in held.items.items()})
    held = items.get("data")
    if kind.value == "Secret" and isinstance(held, Mapping):
        decoded = {name: text for name, value in held.items.items() if (text := _decoded(value, rendered)) is not None}
        given = items.get("stringData")
        if decoded and isinstance(given, Mapping | None):
            before = given.items if given is not None else {}
            items["stringData"] = Mapping({**decoded, **before}, held.at, held.keys)
    return replace(manifest, items=items)


def _holed(value: Value) -> Value:
    if isinstance(value, Unknown) and "\n" in value.text and value.source is not None:
        return Known(value.text, value.at, source=value.source)
    return value


def _decoded(value: Value, rendered: Rendered) -> Known | None:
    """The text of an encoded file; None for what is short, binary or no base64."""
    if not isinstance(value, Known) or not isinstance(value.value, str) or not _ENCODED.match(value.value):
        return None
    source = rendered.encoded.get(value.value)
    if source is not None and "\n" in source.text:
        document = document_of(source, rendered)
        return Known(source.text, document.at(0, len(source.text)), source=document)
    try:
        text = base64.b64decode(value.value, validate=False).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    if "\n" not in text:
        return None
    parent = rendered.files.document(value.at.path)
    mosaic = Mosaic((0,), (parent,), (value.at.span,)) if parent is not None else None
    return Known(text, value.at, source=Document(value.at.path, "text", text, mosaic=mosaic))


def to_value(value: Datum, rendered: Rendered, depth: int = 0) -> Value:
    """A template's value as other readers know values."""
    match value:
        case Traced():
            return _text(value, rendered)
        case Scalar(value=number, mark=mark):
            at = location(mark, rendered)
            whole = isinstance(number, float) and number.is_integer() and abs(number) < 1e15
            return Known(int(number) if whole and number is not None else number, at)
        case Opaque(reason=reason, mark=mark):
            return Unknown(reason, location(mark, rendered))
        case Array(items=elements, mark=mark) if depth < DEEPEST:
            return Sequence(
                tuple(to_value(one, rendered, depth + 1) for one in elements if not _is_hole(one)),
                location(mark, rendered),
                partial=any(_is_hole(one) for one in elements),
            )
        case Table(items=entries, keys=keys, mark=mark) if depth < DEEPEST:
            known = {key: one for key, one in entries.items() if PLACEHOLDER[0] not in key}
            places = {key: location(place, rendered) for key, place in keys.items() if key in known}
            items = {key: to_value(one, rendered, depth + 1) for key, one in known.items()}
            return Mapping(items, location(mark, rendered), places, partial=len(known) < len(entries))
    return Unknown("is nested too deeply", rendered.fallback)


def _is_hole(value: Datum) -> bool:
    return isinstance(value, Traced) and bool(value.text) and not value.text.strip("\ue000")


def _text(value: Traced, rendered: Rendered) -> Value:
    source = document_of(value, rendered)
    at = source.at(0, len(value.text))
    if PLACEHOLDER[0] not in value.text:
        return Known(value.text, at, source=source)
    hole = value.mark_at(value.text.index(PLACEHOLDER[0]))
    reason = rendered.reasons.get((hole.path, hole.start), NOT_SET if _is_hole(value) else "a part of it is unknown")
    shown = _UNKNOWN_RUN.sub(_dollars, value.text)
    partly = "" if _is_hole(value) else shown
    return Unknown(reason, at, text=partly, source=Document(source.path, "text", shown, mosaic=source.mosaic))


def _dollars(found: re.Match[str]) -> str:
    length = len(found.group())
    return ("${...}" * (length // 6)) + "." * (length % 6)


def document_of(value: Traced, rendered: Rendered) -> Document:
    """A text as a Document whose places lead to the files its pieces come from."""
    starts: list[int] = []
    parents: list[Document] = []
    spans: list[Span] = []
    for mark in value.marks:
        parent = rendered.files.document(mark.path) if mark.path else None
        if parent is not None:
            starts.append(mark.at)
            parents.append(parent)
            spans.append(Span(mark.start, mark.end))
    if not parents:
        parent = rendered.files.document(rendered.fallback.path)
        if parent is None:
            return Document(rendered.path, "text", value.text)
        starts, parents, spans = [0], [parent], [rendered.fallback.span]
    starts[0] = 0
    return Document(rendered.path, "text", value.text, mosaic=Mosaic(tuple(starts), tuple(parents), tuple(spans)))


def location(mark: Mark | None, rendered: Rendered) -> Location:
    if mark is None or not mark.path:
        return rendered.fallback
    parent = rendered.files.document(mark.path)
    return rendered.fallback if parent is None else parent.at(mark.start, max(mark.start, mark.end))
