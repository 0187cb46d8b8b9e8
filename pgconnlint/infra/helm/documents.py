"""YAML and JSON in and out of template values, places kept."""

from __future__ import annotations

import re

from pgconnlint.infra.helm.data import (
    DEEPEST,
    NIL,
    Array,
    Datum,
    EvaluationError,
    Opaque,
    Scalar,
    Table,
    mark_of,
    positional,
)
from pgconnlint.infra.helm.go_format import go_quote
from pgconnlint.infra.helm.traced import PLACEHOLDER, Mark, Traced, join, placed
from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.yaml import BrokenNode, MappingNode, Node, ScalarNode, SequenceNode, parse
from pgconnlint.text import Location

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"})
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_INFINITE = frozenset({".inf", ".Inf", ".INF", "-.inf", "+.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"})


def read_yaml(source: Traced) -> list[tuple[Datum, str]]:
    """The YAML documents of a text, each with its problem ("" when it has none)."""
    found: list[tuple[Datum, str]] = []
    for chunk in parse(Document("", "yaml", source.text)):
        if chunk.problem:
            found.append((Opaque(chunk.problem, source.whole(chunk.start, chunk.end)), chunk.problem))
        elif chunk.node is not None:
            found.append((_datum(chunk.node, source), ""))
    return found


def _datum(node: Node, source: Traced) -> Datum:
    match node:
        case ScalarNode():
            return _scalar(node, source)
        case SequenceNode(items=items):
            return Array(tuple(_datum(item, source) for item in items), source.whole(node.start, node.end))
        case MappingNode(pairs=pairs):
            made = Table(mark=source.whole(node.start, node.end))
            for key, value in pairs:
                if isinstance(key, ScalarNode) and key.text == "<<" and key.plain:
                    _merge_key(made, _datum(value, source))
                elif isinstance(key, ScalarNode):
                    made.put(_key(key), _datum(value, source), source.whole(key.start, key.end))
            return made
        case BrokenNode(reason=reason):
            return Opaque(reason, source.whole(node.start, node.end))


def _key(node: ScalarNode) -> str:
    """Plain `on` and `y` are truth values even as keys; JSON makes them text again."""
    flag = node.plain and not node.style and node.text in _TRUE | _FALSE
    return ("true" if node.text in _TRUE else "false") if flag else node.text


def _merge_key(target: Table, value: Datum) -> None:
    for one in value.items if isinstance(value, Array) else (value,):
        if isinstance(one, Table):
            for key, item in one.items.items():
                if key not in target.items:
                    target.put(key, item, one.keys.get(key))


def _scalar(node: ScalarNode, source: Traced) -> Datum:
    if (node.plain and node.style == "") or node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        resolved = resolve(node.text)
        if not isinstance(resolved, str):
            return Scalar(resolved, source.whole(node.start, node.end))
    return _text(node, source)


def resolve(text: str) -> float | bool | str | None:
    """A plain scalar's type in YAML 1.1; whole numbers become floats, as JSON has it."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    digits = text.replace("_", "")
    if len(text) < 40 and _INTEGER.match(text):
        sign = -1 if digits.startswith("-") else 1
        digits = digits.lstrip("+-")
        octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
        try:
            return float(sign * (int(digits, 8) if octal else int(digits, 0)))
        except ValueError:
            return text
    if len(text) < 40 and _FLOAT.match(text):
        return float(digits)
    return text


def _text(node: ScalarNode, source: Traced) -> Traced:
    """A text scalar; where YAML changed nothing of a stretch, characters keep their places."""
    raw = source.text[node.start : node.end]
    if raw == node.text:
        return source.cut(node.start, node.end)
    if raw[1:-1] == node.text and node.style in ("'", '"'):
        return source.cut(node.start + 1, node.end - 1) if node.text else placed("", source.whole(node.start, node.end))
    whole = source.whole(node.start, node.end)
    return _block(node, source) or placed(node.text, whole)


def _block(node: ScalarNode, source: Traced) -> Traced | None:
    """A `|` block: each line is a stretch of its source line."""
    header = source.text.find("\n", node.start)
    if node.style != "|" or header < 0:
        return None
    parts: list[Traced] = []
    offset = header + 1
    for line in node.text.splitlines(keepends=True):
        bare = line.rstrip("\n")
        feed = source.text.find("\n", offset)
        end = len(source.text) if feed < 0 else feed
        if not source.text[offset:end].endswith(bare):
            return None
        parts.append(source.cut(end - len(bare), end))
        if line != bare:
            parts.append(source.cut(end, end + 1) if feed >= 0 else placed("\n", source.mark_at(end - 1)))
        offset = end + 1
    return join(parts)


def from_value(value: Value | None) -> Datum:
    """A value of another reader (Terraform, a custom resource) as a template's value."""
    match value:
        case Known(value=str(text), at=at, source=source):
            if source is not None and source.text == text:
                return _of_document(source, at)
            return placed(text, mark_at(at))
        case Known(value=bool(flag), at=at):
            return Scalar(flag, mark_at(at))
        case Known(value=int() | float() as number, at=at):
            return Scalar(float(number), mark_at(at))
        case Known(at=at):
            return Scalar(None, mark_at(at))
        case Unknown(reason=reason, at=at, text=text):
            return placed(text.replace("${...}", PLACEHOLDER), mark_at(at)) if text else Opaque(reason, mark_at(at))
        case Mapping(items=items, keys=keys, at=at):
            places = {key: mark_at(place) for key, place in keys.items()}
            return Table({key: from_value(item) for key, item in items.items()}, places, mark_at(at))
        case Sequence(items=elements, at=at):
            return Array(tuple(from_value(item) for item in elements), mark_at(at))
    return NIL


