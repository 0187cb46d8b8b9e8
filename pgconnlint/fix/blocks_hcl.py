"""A block more in an HCL file: inside of another one, or behind it."""

from __future__ import annotations

import re

from tree_sitter import Node

from pgconnlint.finding import FixPlan
from pgconnlint.fix.planning import Written
from pgconnlint.fix.trees import ancestors, node_at
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.hcl import parse
from pgconnlint.text import Edit, Span


def add_block(plan: FixPlan, document: Document, project: Project) -> Written | None:
    """Put a block into the one at the location, or into its block ``within``; or, with ``behind``, below it.

    The outer block is a resource of a kind ``into``, a pattern. ``text`` is the block with two spaces per level, and
    `{name}` for the name of the resource. Nothing where a block of that kind is made by `dynamic`, or where the block
    is written on one line.
    """
    said = dict(plan.arguments)
    if document.language != "hcl":
        return None
    root = parse(document)
    node = node_at(root, document, plan.locations[0][1].span)
    outer = [one for one in [node, *(ancestors(node) if node is not None else ())] if one and one.type == "block"]
    if not outer or outer[-1].has_error:
        return None
    block = outer[-1]
    labels = re.findall(r'"([^"]*)"', _text(block, document).split("{", 1)[0])
    if not labels or not re.fullmatch(said["into"], labels[0]):
        return None
    text = said["text"].replace("{name}", labels[-1])
    if said.get("behind"):
        end = document.span_of_bytes(block.end_byte, block.end_byte).end
        return Written((Edit(document.path, Span(end, end), f"\n\n{text}"),))
    kind = text.split("{", 1)[0].strip()
    if re.search(rf'\bdynamic\s+"{kind}"', _text(block, document)):
        return None
    target = _within(block, said["within"], document) if said.get("within") else block
    return _inside(target, text, document) if target is not None else None


def _text(node: Node, document: Document) -> str:
    span = document.span_of_bytes(node.start_byte, node.end_byte)
    return document.text[span.start : span.end]


def _within(block: Node, name: str, document: Document) -> Node | None:
    body = next((one for one in block.named_children if one.type == "body"), None)
    found = [
        one
        for one in (body.named_children if body is not None else ())
        if one.type == "block" and _text(one, document).split("{", 1)[0].strip() == name
    ]
    return found[0] if len(found) == 1 else None


def _inside(block: Node, text: str, document: Document) -> Written | None:
    """Before the closing brace, one step further in than the block; an empty line above, as blocks have it."""
    body = next((one for one in block.named_children if one.type == "body"), None)
    row, last = block.start_point[0], block.end_point[0]
    if body is None or row == last:
        return None
    line = document.lines.line(row + 1)
    outer = line[: len(line) - len(line.lstrip())]
    first = document.lines.line(body.start_point[0] + 1)
    indent = first[: len(first) - len(first.lstrip())]
    step = indent[len(outer) :] if indent.startswith(outer) and len(indent) > len(outer) else "  "
    start = document.lines.starts[last]
    closing = document.lines.line(last + 1)
    if closing.strip()[:1] != "}":
        return None
    rows = [_indented(one, outer + step, step) for one in text.split("\n")]
    gap = "\n" if document.lines.line(last).strip() else ""
    return Written((Edit(document.path, Span(start, start), gap + "\n".join(rows) + "\n"),))


def _indented(row: str, indent: str, step: str) -> str:
    depth = (len(row) - len(row.lstrip())) // 2
    return f"{indent}{step * depth}{row.lstrip()}"
