"""HCL text to a syntax tree: the one place that calls the HCL parser."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pgconnlint.syntax.document import Document

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


def parse(document: Document) -> Node:
    """The root node (`config_file`) of a document; byte offsets count its UTF-8 form.

    Wrong input gives a tree with ERROR nodes, never an exception.
    """
    return _parser().parse(document.encoded).root_node


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
