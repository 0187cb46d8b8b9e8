"""A `finally` that may fail before it releases: what comes before the release gets a `try` of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from pgconnlint.fix.layout import continued, indent_of, on_own_lines, strings_in, walked
from pgconnlint.fix.regions import acquiring, uses_names_of
from pgconnlint.fix.trees import FUNCTIONS, ancestors, node_at, parsed, span_of, text_of
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span


def nested_finally(acquire: Span, variable: str, release: str, document: Document) -> list[Edit] | None:
    """`finally: a(); conn.close()` becomes `finally: try: a() finally: conn.close()`; None where it cannot."""
    root = parsed(document)
    call = node_at(root, document, acquire)
    statement = acquiring(call, variable, document)
    if statement is None:
        return None
    function = next((one for one in ancestors(statement) if one.type in FUNCTIONS), root)
    clauses = [
        (block, index)
        for block in _final_blocks(function, statement)
        if (index := _releasing(block, variable, release, document)) is not None
    ]
    if len(clauses) != 1 or not clauses[0][1]:
        return None
    block, index = clauses[0]
    nodes = list(block.named_children)
    before, behind = nodes[:index], nodes[index:]
    if all(one.type == "comment" for one in before) or not on_own_lines([*before, behind[0]], document):
        return None
    if uses_names_of(before, behind, document):
        return None
    return _edits(before, behind[0], document)


def _final_blocks(function: Node, statement: Node) -> Iterator[Node]:
    for node in walked([function]):
        if node.type == "finally_clause" and node.start_byte > statement.start_byte:
            yield from (one for one in node.named_children if one.type in ("block", "statement_block"))


def _releasing(block: Node, variable: str, release: str, document: Document) -> int | None:
    """Which statement of the block releases, bare or behind `if conn:`; None unless exactly one does."""
    name = re.escape(variable)
    method = re.search(r"(\w+)\([^()]*\)\s*$", release)
    if method is None:
        return None
    written = re.compile(rf"\b{name}\??\.{method[1]}\(\s*\)|[\w.]+\.{method[1]}\(\s*{name}\s*\)")
    found = [
        index
        for index, one in enumerate(block.named_children)
        if one.type in ("expression_statement", "if_statement") and written.search(text_of(one, document))
    ]
    return found[0] if len(found) == 1 else None


def _edits(before: list[Node], release: Node, document: Document) -> list[Edit]:
    indent = indent_of(before[0], document)
    outer = next((indent_of(one, document) for one in ancestors(before[0]) if one.type == "finally_clause"), "")
    step = indent[len(outer) :] if indent.startswith(outer) and len(indent) > len(outer) else "    "
    python = document.language == "python"
    kept = continued(strings_in([*before, release]))
    starts = document.lines.starts
    edits = []
    first, last = before[0].start_point[0], release.start_point[0]
    for row in range(first, release.end_point[0] + 1):
        if row in kept or not document.lines.line(row + 1).strip():
            continue
        opening = ""
        if row == first:
            opening = f"{indent}try:\n" if python else f"{indent}try {{\n"
        elif row == last:
            opening = f"{indent}finally:\n" if python else f"{indent}}} finally {{\n"
        edits.append(Edit(document.path, Span(starts[row], starts[row]), opening + step))
    if not python:
        end = span_of(release, document).end
        line = document.lines.line(release.end_point[0] + 1)
        end = starts[release.end_point[0]] + len(line)
        edits.append(Edit(document.path, Span(end, end), f"\n{indent}}}"))
    return edits
