"""Where the comments of a file are: found by its grammar, never inside strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pgconnlint.syntax.document import Document

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_GRAMMARS = {"python": "python", "javascript": "javascript", "typescript": "typescript", "tsx": "tsx", "hcl": "hcl"}
_OWN_LINE_ONLY = {"ini": ";#", "pgbouncer": ";#", "dockerfile": "#"}
_SLASHES = frozenset({"json", "prisma"})
_SIMPLE = re.compile(r"(expression_statement|declaration|assignment|attribute|pair|return_statement)$")
_TEMPLATE_COMMENT = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comment:
    """The characters ``[start, end)``, comment signs included.

    ``alone``: nothing else stands on its line. ``covers``: the lines (from 1, inclusive) of the
    simple statement right below a comment that is alone, where the grammar tells.
    """

    start: int
    end: int
    alone: bool
    covers: tuple[int, int] | None = None


def comments(document: Document) -> Iterator[Comment]:
    """Every comment of a document, in order."""
    if document.language in _GRAMMARS:
        yield from _by_grammar(document)
    else:
        yield from _by_line(document)


@cache
def _language(name: str) -> Language:
    from tree_sitter import Language

    if name == "python":
        import tree_sitter_python

        return Language(tree_sitter_python.language())
    if name == "hcl":
        import tree_sitter_hcl

        return Language(tree_sitter_hcl.language())
    if name == "javascript":
        import tree_sitter_javascript

        return Language(tree_sitter_javascript.language())
    import tree_sitter_typescript

    tsx = name == "tsx"
    return Language(tree_sitter_typescript.language_tsx() if tsx else tree_sitter_typescript.language_typescript())


def _by_grammar(document: Document) -> Iterator[Comment]:
    from tree_sitter import Parser, Query, QueryCursor

    language = _language(_GRAMMARS[document.language])
    root = Parser(language).parse(document.encoded).root_node
    nodes = QueryCursor(Query(language, "(comment) @comment")).captures(root).get("comment", [])
    for node in sorted(nodes, key=lambda one: one.start_byte):
        span = document.span_of_bytes(node.start_byte, node.end_byte)
        alone = _alone(document, span.start)
        yield Comment(span.start, span.end, alone, _statement_below(node) if alone else None)


def _statement_below(node: Node) -> tuple[int, int] | None:
    below = node.next_named_sibling
    while below is not None and below.type == "comment":
        below = below.next_named_sibling
    if below is not None and below.type == "export_statement" and below.named_child_count:
        below = below.named_children[-1]
    if below is None or not _SIMPLE.search(below.type) or re.match(r"(function|class|method)", below.type):
        return None
    return below.start_point[0] + 1, below.end_point[0] + 1


def _alone(document: Document, start: int) -> bool:
    position = document.lines.position(start)
    return not document.lines.line(position.line)[: position.column - 1].strip()


def _by_line(document: Document) -> Iterator[Comment]:
    """Formats without a grammar here: comments end with their line."""
    covered = 0
    if document.language in ("helm", "yaml"):
        for found in _TEMPLATE_COMMENT.finditer(document.text):
            yield Comment(found.start(), found.end(), _alone(document, found.start()))
            covered = found.end()
    for number, start in enumerate(document.lines.starts, 1):
        line = document.lines.line(number)
        column = _comment_column(line, document.language)
        if column is not None and start + column >= covered:
            yield Comment(start + column, start + len(line), not line[:column].strip())


def _comment_column(line: str, language: str) -> int | None:
    stripped = line.lstrip()
    indent = len(line) - len(stripped)
    if language in _OWN_LINE_ONLY:
        return indent if stripped[:1] and stripped[0] in _OWN_LINE_ONLY[language] else None
    sign = "//" if language in _SLASHES else "#"
    quote = ""
    for index, char in enumerate(line):
        if quote:
            if char == quote and line[index - 1] != "\\":
                quote = ""
        elif char in "\"'" and (index == 0 or not line[index - 1].isalnum()):
            quote = char
        elif line.startswith(sign, index) and (index == 0 or line[index - 1].isspace() or sign == "//"):
            return index
    return None