def _of_document(source: Document, at: Location) -> Traced:
    """A block of text line by line, so that each line keeps its place."""
    parts: list[Traced] = []
    offset = 0
    for line in source.text.splitlines(keepends=True):
        place = source.at(offset, offset + len(line.rstrip("\r\n")))
        parts.append(placed(line, mark_at(place)))
        offset += len(line)
    return join(parts) if parts else placed("", mark_at(at))


def mark_at(at: Location) -> Mark:
    return Mark(0, at.path, at.span.start, at.span.end)


_PLAIN_START = re.compile(r"[-?:](?=\s|$)|[,\[\]{}#&*!|>'\"%@`]|---|\.\.\.")
_SPECIAL = r"[\x00-\x1f\x7f\u0080-\u009f\ufeff\ud800-\udfff\U0001f000-\U0010ffff]"
_NOT_PLAIN = re.compile(r": |:$|\s#|^\s|\s$|" + _SPECIAL)
_BLOCK_REFUSED = re.compile(r" \n| $|[\x00-\x08\x0b-\x1f\x7f\ufeff\ud800-\udfff]")


def to_yaml(value: Datum) -> Traced:
    """A value as Go's YAML writes it, without the last line feed: sorted keys, lists not indented."""
    parts: list[Traced] = []
    _write(value, 0, parts, 0)
    written = join(parts)
    return written.cut(0, len(written.text) - 1) if written.text.endswith("\n") else written


def _write(value: Datum, indent: int, parts: list[Traced], depth: int) -> None:
    """One value with its line feed; the caller has written what stands before it on the line."""
    if depth > DEEPEST:
        raise EvaluationError("a value is nested too deeply to be written")
    match value:
        case Table(items=items) if items:
            for number, key in enumerate(sorted(items)):
                if number:
                    parts.append(Traced(" " * indent))
                parts += [_inline(placed(key, value.keys.get(key)), indent), Traced(":")]
                _write_below(items[key], indent, parts, depth)
        case Array(items=elements) if elements:
            for number, element in enumerate(elements):
                if number:
                    parts.append(Traced(" " * indent))
                parts.append(Traced("- "))
                _write(element, indent + 2, parts, depth + 1)
        case Traced():
            parts += [_inline(value, indent), Traced("\n")]
        case _:
            parts += [_bare(value), Traced("\n")]


def _write_below(value: Datum, indent: int, parts: list[Traced], depth: int) -> None:
    """The value of a key."""
    match value:
        case Table(items=items) if items:
            parts.append(Traced("\n" + " " * (indent + 2)))
            _write(value, indent + 2, parts, depth + 1)
        case Array(items=elements) if elements:
            parts.append(Traced("\n" + " " * indent))
            _write(value, indent, parts, depth + 1)
        case _:
            parts.append(Traced(" "))
            _write(value, indent + 2 if isinstance(value, Traced) else indent, parts, depth + 1)


