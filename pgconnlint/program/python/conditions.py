"""Conditions to branches: what each side of `if`, `while`, `and`, `or`, `not` learns."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.literals import plain_string
from pgconnlint.program.python.scopes import Builder, text

Writer = Callable[[], None]


def strip(node: Node) -> Node:
    """Without parentheses and the comments in them."""
    while node.type == "parenthesized_expression":
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def branch(builder: Builder, condition: Node, then: Writer, orelse: Writer | None, at: ir.SpanPair) -> None:
    """`if condition: then else: orelse`."""
    if not _is_compound(condition):
        test = leaf(builder, condition)
        after = builder.collect(orelse) if orelse is not None else ()
        builder.emit(ir.If(test, builder.collect(then), after, at))
        return
    end, other = builder.label(), builder.label()

    def both() -> None:
        def first() -> None:
            jump(builder, condition, other, when=False)
            then()
            if orelse is not None:
                builder.emit(ir.Break(end, at))

        builder.emit(ir.Block(other, builder.collect(first)))
        if orelse is not None:
            orelse()

    if orelse is None:
        both()
    else:
        builder.emit(ir.Block(end, builder.collect(both)))


def jump(builder: Builder, condition: Node, label: str, *, when: bool) -> None:
    """Break to ``label`` if the condition is ``when``, else fall through."""
    node = strip(condition)
    if node.type == "not_operator":
        argument = node.child_by_field_name("argument")
        if argument is not None:
            jump(builder, argument, label, when=not when)
        return
    if node.type != "boolean_operator":
        test = leaf(builder, node)
        leave = (ir.Break(label, builder.at(node)),)
        builder.emit(ir.If(test, leave, (), builder.at(node)) if when else ir.If(test, (), leave, builder.at(node)))
        return
    operands, operator = spine(node)
    if (operator == "or") == when:
        for operand in operands:
            jump(builder, operand, label, when=when)
        return
    past = builder.label()

    def write() -> None:
        for operand in operands[:-1]:
            jump(builder, operand, past, when=not when)
        jump(builder, operands[-1], label, when=when)

    builder.emit(ir.Block(past, builder.collect(write)))


def leaf(builder: Builder, condition: Node) -> ir.Test:
    """The test of a condition without `and` and `or`; its instructions are emitted."""
    node = strip(condition)
    negated = False
    while node.type == "not_operator" and (argument := node.child_by_field_name("argument")) is not None:
        node, negated = strip(argument), not negated
    if node.type == "comparison_operator" and (test := _comparison(builder, node, negated)) is not None:
        return test
    if node.type == "call" and text(node.child_by_field_name("function")) == "isinstance":
        arguments = node.child_by_field_name("arguments")
        values = arguments.named_children if arguments is not None else []
        if len(values) == 2:
            return ir.Test("instance", builder.evaluate(values[0]), text(values[1])[:120], negated)
    variable = builder.evaluate(node)
    if node.type == "comparison_operator":
        return ir.Test("opaque", variable, None, negated)
    return ir.Test("truthy", variable, None, negated)


def spine(node: Node) -> tuple[list[Node], str]:
    """The operands of a run of the same boolean operator, left to right, and the operator."""
    operator = text(node.child_by_field_name("operator"))
    operands: list[Node] = []
    while node.type == "boolean_operator" and text(node.child_by_field_name("operator")) == operator:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            break
        operands.append(right)
        node = strip(left)
    operands.append(node)
    return operands[::-1], operator


def _is_compound(node: Node) -> bool:
    node = strip(node)
    while node.type == "not_operator" and (argument := node.child_by_field_name("argument")) is not None:
        node = strip(argument)
    return node.type == "boolean_operator"


def _comparison(builder: Builder, node: Node, negated: bool) -> ir.Test | None:
    """`x is None`, `x == literal` and their negations; None for every other comparison."""
    operands = node.named_children
    operators = [text(child) for child in node.children_by_field_name("operators")]
    operator = " ".join(" ".join(operators).split())
    if len(operands) != 2 or operator not in ("is", "is not", "==", "!=", "<>"):
        return None
    left, right = operands
    if _constant(left)[0] and not _constant(right)[0]:
        left, right = right, left
    known, value = _constant(right)
    if not known:
        return None
    negated ^= operator in ("is not", "!=", "<>")
    variable = builder.evaluate(left)
    if value is None:
        return ir.Test("none", variable, None, negated)
    return ir.Test("equal", variable, value, negated)


def _constant(node: Node) -> tuple[bool, str | int | bool | None]:
    match node.type:
        case "none":
            return True, None
        case "true" | "false":
            return True, node.type == "true"
        case "integer" if text(node).isdecimal() and len(text(node)) < 18:
            return True, int(text(node))
        case "string":
            value = plain_string(node)
            return value is not None, value
    return False, None
