"""Concrete syntax around a place: what rewriting of source code needs to know of it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from pgconnlint.syntax import javascript, python
from pgconnlint.syntax.document import Document
from pgconnlint.text import Span

FUNCTIONS = frozenset({
    "function_definition", "lambda", "function_declaration", "function_expression", "arrow_function",
    "method_definition", "generator_function", "generator_function_declaration",
})  # fmt: skip
"""Node types of functions in both languages."""


def parsed(document: Document) -> Node:
    """The root of the tree of a Python, JavaScript or TypeScript document."""
    tree = python.parse(document) if document.language == "python" else javascript.parse(document)
    return tree.root_node


def node_at(root: Node, document: Document, span: Span) -> Node | None:
    """The smallest named node that holds the characters of ``span``."""
    start = len(document.text[: span.start].encode("utf-8", "replace"))
    end = start + len(document.text[span.start : span.end].encode("utf-8", "replace"))
    return root.named_descendant_for_byte_range(start, end)


def ancestors(node: Node) -> Iterator[Node]:
    """Parents, nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def is_async(function: Node) -> bool:
    return any(child.type == "async" for child in function.children)


def span_of(node: Node, document: Document) -> Span:
    return document.span_of_bytes(node.start_byte, node.end_byte)


def text_of(node: Node, document: Document) -> str:
    span = span_of(node, document)
    return document.text[span.start : span.end]
