"""Quoted strings, heredocs and template files: literal text with its offsets, interpolations, directives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgconnlint.infra.terraform import lowering
from pgconnlint.infra.terraform.tree import (
    Expression,
    Literal,
    Opaque,
    Part,
    Place,
    Template,
    TemplateFor,
    TemplateIf,
    Text,
)
from pgconnlint.syntax.document import Document, Origin

if TYPE_CHECKING:
    from tree_sitter import Node

_QUOTED = re.compile(r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$\{|%%\{')
_PLAIN = re.compile(r"\$\$\{|%%\{")
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\", "$${": "${", "%%{": "%{"}
_MARKER = "PGCONNLINT_END"


@dataclass
class _Token:
    """A run of literal text or one node; ``left``/``right``: strips the text before or after it."""

    characters: list[tuple[str, int]] | None
    node: Node | None = None
    left: bool = False
    right: bool = False


def quoted(node: Node, document: Document, depth: int) -> Expression:
    """A quoted string: a Literal when it is nothing but text."""
    at = lowering.place(node, document)
    start = node.children[0].end_byte if node.children else node.start_byte + 1
    end = node.children[-1].start_byte if len(node.children) > 1 else node.end_byte - 1
    inner = node.children[1:-1]
    if all(child.type == "template_literal" for child in inner):
        raw = document.encoded[start:end].decode("utf-8", "replace")
        return Literal(_QUOTED.sub(_unescaped, raw) if "\\" in raw or "$$" in raw or "%%" in raw else raw, at)
    tokens = _tokens(inner, start, end, document, _QUOTED)
    return Template(tuple(_parts(tokens, document, depth + 1)), at)


def heredoc(node: Node, document: Document, depth: int) -> Expression:
    """A heredoc with its indentation removed where `<<-` asks for it."""
    at = lowering.place(node, document)
    marks = [child for child in node.children if child.type == "heredoc_identifier"]
    if len(marks) < 2:
        return Opaque("a syntax error", at)
    data = document.encoded
    start = data.find(b"\n", marks[0].end_byte) + 1
    end = data.rfind(b"\n", start, marks[-1].start_byte) + 1
    if start == 0 or end < start:
        return Template((), at, block=True)
    inner = [child for child in node.children if marks[0].end_byte <= child.start_byte < end and child not in marks]
    inner = [child for child in inner if child.type != "heredoc_start"]
    tokens = _tokens(inner, start, end, document, _PLAIN)
    if lowering.written(node.children[0]).startswith("<<-"):
        _dedent(tokens)
    return Template(tuple(_parts(tokens, document, depth + 1)), at, block=True)


def file_template(document: Document) -> Expression:
    """A whole file read as a template (`templatefile`)."""
    at = Place(document, 0, min(1, len(document.text)))
    if "${" not in document.text and "%{" not in document.text:
        offsets = tuple(range(len(document.text)))
        text = document.text
        if "$${" in text or "%%{" in text:
            return Opaque("an escaped template", at)
        return Template((Text(text, offsets, at),), at, block=True)
    return wrapped(document, document.text, tuple(range(len(document.text) + 1)), at)


def wrapped(parent: Document, text: str, offsets: tuple[int, ...], at: Place) -> Expression:
    """Parse ``text`` as a template by writing it as a heredoc; ``offsets`` map it into ``parent``."""
    ends = text.endswith("\n")
    head, tail = f"x = <<{_MARKER}\n", ("" if ends else "\n") + f"{_MARKER}\n"
    end = offsets[-1]
    mapped = (offsets[0],) * len(head) + offsets[: len(text)] + (end,) * (len(tail) + 1)
    document = Document(parent.path, "hcl", head + text + tail, origin=Origin(parent, mapped))
    body, error = lowering.lower(document)
    template = body.expression("x")
    if error is not None or not isinstance(template, Template):
        return Opaque("a template with a syntax error", at)
    if ends:
        return template
    return Template(_without_last_newline(template.parts), template.at, block=True)


def _without_last_newline(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if parts and isinstance(last := parts[-1], Text) and last.text.endswith("\n"):
        return (*parts[:-1], Text(last.text[:-1], last.offsets[:-1], last.at))
    return parts


def _unescaped(found: re.Match[str]) -> str:
    text = found.group()
    if text in _ESCAPES:
        return _ESCAPES[text]
    code = int(text[2:], 16)
    return chr(code) if code < 0x110000 else "\ufffd"


def _characters(start: int, end: int, document: Document, escapes: re.Pattern[str]) -> list[tuple[str, int]]:
    """The text of a byte range with each character's offset, escapes replaced."""
    offset = document.byte_offsets.char(start)
    raw = document.encoded[start:end].decode("utf-8", "replace")
    result: list[tuple[str, int]] = []
    done = 0
    for found in escapes.finditer(raw):
        result.extend((char, offset + done + index) for index, char in enumerate(raw[done : found.start()]))
        result.extend((char, offset + found.start()) for char in _unescaped(found))
        done = found.end()
    result.extend((char, offset + done + index) for index, char in enumerate(raw[done:]))
    return result


