"""JSON and YAML inside of texts to values; holes left by unknown parts become unknowns."""

from __future__ import annotations

import re
from typing import Any

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.infra.terraform.rendering import HOLE
from pgconnlint.infra.terraform.values import Encoded, Inner, Missing, because, final
from pgconnlint.syntax import yaml
from pgconnlint.syntax.document import Document
from pgconnlint.text import Location

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)$")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]+(?:[eE][-+]?[0-9]+)?$")
_WORDS: dict[str, bool | None] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip


def decoded(value: Inner, at: Location) -> Inner:
    """What a JSON or YAML text holds; structures pass through (jsonencode keeps them)."""
    match value:
        case Encoded(structure=structure):
            return structure
        case Mapping() | Sequence():
            return value
        case Known(value=str(text), source=source):
            return _parsed(source, text, at)
        case Unknown(source=Document() as source):
            result = _parsed(source, source.text, at)
            return result if not isinstance(result, Unknown) else because(value, at)
        case Unknown():
            return because(value, at)
    return Missing("this is no text to decode", at)


def structure(value: Value | None) -> Value | None:
    """As `decoded`, for values that already left the evaluator; None stays None."""
    return None if value is None else final(decoded(value, value.at))


def _parsed(source: Document | None, text: str, at: Location) -> Inner:
    if source is None:
        source = Document(at.path, "text", text)
        return relocate(_chunk(source), at)
    return _chunk(source)


def _chunk(source: Document) -> Value:
    chunks = yaml.parse(source)
    if len(chunks) != 1 or chunks[0].node is None:
        return Unknown("a text that cannot be read as YAML or JSON", source.at(0, min(1, len(source.text))))
    return from_node(chunks[0].node, source)


def relocate(value: Value, at: Location, depth: int = 0) -> Value:
    """The same data, all of it standing at one place."""
    match value:
        case Known(value=scalar):
            return Known(scalar, at)
        case Unknown(reason=reason):
            return Unknown(reason, at)
        case Mapping(items=items) if depth < 100:
            return Mapping({k: relocate(v, at, depth + 1) for k, v in items.items()}, at, {}, value.partial)
        case Sequence(items=elements) if depth < 100:
            return Sequence(tuple(relocate(item, at, depth + 1) for item in elements), at, value.partial)
    return Unknown("nested too deeply", at)


def from_node(node: Any, document: Document, depth: int = 0) -> Value:
    """A YAML node as a value with places."""
    at = document.at(node.start, node.end)
    match node:
        case yaml.ScalarNode(text=text):
            if HOLE in text:
                return Unknown("a part of the text cannot be told", at)
            return Known(resolved(text) if node.plain and not node.tag else text, at)
        case yaml.MappingNode(pairs=pairs) if depth < 100:
            items: dict[str, Value] = {}
            keys: dict[str, Location] = {}
            partial = False
            for key, value in pairs:
                if not isinstance(key, yaml.ScalarNode) or HOLE in key.text or key.text == "<<":
                    partial = True
                    continue
                items[key.text] = from_node(value, document, depth + 1)
                keys[key.text] = document.at(key.start, key.end)
            return Mapping(items, at, keys, partial)
        case yaml.SequenceNode(items=elements) if depth < 100:
            return Sequence(tuple(from_node(item, document, depth + 1) for item in elements), at)
    return Unknown(getattr(node, "reason", "nested too deeply"), at)


def resolved(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) < 300:
        return int(text.replace("_", ""))
    if _FLOAT.match(text) and any(char.isdigit() for char in text):
        try:
            return float(text.replace("_", ""))
        except ValueError:
            return text
    return text
