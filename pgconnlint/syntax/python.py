"""Python text to a syntax tree: every version's syntax, half-typed code included."""

from __future__ import annotations

from functools import cache

from tree_sitter import Language, Parser, Query, QueryCursor, Tree

from pgconnlint.syntax.document import Document


@cache
def _language() -> Language:
    import tree_sitter_python

    return Language(tree_sitter_python.language())


@cache
def _comments_query() -> Query:
    return Query(_language(), "(comment) @comment")


def parse(document: Document) -> Tree:
    """The tree of a document; its offsets are UTF-8 bytes of ``document.encoded``. Never fails: errors are nodes."""
    return Parser(_language()).parse(document.encoded)


def comments(tree: Tree) -> list[tuple[int, int]]:
    """The byte ranges of all comments, in order."""
    found = QueryCursor(_comments_query()).captures(tree.root_node).get("comment", [])
    return sorted((node.start_byte, node.end_byte) for node in found)
