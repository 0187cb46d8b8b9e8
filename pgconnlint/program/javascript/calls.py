"""Calls and constructor calls."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import expressions, literals, promises
from pgconnlint.program.javascript.names import required, static_path, unwrap
from pgconnlint.program.javascript.state import Lowering

_EXITS = frozenset({"process.exit", "process.abort", "process.reallyExit", "Deno.exit"})


def call(state: Lowering, node: Node) -> ir.Var:
    """The result of a call; module loading, promise chains and the end of the process are recognised."""
    function = node.child_by_field_name("function")
    if function is None:
        return state.none(node)
    if specifier := required(state, node):
        return state.global_(f"{specifier}:*", node)
    function = unwrap(function)
    if function.type == "await_expression":
        return _general(state, node, function)
    if function.type == "member_expression":
        if promises.is_step(state, node):
            return promises.chain(state, node)
        if _text(state, function) in _EXITS and state.scope.find("process") is None:
            arguments(state, node)
            state.emit(ir.Exit(state.span(node)))
            return state.none(node)
    if function.type == "identifier":
        binding = state.scope.find(state.text(function))
        if binding is not None and binding.settles is not None:
            return promises.settle(state, node, binding)
    return _general(state, node, function)


def _text(state: Lowering, node: Node) -> str:
    return state.text(node) if node.end_byte - node.start_byte < 24 else ""


def _general(state: Lowering, node: Node, function: Node) -> ir.Var:
    """Callee, then arguments, then the call."""
    made = callee(state, node, function)
    values, spread, is_tagged = arguments(state, node)
    dst = state.temporary()
    state.emit(finished(made, dst, values, spread=spread, tagged=is_tagged))
    return dst


def finished(
    made: ir.Call, dst: ir.Var, values: tuple[ir.Var, ...], *, spread: bool = False, tagged: bool = False
) -> ir.Call:
    return ir.Call(
        dst, made.func, made.receiver, made.method, values, (), made.at, made.name_at,
        made.new, made.optional, spread, tagged,
    )  # fmt: skip


def callee(state: Lowering, node: Node, function: Node) -> ir.Call:
    """A call without result and arguments: who is called, evaluated now."""
    at = state.span(node)
    optional = expressions.is_optional(node) if node.type == "call_expression" else False
    if function.type == "member_expression":
        name = function.child_by_field_name("property")
        name_at = state.span(name) if name is not None else at
        path = static_path(state, function)
        if path is not None and not _is_object(state, function, path):
            return ir.Call("", state.global_(path, function), None, None, (), (), at, name_at, False, optional)
        target = function.child_by_field_name("object")
        receiver = state.expression(state, target) if target is not None else state.none(function)
        method = state.text(name) if name is not None else "[]"
        return ir.Call("", None, receiver, method, (), (), at, name_at, False, optional)
    if function.type == "subscript_expression":
        target = function.child_by_field_name("object")
        receiver = state.expression(state, target) if target is not None else state.none(function)
        method = expressions.field(state, function)
        return ir.Call("", None, receiver, method, (), (), at, state.span(function), False, optional)
    func = state.expression(state, function)
    return ir.Call("", func, None, None, (), (), at, state.span(function), False, optional)


def _is_object(state: Lowering, function: Node, path: str) -> bool:
    """`db.query()` where `db = require("./db")` may be an object: its method is called on it."""
    target = function.child_by_field_name("object")
    if target is None or not path.startswith((".", "@/", "~")):
        return False
    binding = state.scope.find(state.text(target)) if target.type == "identifier" else None
    return binding is None or not binding.namespace


def arguments(state: Lowering, node: Node) -> tuple[tuple[ir.Var, ...], bool, bool]:
    """(values, whether any is spread, whether it is a tagged template)."""
    listed = node.child_by_field_name("arguments")
    if listed is None:
        return (), False, False
    if listed.type == "template_string":
        return literals.tagged(state, listed), False, True
    values: list[ir.Var] = []
    spread = False
    for child in listed.named_children:
        if child.type == "spread_element":
            spread = True
            values.extend(state.expression(state, inner) for inner in child.named_children[:1])
        elif child.type != "comment":
            values.append(state.expression(state, child))
    return tuple(values), spread, False


def construct(state: Lowering, node: Node) -> ir.Var:
    """`new X(...)`; a promise's executor runs at once."""
    constructor = node.child_by_field_name("constructor")
    if constructor is None:
        return state.none(node)
    if state.text(constructor) == "Promise" and (executor := promises.executor(node)) is not None:
        return promises.promised(state, node, executor)
    constructor = unwrap(constructor)
    path = static_path(state, constructor)
    func = state.global_(path, constructor) if path else state.expression(state, constructor)
    values, spread, _ = arguments(state, node)
    dst = state.temporary()
    name = constructor.child_by_field_name("property") or constructor
    at = state.span(node)
    state.emit(ir.Call(dst, func, None, None, values, (), at, state.span(name), new=True, spread=spread))
    return dst
