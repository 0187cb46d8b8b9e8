"""How source is laid out: indentation, statements on lines, literals that go over several of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from pgconnlint.fix.trees import FUNCTIONS, ancestors, span_of
from pgconnlint.syntax.document import Document

_TRAILING = ("comment", "empty_statement")


def on_own_lines(nodes: list[Node], document: Document) -> bool:
    """No statement shares a line with another; a comment, or one semicolon more, may stand behind one."""
    placed = [
        node
        for index, node in enumerate(nodes)
        if node.type not in ("comment", "empty_statement")
        or not index
        or nodes[index - 1].end_point[0] != node.start_point[0]
    ]
    return all(
        not document.lines.line(node.start_point[0] + 1)[: column(node, document)].strip()
        and (not index or placed[index - 1].end_point[0] < node.start_point[0])
        for index, node in enumerate(placed)
    )


def column(node: Node, document: Document) -> int:
    return span_of(node, document).start - document.lines.starts[node.start_point[0]]


def step_of(document: Document, statement: Node, indent: str) -> str:
    """One more level of indentation: as around the statement, else as the first block of this file has it."""
    around: Node | None = statement.parent
    while around is not None:
        outer = indent_of(around, document)
        if around.type not in ("module", "program") and indent.startswith(outer) and len(outer) < len(indent):
            return indent[len(outer) :]
        around = around.parent
    for node in walked([one for one in _top(statement).children if one.type != "comment"], enter_functions=True):
        if node.type in ("block", "statement_block") and node.named_children:
            inner, outer = indent_of(node.named_children[0], document), indent_of(node.parent or node, document)
            if inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "    " if document.language == "python" else "  "


def _top(node: Node) -> Node:
    return next((one for one in ancestors(node) if one.parent is None), node)


def indent_of(node: Node, document: Document) -> str:
    line = document.lines.line(node.start_point[0] + 1)
    return line[: len(line) - len(line.lstrip())]


def walked(nodes: list[Node], *, enter_functions: bool = False) -> Iterator[Node]:
    """All nodes in order of the source; functions are not entered unless wanted (the given nodes always are)."""
    pending = list(reversed(nodes))
    given = {node.id for node in nodes}
    while pending:
        node = pending.pop()
        yield node
        if enter_functions or node.id in given or node.type not in FUNCTIONS:
            pending.extend(reversed(node.children))


def strings_in(nodes: Iterable[Node]) -> list[Node]:
    """String and template literals: their lines are contents, not layout."""
    found: list[Node] = []
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node.type in ("string", "template_string"):
            found.append(node)
        else:
            pending.extend(node.children)
    return found


def continued(literals: Iterable[Node]) -> set[int]:
    """Rows on which a literal goes on: their indentation belongs to it."""
    return {row for node in literals for row in range(node.start_point[0] + 1, node.end_point[0] + 1)}
