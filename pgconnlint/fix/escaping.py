"""What a block lets out: cursors that are read behind it, functions that run later."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tree_sitter import Node

from pgconnlint.fix.layout import walked
from pgconnlint.fix.trees import FUNCTIONS, text_of
from pgconnlint.syntax.document import Document

_WAITS = frozenset({"await", "await_expression", "yield", "yield_expression"})
_NAMES = ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern")
_READ = re.compile(r"\.(?:fetch\w*|all|first|one|one_or_none|scalar|scalar_one\w*|rowcount|rows|length)\b")
"""What hands out rows that need the connection no longer."""


_OPENS = r"\.(?:cursor|execute|prepare|stream)\("
"""What hands out something that reads from the connection later."""

_LAZY = ("generator_expression",)


def behind(last: Node, function: Node) -> list[Node]:
    """Everything of the function that comes after a statement, outermost nodes."""
    found: list[Node] = []
    node: Node | None = last
    while node is not None and node != function and node.parent is not None:
        found += [one for one in node.parent.named_children if one.start_byte >= node.end_byte]
        node = node.parent
    return found


def outlives(nodes: list[Node], after: list[Node], variable: str, document: Document) -> bool:
    """A cursor of the connection is returned, kept, or used in ``after``: it would be a closed one then."""
    handles = _handles(nodes, variable, document)
    if any(_first_read(name, after, document) for name in sorted(handles)):
        return True
    direct = re.compile(rf"{re.escape(variable)}{_OPENS}")
    for node in walked(nodes):
        match node.type:
            case "return_statement":
                value = node.named_children[0] if node.named_children else None
            case "assignment" | "assignment_expression":
                target = node.child_by_field_name("left")
                kept = target is not None and target.type in ("attribute", "member_expression", "subscript")
                value = node.child_by_field_name("right") if kept else None
            case _:
                continue
        if value is None or value.type in _WAITS:
            continue
        written = text_of(value, document)
        if written in {*handles, variable} or (direct.match(written) and not _READ.search(written)):
            return True
        if any(_uses(one, {*handles, variable}, document) for one in walked([value]) if one.type in _LAZY):
            return True
    return False


def _handles(nodes: list[Node], variable: str, document: Document) -> set[str]:
    """Names bound to what reads from the connection later."""
    opened = re.compile(rf"{re.escape(variable)}{_OPENS}")
    found = set()
    for node in walked(nodes):
        value, target = _bound(node)
        if value is None or target is None or value.type in _WAITS:
            continue
        written = text_of(value, document)
        if target.type == "identifier" and opened.match(written) and not _READ.search(written):
            found.add(text_of(target, document))
    return found


def _bound(node: Node) -> tuple[Node | None, Node | None]:
    if node.type == "assignment":
        return node.child_by_field_name("right"), node.child_by_field_name("left")
    if node.type == "variable_declarator":
        return node.child_by_field_name("value"), node.child_by_field_name("name")
    return None, None


def _first_read(name: str, after: Iterable[Node], document: Document) -> bool:
    """Whether the name is read in ``after`` before it is bound again."""
    uses = [
        node
        for node in walked(sorted(after, key=lambda node: node.start_byte), enter_functions=True)
        if node.type in _NAMES and text_of(node, document) == name
    ]
    return any(_bound(use.parent)[1] != use for use in uses[:1] if use.parent is not None)


def _uses(node: Node, names: set[str], document: Document) -> bool:
    return any(one.type in _NAMES and text_of(one, document) in names for one in walked([node]))


def captured(nodes: list[Node], variable: str, document: Document) -> bool:
    """A function made in the region uses the variable: it may run later."""
    return any(
        text_of(name, document) == variable
        for node in walked(nodes, enter_functions=True)
        if node.type in FUNCTIONS
        for name in walked([node], enter_functions=True)
        if name.type in _NAMES
    )


def lends(nodes: list[Node], variable: str, document: Document) -> bool:
    """What is returned may still need the connection: the value itself, or a cursor nobody read."""
    derived = {variable}
    for node in walked(nodes):
        if node.type not in ("assignment", "variable_declarator"):
            continue
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        target = node.child_by_field_name("left") or node.child_by_field_name("name")
        if value is None or target is None or value.type in _WAITS or _READ.search(text_of(value, document)):
            continue
        if re.match(rf"(?:{'|'.join(map(re.escape, sorted(derived)))})\b", text_of(value, document)):
            derived.add(text_of(target, document))
    for node in walked(nodes):
        if node.type != "return_statement" or not node.named_children:
            continue
        value = node.named_children[0]
        if value.type in _WAITS or _READ.search(text_of(value, document)):
            continue
        if any(one.type in _NAMES and text_of(one, document) in derived for one in walked([value])):
            return True
    return False
