"""Conditions: tests, short circuits and conditional values, lowered to branches and copies."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript.literals import number
from pgconnlint.program.javascript.names import string, unwrap
from pgconnlint.program.javascript.state import Lowering

_SHORT = ("&&", "||", "??")
_EQUAL = ("==", "===", "!=", "!==")


def operator(node: Node) -> str:
    sign = node.child_by_field_name("operator")
    return sign.type if sign is not None else ""


def is_short_circuit(node: Node) -> bool:
    return node.type == "binary_expression" and operator(node) in _SHORT


def _is_logic(node: Node) -> bool:
    return node.type == "binary_expression" and operator(node) in ("&&", "||")


def _spine(node: Node, sign: str) -> list[Node]:
    """`a && b && c` as [a, b, c], without recursion."""
    parts: list[Node] = []
    while node.type == "binary_expression" and operator(node) == sign:
        right = node.child_by_field_name("right")
        if right is not None:
            parts.append(right)
        left = node.child_by_field_name("left")
        if left is None:
            break
        node = unwrap(left)
    parts.append(node)
    return parts[::-1]


def short_circuit(state: Lowering, node: Node) -> ir.Var:
    """The value of `a && b`, `a || b`, `a ?? b`."""
    sign = operator(node)
    dst, label, at = state.temporary(), state.label("short"), state.span(node)

    def write() -> None:
        parts = _spine(node, sign)
        for index, part in enumerate(parts):
            value = state.expression(state, part)
            state.emit(ir.Copy(dst, value, state.span(part)))
            if index < len(parts) - 1:
                test = ir.Test("none", value) if sign == "??" else ir.Test("truthy", value)
                leave = (ir.Break(label, at),)
                stays = sign in ("&&", "??")
                state.emit(ir.If(test, () if stays else leave, leave if stays else (), state.span(part)))

    state.emit(ir.Block(label, state.apart(write)))
    return dst


def assign_if(state: Lowering, node: Node, left: Node, right: Node, sign: str) -> ir.Var:
    """`a ||= b`, `a &&= b`, `a ??= b`."""
    from_ = state.expression(state, left)
    dst, at = state.temporary(), state.span(node)
    state.emit(ir.Copy(dst, from_, at))

    def write() -> None:
        value = state.expression(state, right)
        state.emit(ir.Copy(dst, value, at))
        state.assign(state, left, value)

    body = state.apart(write)
    test = ir.Test("none", from_) if sign == "??=" else ir.Test("truthy", from_)
    state.emit(ir.If(test, () if sign == "||=" else body, body if sign == "||=" else (), at))
    return dst


def ternary(state: Lowering, node: Node) -> ir.Var:
    """`test ? a : b`."""
    dst = state.temporary()

    def arm(name: str) -> Callable[[], None]:
        def write() -> None:
            child = node.child_by_field_name(name)
            if child is not None:
                state.emit(ir.Copy(dst, state.expression(state, child), state.span(child)))

        return write

    condition = node.child_by_field_name("condition")
    if condition is not None:
        branch(state, condition, arm("consequence"), arm("alternative"), state.span(node))
    return dst


def branch(
    state: Lowering, condition: Node, then: Callable[[], None], orelse: Callable[[], None], at: ir.SpanPair
) -> None:
    """If ``condition`` then ... else ...; what each part of a compound condition says is kept."""
    node, negated = _positive(condition)
    if not _is_logic(node):
        tested = leaf(state, node, negated=negated)
        state.emit(ir.If(tested, state.apart(then), state.apart(orelse), at))
        return
    done, otherwise = state.label("if"), state.label("else")

    def first() -> None:
        leave_unless(state, condition, otherwise)
        then()
        state.emit(ir.Break(done, at))

    def whole() -> None:
        state.emit(ir.Block(otherwise, state.apart(first)))
        orelse()

    state.emit(ir.Block(done, state.apart(whole)))


def leave_unless(state: Lowering, condition: Node, label: str) -> None:
    """Break ``label`` when the condition is false."""
    _leave(state, condition, label, when=False)


def _leave(state: Lowering, condition: Node, label: str, *, when: bool) -> None:
    if state.depth > 140:
        state.expression(state, condition)
        return
    state.depth += 1
    node, negated = _positive(condition)
    at = state.span(node)
    when = when != negated
    if not _is_logic(node):
        tested, leave = leaf(state, node), (ir.Break(label, at),)
        state.emit(ir.If(tested, leave if when else (), () if when else leave, at))
    elif (operator(node) == "&&") != when:
        for part in _spine(node, operator(node)):
            _leave(state, part, label, when=when)
    else:
        _leave_by_all(state, node, label, when=when)
    state.depth -= 1


def _leave_by_all(state: Lowering, node: Node, label: str, *, when: bool) -> None:
    """`a && b` true, or `a || b` false: every part but the last may stop short of leaving."""
    stay = state.label("stay")
    parts = _spine(node, operator(node))

    def write() -> None:
        for part in parts[:-1]:
            _leave(state, part, stay, when=not when)
        _leave(state, parts[-1], label, when=when)

    state.emit(ir.Block(stay, state.apart(write)))


def _positive(node: Node) -> tuple[Node, bool]:
    """Strip `!` and parentheses: the condition and whether it is negated."""
    negated = False
    node = unwrap(node)
    while node.type == "unary_expression" and operator(node) == "!":
        argument = node.child_by_field_name("argument")
        if argument is None:
            break
        node, negated = unwrap(argument), not negated
    return node, negated


def leaf(state: Lowering, node: Node, *, negated: bool = False) -> ir.Test:
    """What a condition without `&&` and `||` teaches; its instructions are emitted."""
    if node.type == "binary_expression" and operator(node) in (*_EQUAL, "instanceof"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            return _comparison(state, unwrap(left), unwrap(right), operator(node), negated)
    inner, flipped = _positive(node)
    if _is_logic(inner):
        return ir.Test("truthy", state.expression(state, node), negated=negated)
    return ir.Test("truthy", state.expression(state, inner), negated=negated != flipped)


def _comparison(state: Lowering, left: Node, right: Node, sign: str, negated: bool) -> ir.Test:
    negated = negated != sign.startswith("!")
    if sign == "instanceof":
        return ir.Test("instance", state.expression(state, left), state.text(right), negated)
    if _nothing(state, left) or string(state, left) is not None:
        left, right = right, left
    if _nothing(state, right):
        return ir.Test("none", state.expression(state, left), negated=negated)
    if left.type == "unary_expression" and operator(left) == "typeof" and string(state, right) == "undefined":
        argument = left.child_by_field_name("argument")
        if argument is not None:
            return ir.Test("none", state.expression(state, argument), negated=negated)
    known, value = constant(state, right)
    tested = state.expression(state, left)
    if known:
        return ir.Test("equal", tested, value, negated)
    other = state.expression(state, right)
    dst = state.temporary()
    state.emit(ir.Compute(dst, "==", (tested, other), state.span(left)))
    return ir.Test("opaque", dst, negated=negated)


def _nothing(state: Lowering, node: Node) -> bool:
    return node.type in ("null", "undefined") or (node.type == "identifier" and state.text(node) == "undefined")


def constant(state: Lowering, node: Node) -> tuple[bool, str | int | float | bool | None]:
    """Whether the expression is a literal, and its value."""
    match node.type:
        case "string" | "template_string":
            text = string(state, node)
            return text is not None, text
        case "number":
            return True, number(state.text(node))
        case "true" | "false":
            return True, node.type == "true"
        case _:
            return False, None
