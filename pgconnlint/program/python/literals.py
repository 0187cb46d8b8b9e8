"""Literals: numbers and strings as the values they have."""

from __future__ import annotations

import ast
import warnings

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.scopes import Builder, text


def number(builder: Builder, node: Node) -> ir.Var:
    """An integer or float literal; complex and unreadable ones have no value."""
    value: int | float | None = None
    written = text(node)
    try:
        found = ast.literal_eval(written.rstrip("lL")) if len(written) < 40 else None
        plain = isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) < 2**63
        value = found if plain else None
    except (ValueError, SyntaxError):
        value = None
    return constant(builder, node, "number" if value is not None else "other", value)


def constant(builder: Builder, node: Node, kind: str, value: str | float | bool | None) -> ir.Var:
    name = builder.temporary()
    builder.emit(ir.Const(name, kind, value, builder.at(node)))  # type: ignore[arg-type]  # a Literal by its callers
    return name


def string(builder: Builder, node: Node) -> ir.Var:
    """A string or a run of adjacent ones; f-strings become Build("string") of their parts, in order."""
    parts: list[tuple[str | None, ir.Var | None, Node]] = []
    for one in node.named_children if node.type == "concatenated_string" else (node,):
        if one.type == "string":
            _collect(builder, one, parts)
    if all(value is not None for value, _, _ in parts):
        return constant(builder, node, "string", "".join(value or "" for value, _, _ in parts))
    items = []
    for value, variable, at in parts:
        items.append(("", variable or constant(builder, at, "string", value)))
    name = builder.temporary()
    builder.emit(ir.Build(name, "string", tuple(items), builder.at(node)))
    return name


def plain_string(node: Node) -> str | None:
    """The value of a literal without interpolations, else None."""
    if node.type != "string" or any(child.type == "interpolation" for child in node.named_children):
        return None
    return "".join(_piece(node, child) for child in node.named_children if child.type == "string_content")


def _collect(builder: Builder, node: Node, parts: list[tuple[str | None, ir.Var | None, Node]]) -> None:
    start = len(parts)
    for child in node.named_children:
        if child.type == "string_content":
            parts.append((_piece(node, child), None, child))
        elif child.type == "interpolation":
            expression = child.child_by_field_name("expression")
            if expression is not None:
                parts.append((None, builder.evaluate(expression), child))
    if len(parts) == start:
        parts.append(("", None, node))


def _piece(whole: Node, content: Node) -> str:
    written = text(content)
    prefix = text(whole.children[0]).lower() if whole.children else ""
    if "\\" not in written or "r" in prefix:
        return written
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.literal_eval('"""' + written.replace('"', '\\"').replace('\\\\"', '\\"') + '"""')
        return found.encode("utf-8", "replace").decode("utf-8") if isinstance(found, str) else written
    except (SyntaxError, ValueError):
        return written