def _tokens(nodes: list[Node], start: int, end: int, document: Document, escapes: re.Pattern[str]) -> list[_Token]:
    """Literal text and nodes in turn: text is whatever lies between nodes (the tree drops blanks)."""
    tokens: list[_Token] = []
    for node in _flat(nodes):
        tokens.append(_Token(_characters(start, node.start_byte, document, escapes)))
        kinds = [child.type for child in node.children]
        left = len(kinds) > 1 and kinds[1] == "strip_marker"
        right = len(kinds) > 1 and kinds[-2] == "strip_marker"
        tokens.append(_Token(None, node, left, right))
        start = node.end_byte
    tokens.append(_Token(_characters(start, end, document, escapes)))
    _strip(tokens)
    return tokens


_DIRECTIVES = frozenset({
    "template_if_intro", "template_else_intro", "template_if_end", "template_for_start", "template_for_end",
})  # fmt: skip


def _flat(nodes: list[Node]) -> list[Node]:
    """Interpolations and directive marks in reading order; the nesting is rebuilt from the marks."""
    result: list[Node] = []
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if node.type == "template_interpolation" or node.type in _DIRECTIVES:
            result.append(node)
        elif node.type in ("template_directive", "template_if", "template_for"):
            stack.extend(reversed(node.children))
    return result


def _strip(tokens: list[_Token]) -> None:
    for index, token in enumerate(tokens):
        if token.node is None:
            continue
        before, after = tokens[index - 1].characters, tokens[index + 1].characters
        while token.left and before and before[-1][0].isspace():
            before.pop()
        while token.right and after and after[0][0].isspace():
            after.pop(0)


def _dedent(tokens: list[_Token]) -> None:
    """Remove the smallest indentation of all lines, as `<<-` does."""
    smallest: int | None = None
    fresh, width = True, 0
    for token in tokens:
        for char, _ in token.characters or ():
            if char == "\n":
                fresh, width = True, 0
            elif fresh and char in " \t":
                width += 1
            elif fresh:
                smallest = width if smallest is None else min(smallest, width)
                fresh = False
        if token.node is not None and fresh:
            smallest = width if smallest is None else min(smallest, width)
            fresh = False
    if not smallest:
        return
    fresh, width = True, 0
    for token in tokens:
        if token.characters is None:
            fresh = False
            continue
        kept: list[tuple[str, int]] = []
        for char, offset in token.characters:
            if char == "\n":
                fresh, width = True, 0
            elif fresh and char in " \t" and width < smallest:
                width += 1
                continue
            else:
                fresh = fresh and char in " \t" and width < smallest
            kept.append((char, offset))
        token.characters[:] = kept


def _parts(tokens: list[_Token], document: Document, depth: int) -> list[Part]:
    parts, _ = _sequence(tokens, 0, document, depth)
    return parts


def _sequence(tokens: list[_Token], index: int, document: Document, depth: int) -> tuple[list[Part], int]:
    """Parts up to the end or to the mark that closes this level; the index of that mark."""
    parts: list[Part] = []
    while index < len(tokens):
        token = tokens[index]
        if token.characters is not None:
            if token.characters:
                text = "".join(char for char, _ in token.characters)
                offsets = tuple(offset for _, offset in token.characters)
                parts.append(Text(text, offsets, Place(document, offsets[0], offsets[-1] + 1)))
            index += 1
            continue
        node = token.node
        assert node is not None
        match node.type:
            case "template_interpolation":
                inner = next((child for child in node.children if child.type == "expression"), None)
                at = lowering.place(node, document)
                parts.append(lowering.expression(inner, document, depth) if inner else Opaque("a syntax error", at))
                index += 1
            case "template_if_intro" | "template_for_start" if depth < lowering.DEPTH:
                part, index = _directive(tokens, index, document, depth)
                parts.append(part)
            case _:
                return parts, index
    return parts, index


def _directive(tokens: list[_Token], index: int, document: Document, depth: int) -> tuple[Part, int]:
    node = tokens[index].node
    assert node is not None
    at = lowering.place(node, document)
    inner = next((child for child in node.children if child.type == "expression"), None)
    head = lowering.expression(inner, document, depth) if inner else Opaque("a syntax error", at)
    first, index = _sequence(tokens, index + 1, document, depth + 1)
    if node.type == "template_for_start":
        names = [lowering.written(child) for child in node.children if child.type == "identifier"]
        key = names[0] if len(names) > 1 else None
        return TemplateFor(key, names[-1] if names else "_", head, tuple(first), at), index + 1
    second: list[Part] = []
    closing = tokens[index].node if index < len(tokens) else None
    if closing is not None and closing.type == "template_else_intro":
        second, index = _sequence(tokens, index + 1, document, depth + 1)
    return TemplateIf(head, tuple(first), tuple(second), at), index + 1
