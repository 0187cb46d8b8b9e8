"""Destructuring: patterns to loads, defaults and assignments."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript.names import CALLABLE_MODULES, property_name, static_path
from pgconnlint.program.javascript.state import Lowering

Assign = Callable[[Lowering, Node, ir.Var], None]
"""What happens to each leaf of a pattern: (state, leaf node, value)."""

_LEAVES = ("identifier", "shorthand_property_identifier_pattern", "shorthand_property_identifier")


def names(node: Node) -> Iterator[Node]:
    """The identifiers a pattern declares, in order."""
    pending = [node]
    while pending:
        one = pending.pop()
        if one.type in _LEAVES:
            yield one
        elif one.type in ("pair_pattern", "pair"):
            pending.extend(child for child in [one.child_by_field_name("value")] if child is not None)
        elif one.type in ("assignment_pattern", "object_assignment_pattern"):
            pending.extend(child for child in [one.child_by_field_name("left")] if child is not None)
        elif one.type in ("object_pattern", "array_pattern", "rest_pattern"):
            pending.extend(reversed(one.named_children))


def bind(state: Lowering, node: Node, src: ir.Var, assign: Assign) -> None:
    """Take ``src`` apart as the pattern says; every leaf goes to ``assign``."""
    match node.type:
        case "object_pattern" | "object":
            for child in node.named_children:
                _member(state, child, src, assign)
        case "array_pattern" | "array":
            _elements(state, node, src, assign)
        case "assignment_pattern" | "assignment_expression":
            _defaulted(state, node, src, assign)
        case "rest_pattern" | "spread_element":
            for child in node.named_children:
                bind(state, child, src, assign)
        case "comment" | "ERROR":
            pass
        case _:
            assign(state, node, src)


def _member(state: Lowering, child: Node, src: ir.Var, assign: Assign) -> None:
    at = state.span(child)
    match child.type:
        case "shorthand_property_identifier_pattern" | "shorthand_property_identifier":
            assign(state, child, _load(state, src, state.text(child), at))
        case "object_assignment_pattern":
            left = child.child_by_field_name("left")
            if left is not None:
                _defaulted(state, child, _load(state, src, state.text(left), at), assign)
        case "pair_pattern" | "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is None or value is None:
                return
            name = property_name(state, key)
            if name is None:
                for inner in key.named_children:
                    state.expression(state, inner)
            bind(state, value, _load(state, src, name or "[]", at), assign)
        case "rest_pattern" | "spread_element":
            dst = state.temporary()
            state.emit(ir.Build(dst, "object", (("...", src),), at))
            for inner in child.named_children:
                bind(state, inner, dst, assign)
        case _:
            pass


def _elements(state: Lowering, node: Node, src: ir.Var, assign: Assign) -> None:
    index = 0
    for child in node.children:
        if child.type == ",":
            index += 1
        elif child.type in ("rest_pattern", "spread_element"):
            dst = state.temporary()
            state.emit(ir.Build(dst, "list", (("...", src),), state.span(child)))
            for inner in child.named_children:
                bind(state, inner, dst, assign)
        elif child.is_named and child.type != "comment":
            bind(state, child, _load(state, src, f"[{index}]", state.span(child)), assign)


def _defaulted(state: Lowering, node: Node, src: ir.Var, assign: Assign) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    bind(state, left, default(state, src, right), assign)


def default(state: Lowering, src: ir.Var, value: Node) -> ir.Var:
    """``src``, or the value of the expression when ``src`` is undefined."""
    at = state.span(value)
    dst = state.temporary()
    state.emit(ir.Copy(dst, src, at))

    def otherwise() -> None:
        state.emit(ir.Copy(dst, state.expression(state, value), at))

    state.emit(ir.If(ir.Test("none", src), state.apart(otherwise), (), at))
    return dst


def _load(state: Lowering, src: ir.Var, name: str, at: ir.SpanPair) -> ir.Var:
    dst = state.temporary()
    state.emit(ir.Load(dst, src, name, at))
    return dst


def import_paths(state: Lowering, pattern: Node, path: str) -> dict[str, tuple[str, Node]] | None:
    """`const { Pool, Client: C } = require("pg")`: local names and their paths; None for anything fancier."""
    specifier, _, exported = path.rpartition(":")
    if pattern.type == "identifier":
        return {state.text(pattern): (path, pattern)}
    if pattern.type != "object_pattern" or exported not in ("*", "default"):
        return None
    found: dict[str, tuple[str, Node]] = {}
    for child in pattern.named_children:
        if child.type == "shorthand_property_identifier_pattern":
            name = local = state.text(child)
        elif child.type == "pair_pattern":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            known = property_name(state, key) if key is not None else None
            if known is None or value is None or value.type != "identifier":
                return None
            name, local = known, state.text(value)
        elif child.type == "comment":
            continue
        else:
            return None
        found[local] = (f"{specifier}:{name}", child)
    return found


def imported(state: Lowering, declarator: Node) -> dict[str, tuple[str, Node]] | None:
    """The imports that a declarator makes, or None when it computes a value."""
    pattern, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
    if pattern is None or value is None:
        return None
    path = static_path(state, value)
    if path is None:
        return None
    specifier, _, exported = path.rpartition(":")
    if exported == "default" and pattern.type == "object_pattern" and specifier not in CALLABLE_MODULES:
        return None
    return import_paths(state, pattern, path)
