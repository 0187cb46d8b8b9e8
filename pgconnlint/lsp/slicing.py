"""The part of a source file that a change can matter to, at the places where it stands.

A long file is analysed anew in a few milliseconds when only the definitions around a change are left in it: the
others become blanks, so that every offset and line stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgconnlint.syntax.document import Document
from pgconnlint.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

KEPT = 24_000
"""Characters of definitions beside the changed ones that are kept at most."""

_WORD = re.compile(r"[^\W\d]\w*")
_DEFINITIONS = frozenset({"function_definition", "decorated_definition", "function_declaration", "method_definition",
                          "generator_function_declaration"})  # fmt: skip
_CLASSES = frozenset({"class_definition", "class_declaration", "abstract_class_declaration"})
_STATEMENTS = frozenset({"expression_statement", "lexical_declaration", "variable_declaration"})
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function"})
_LONG = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A definition that can be left out; ``name`` is "" for a callback that is registered somewhere."""

    span: Span
    name: str


def pieces(document: Document) -> tuple[list[Piece], bool]:
    """Functions, methods and registered callbacks of a Python, JavaScript or TypeScript file, in order.

    The second value says whether the text could be parsed without errors.
    """
    if document.language == "python":
        from pgconnlint.syntax.python import parse
    else:
        from pgconnlint.syntax.javascript import parse
    root = parse(document).root_node
    return list(_pieces(document, root, 0)), not root.has_error


def _pieces(document: Document, parent: Node, depth: int) -> Iterator[Piece]:
    for node in parent.children:
        inner = _unwrapped(node)
        if inner.type in _CLASSES and depth < 4:
            body = inner.child_by_field_name("body")
            if body is not None:
                yield from _pieces(document, body, depth + 1)
        elif inner.type in _DEFINITIONS or (inner.type in _STATEMENTS and _holds_function(node)):
            span = document.span_of_bytes(node.start_byte, node.end_byte)
            yield Piece(span, _name(inner))


def _unwrapped(node: Node) -> Node:
    """What a decorator or an `export` stands before."""
    for field in ("definition", "declaration"):
        if node.type in ("decorated_definition", "export_statement") and (inner := node.child_by_field_name(field)):
            return inner
    return node


def _holds_function(node: Node) -> bool:
    if node.end_byte - node.start_byte < _LONG:
        return False
    pending = list(node.children)
    for _ in range(40):
        if not pending:
            return False
        one = pending.pop(0)
        if one.type in _FUNCTIONS:
            return True
        pending.extend(one.children)
    return False


def _name(node: Node) -> str:
    named = node.child_by_field_name("name")
    if named is None and node.type in _STATEMENTS:
        declarator = next((one for one in node.children if one.type == "variable_declarator"), None)
        named = declarator.child_by_field_name("name") if declarator is not None else None
    return (named.text or b"").decode("utf-8", "replace") if named is not None else ""


def words(text: str) -> set[str]:
    return set(_WORD.findall(text))


def concerned(document: Document, found: list[Piece], changed: Iterable[Piece]) -> list[Piece]:
    """The changed pieces, what they name, directly or through others, and what names them."""
    kept = list(changed)
    text = document.text
    by_name: dict[str, list[Piece]] = {}
    for piece in found:
        by_name.setdefault(piece.name, []).append(piece)
    room = KEPT
    names = {piece.name for piece in kept if piece.name}
    for piece in found:
        size = piece.span.end - piece.span.start
        if piece not in kept and size <= room and any(_mentions(text, piece.span, name) for name in names):
            kept.append(piece)
            room -= size
    pending = list(kept)
    while pending:
        piece = pending.pop(0)
        for name in sorted(words(text[piece.span.start : piece.span.end]) & by_name.keys()):
            for other in by_name[name]:
                size = other.span.end - other.span.start
                if name and other not in kept and size <= room:
                    kept.append(other)
                    pending.append(other)
                    room -= size
    return kept


def mentioned(document: Document, found: list[Piece], wanted: set[str]) -> list[Piece]:
    """The pieces of another file that ``wanted`` words reach."""
    named = [piece for piece in found if piece.name in wanted or piece.name in ("__init__", "constructor")]
    return concerned(document, found, named)


def _mentions(text: str, span: Span, name: str) -> bool:
    at = text.find(name, span.start, span.end)
    return at >= 0 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text[span.start : span.end]) is not None


def reduced(document: Document, found: list[Piece], kept: list[Piece]) -> str:
    """The text with blanks for every piece that is not kept."""
    parts, at = [], 0
    for piece in found:
        if piece in kept or piece.span.start < at:
            continue
        parts.append(document.text[at : piece.span.start])
        parts.append(_blank(document.text[piece.span.start : piece.span.end], document.language == "python"))
        at = piece.span.end
    return "".join([*parts, document.text[at:]])


def _blank(text: str, python: bool) -> str:
    blank = re.sub(r"[^\r\n]", " ", text)
    return f"pass{blank[4:]}" if python and not text[:4].count("\n") and len(text) >= 4 else blank
