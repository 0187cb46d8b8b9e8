"""Loops, and how they are left."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.conditions import jump, leaf, strip
from pgconnlint.program.python.scopes import Builder, text
from pgconnlint.program.python.targets import bind


def while_statement(builder: Builder, node: Node) -> None:
    """`while`: a condition of one test stands in the head; others leave from within the body."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    alternative = node.child_by_field_name("alternative")
    label, leave = builder.label(), builder.label()
    if condition is None:
        return
    at = builder.at(node)
    builder.loops.append((label if alternative is None else leave, label))
    endless = strip(condition).type in ("true", "integer") and text(strip(condition)) not in ("0", "False")
    if endless or strip(condition).type == "boolean_operator":

        def write() -> None:
            if not endless:
                jump(builder, condition, label, when=False)
            builder.run(body)

        loop = ir.Loop(label, "while", (), None, builder.collect(write), (), (), at)
    else:
        tests: list[ir.Test] = []
        head = builder.collect(lambda: tests.append(leaf(builder, condition)))
        loop = ir.Loop(label, "while", head, tests[0], builder.block(body), (), (), at)
    builder.loops.pop()
    _with_else(builder, loop, alternative, leave)


def _with_else(builder: Builder, loop: ir.Loop, alternative: Node | None, leave: str) -> None:
    """A loop's else runs unless the loop was left by `break`, which goes past both."""
    if alternative is None:
        builder.emit(loop)
        return

    def write() -> None:
        builder.emit(loop)
        builder.run(alternative.child_by_field_name("body"))

    builder.emit(ir.Block(leave, builder.collect(write)))


def for_statement(builder: Builder, node: Node) -> None:
    """`for` and `async for`: the iterated value is evaluated once."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    body, alternative = node.child_by_field_name("body"), node.child_by_field_name("alternative")
    if left is None or right is None:
        return
    iterated = builder.evaluate(right)
    label, leave = builder.label(), builder.label()

    def head() -> None:
        item = builder.temporary()
        builder.emit(ir.Load(item, iterated, "[]", builder.at(left)))
        bind(builder, left, item)

    opening = builder.collect(head)
    builder.loops.append((label if alternative is None else leave, label))
    inner = builder.block(body)
    builder.loops.pop()
    at = (builder.at(node)[0], builder.at(right)[1])
    awaits = any(child.type == "async" for child in node.children)
    loop = ir.Loop(label, "each", opening, ir.Test("opaque"), inner, (), (), at, awaits=awaits)
    _with_else(builder, loop, alternative, leave)


def break_statement(builder: Builder, node: Node) -> None:
    """`break` of the innermost loop."""
    if builder.loops:
        builder.emit(ir.Break(builder.loops[-1][0], builder.at(node)))


def continue_statement(builder: Builder, node: Node) -> None:
    """`continue` of the innermost loop."""
    if builder.loops:
        builder.emit(ir.Continue(builder.loops[-1][1], builder.at(node)))
