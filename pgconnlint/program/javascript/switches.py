"""`switch`: a Block of tested bodies; a case that falls through contains what follows it."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import conditions, hoisting
from pgconnlint.program.javascript.state import Jump, Lowering

_ENDS = (ir.Break, ir.Continue, ir.Return, ir.Raise, ir.Exit)
_LIMIT = 2_000
"""Statements that fall-through may copy in all; beyond it a case is taken to end."""


def switch(state: Lowering, node: Node) -> None:
    """One switch statement."""
    value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
    if value is None or body is None:
        return
    label = state.label("switch")
    tested = state.expression(state, value)
    state.writer.jumps.append(Jump((), label, None))
    cases = [child for child in body.named_children if child.type in ("switch_case", "switch_default")]
    inner = state.apart(lambda: state.scoped(lambda: _cases(state, cases, tested, label)))
    state.writer.jumps.pop()
    state.emit(ir.Block(label, inner))


def _statements(case: Node) -> list[Node]:
    value = case.child_by_field_name("value")
    return [
        child for child in case.named_children if child.type != "comment" and (value is None or child.id != value.id)
    ]


def _cases(state: Lowering, cases: list[Node], tested: ir.Var, label: str) -> None:
    every = [statement for case in cases for statement in _statements(case)]
    hoisted = hoisting.block(state, every)
    for function in hoisted:
        state.statement(state, function)
    bodies = [_body(state, case) for case in cases]
    whole = _with_fall_through(bodies)
    last: tuple[ir.Statement, ...] = ()
    for case, body in zip(cases, whole, strict=True):
        if case.type == "switch_default":
            last = body
            continue
        at = state.span(case)
        value = case.child_by_field_name("value")
        test = _test(state, value, tested) if value is not None else ir.Test("opaque")
        state.emit(ir.If(test, (*body, ir.Break(label, at)), (), at))
    for statement in last:
        state.emit(statement)


def _body(state: Lowering, case: Node) -> tuple[ir.Statement, ...]:
    def write() -> None:
        for statement in _statements(case):
            state.statement(state, statement)

    return state.apart(write)


def _with_fall_through(bodies: list[tuple[ir.Statement, ...]]) -> list[tuple[ir.Statement, ...]]:
    whole: list[tuple[ir.Statement, ...]] = []
    copied = 0
    following: tuple[ir.Statement, ...] = ()
    for body in reversed(bodies):
        if not (body and isinstance(body[-1], _ENDS)) and copied < _LIMIT:
            copied += len(following)
            body = (*body, *following)
        following = body
        whole.append(body)
    return whole[::-1]


def _test(state: Lowering, value: Node, tested: ir.Var) -> ir.Test:
    known, constant = conditions.constant(state, value)
    if known:
        return ir.Test("equal", tested, constant)
    if value.type in ("null", "undefined"):
        return ir.Test("none", tested)
    other = state.expression(state, value)
    dst = state.temporary()
    state.emit(ir.Compute(dst, "==", (tested, other), state.span(value)))
    return ir.Test("opaque", dst)
