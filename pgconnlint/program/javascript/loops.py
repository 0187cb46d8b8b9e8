"""Loops."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import conditions, functions, hoisting
from pgconnlint.program.javascript.names import unwrap
from pgconnlint.program.javascript.patterns import bind, names
from pgconnlint.program.javascript.state import Jump, Lowering


def loop(state: Lowering, node: Node, labels: tuple[str, ...] = ()) -> None:
    """One loop in a scope of its own; ``labels`` are the user's."""
    label = state.label("loop")
    state.writer.jumps.append(Jump(labels, label, label))
    match node.type:
        case "for_in_statement":
            state.scoped(lambda: _each(state, node, label))
        case "for_statement":
            state.scoped(lambda: _for(state, node, label))
        case "do_statement":
            state.scoped(lambda: _do(state, node, label))
        case _:
            state.scoped(lambda: _while(state, node, label))
    state.writer.jumps.pop()


def _body(state: Lowering, node: Node) -> None:
    inner = node.child_by_field_name("body")
    if inner is not None:
        state.statement(state, inner)


def _header(
    state: Lowering, condition: Node | None, label: str
) -> tuple[tuple[ir.Statement, ...], ir.Test | None, tuple[ir.Statement, ...]]:
    """(head, test, guard): a simple condition is a test; a compound one guards the body with breaks."""
    if condition is None or condition.type == "empty_statement":
        return (), None, ()
    if condition.type == "expression_statement" and condition.named_children:
        condition = condition.named_children[0]
    node = unwrap(condition)
    known, value = conditions.constant(state, node)
    if known:
        return (), None, () if value else (ir.Break(label, state.span(node)),)
    if conditions.is_short_circuit(node):
        return (), None, state.apart(lambda: conditions.leave_unless(state, node, label))
    tests: list[ir.Test] = []
    head = state.apart(lambda: tests.append(conditions.leaf(state, node)))
    return head, tests[0], ()


def _while(state: Lowering, node: Node, label: str) -> None:
    head, test, guard = _header(state, node.child_by_field_name("condition"), label)
    body = state.apart(lambda: _body(state, node))
    state.emit(ir.Loop(label, "while", head, test, (*guard, *body), (), (), state.span(node)))


def _do(state: Lowering, node: Node, label: str) -> None:
    body = state.apart(lambda: _body(state, node))
    condition = node.child_by_field_name("condition")
    if condition is None:
        return
    known, value = conditions.constant(state, unwrap(condition))
    if known:
        body = body if value else (*body, ir.Break(label, state.span(condition)))
        state.emit(ir.Loop(label, "while", (), None, body, (), (), state.span(node)))
        return
    tests: list[ir.Test] = []
    head = state.apart(lambda: tests.append(conditions.leaf(state, unwrap(condition))))
    state.emit(ir.Loop(label, "while", head, tests[0], body, (), (), state.span(node), once=True))


def _for(state: Lowering, node: Node, label: str) -> None:
    initializer = node.child_by_field_name("initializer")
    if initializer is not None and initializer.type != "empty_statement":
        hoisting.block(state, [initializer])
        state.statement(state, initializer)
    head, test, guard = _header(state, node.child_by_field_name("condition"), label)
    body = state.apart(lambda: _body(state, node))
    increment = node.child_by_field_name("increment")

    def update() -> None:
        if increment is not None:
            state.expression(state, increment)

    step = state.apart(update)
    state.emit(ir.Loop(label, "while", head, test, (*guard, *body), step, (), state.span(node)))


def _each(state: Lowering, node: Node, label: str) -> None:
    """`for (x of xs)`, `for await`, `for (k in o)`, `for (using x of xs)`."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None:
        return
    values = state.expression(state, right)
    at = state.span(right)
    if operator is not None and operator.type == "in":
        keys = state.temporary()
        state.emit(ir.Compute(keys, "keys", (values,), at))
        values = keys
    kinds = {child.type for child in node.children[:5]}
    awaits = "await" in kinds
    declared = bool(kinds & {"const", "let", "var", "using"})
    for leaf in names(left) if declared else ():
        state.declare(state.text(leaf), var="var" in kinds)
    item = state.temporary()

    def bind_item() -> None:
        state.emit(ir.Load(item, values, "[]", at))
        if "using" not in kinds:
            bind(state, left, item, functions.declare if declared and "var" not in kinds else state.assign)

    head = state.apart(bind_item)
    body = state.apart(lambda: _body(state, node))
    if "using" in kinds:
        body = (ir.With(item, state.declare(state.text(left)).var, body, state.span(left), using=True),)
    state.emit(ir.Loop(label, "each", head, ir.Test("opaque"), body, (), (), state.span(node), awaits=awaits))