def _bare(value: Datum) -> Traced:
    match value:
        case Table():
            return Traced("{}")
        case Array():
            return Traced("[]")
        case Scalar(value=None, mark=mark):
            return placed("null", mark)
        case Scalar(value=bool(flag), mark=mark):
            return placed("true" if flag else "false", mark)
        case Scalar(value=int(number), mark=mark):
            return placed(str(number), mark)
        case Scalar(value=float(number), mark=mark):
            return placed(positional(number), mark)
    return placed(PLACEHOLDER, mark_of(value))


def _inline(value: Traced, indent: int) -> Traced:
    """A text as a scalar: plain, quoted, or a block when it has several lines."""
    text = value.text
    before = value.mark_at(0) if value.marks else None
    after = value.mark_at(max(0, len(text) - 1)) if value.marks else None
    if "\n" in text and not _BLOCK_REFUSED.search(text):
        return _as_block(value, indent)
    if text and not _ambiguous(text) and not _PLAIN_START.match(text) and not _NOT_PLAIN.search(text):
        return value
    special = re.search(_SPECIAL, text)
    if _ambiguous(text) or special:
        return join([placed('"', before), go_quote(value), placed('"', after)])
    doubled: list[Traced] = []
    start = 0
    for found in re.finditer("'", text):
        doubled += [value.cut(start, found.end()), placed("'", value.mark_at(found.start()) if value.marks else None)]
        start = found.end()
    return join([placed("'", before), *doubled, value.cut(start), placed("'", after)])


_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt ].*)?\Z")


def _ambiguous(text: str) -> bool:
    """A plain scalar of this text would be read as something else."""
    if not isinstance(resolve(text), str) or text in _INFINITE or text == "<<":
        return True
    return bool(_BASE60.match(text) or _DATE.match(text))


def _as_block(value: Traced, indent: int) -> Traced:
    text = value.text
    chomp = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") or text == "\n" else ""
    hint = "2" if text[:1] in (" ", "\n") else ""
    parts = [Traced(f"|{hint}{chomp}")]
    start = 0
    body = text[:-1] if text.endswith("\n") else text
    for line in body.split("\n"):
        pad = " " * max(indent, 2) if line else ""
        parts += [Traced("\n" + pad), value.cut(start, start + len(line))]
        start += len(line) + 1
    return join(parts)


def to_json(value: Datum, *, escape_html: bool = True, pad: str = "") -> Traced:
    """A value as Go's encoding/json writes it; ``pad``: the indentation of the pretty form."""
    parts: list[Traced] = []
    _json(value, parts, escape_html, pad, "", 0)
    return join(parts)


def _json(value: Datum, parts: list[Traced], html: bool, pad: str, before: str, depth: int) -> None:
    if depth > DEEPEST:
        raise EvaluationError("a value is nested too deeply to be written")
    inner = f"{before}{pad}"
    gap = "\n" + inner if pad else ""
    match value:
        case Table(items=items) if items:
            for number, key in enumerate(sorted(items)):
                name = _json_text(placed(key, value.keys.get(key)), html)
                parts += [Traced(("," if number else "{") + gap), name, Traced(": " if pad else ":")]
                _json(items[key], parts, html, pad, inner, depth + 1)
            parts.append(Traced(("\n" + before if pad else "") + "}"))
        case Array(items=elements) if elements:
            for number, element in enumerate(elements):
                parts.append(Traced("," + gap if number else "[" + gap))
                _json(element, parts, html, pad, inner, depth + 1)
            parts.append(Traced(("\n" + before if pad else "") + "]"))
        case Traced():
            parts.append(_json_text(value, html))
        case Opaque(mark=mark):
            parts.append(placed(f'"{PLACEHOLDER}"', mark))
        case _:
            parts.append(_bare(value))


_JSON_ESCAPE = re.compile(r'["\\\x00-\x1f\u2028\u2029]')
_HTML_ESCAPE = re.compile(r'["\\\x00-\x1f\u2028\u2029<>&]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _json_text(value: Traced, html: bool) -> Traced:
    parts = [placed('"', value.mark_at(0) if value.marks else None)]
    start = 0
    for found in (_HTML_ESCAPE if html else _JSON_ESCAPE).finditer(value.text):
        sign = found.group()
        mark = value.mark_at(found.start()) if value.marks else None
        parts += [value.cut(start, found.start()), placed(_SHORT.get(sign, f"\\u{ord(sign):04x}"), mark)]
        start = found.end()
    last = value.mark_at(max(0, len(value.text) - 1)) if value.marks else None
    return join([*parts, value.cut(start), placed('"', last)])
