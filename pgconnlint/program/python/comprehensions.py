"""Comprehensions and generator expressions as the loops they are."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.bindings import Bindings
from pgconnlint.program.python.conditions import jump
from pgconnlint.program.python.literals import plain_string
from pgconnlint.program.python.scopes import Builder, Scope, open_scope
from pgconnlint.program.python.targets import bind

_KINDS = {
    "list_comprehension": "list",
    "set_comprehension": "set",
    "dictionary_comprehension": "dict",
    "generator_expression": "list",
}


def lower(builder: Builder, node: Node) -> ir.Var:
    """A container built by nested loops; every element is stored into it.

    A generator expression is treated as if it were consumed where it stands.
    """
    result = builder.temporary()
    builder.emit(ir.Build(result, _KINDS[node.type], (), builder.at(node)))
    body = node.child_by_field_name("body")
    clauses = [child for child in node.named_children if child.type in ("for_in_clause", "if_clause")]
    outer = builder.scope
    scope = Scope("comprehension", outer, builder, outer.prefix, _targets(clauses))
    open_scope(scope, builder.naming)
    try:
        _clauses(builder, clauses, body, result, outer, scope)
    finally:
        builder.scope = outer
    return result


def _targets(clauses: list[Node]) -> Bindings:
    found = Bindings()
    for clause in clauses:
        left = clause.child_by_field_name("left") if clause.type == "for_in_clause" else None
        stack = [left] if left is not None else []
        while stack:
            target = stack.pop()
            if target.type == "identifier":
                found.assigned[(target.text or b"").decode("utf-8", "replace")] = False
            elif target.type not in ("attribute", "subscript"):
                stack.extend(reversed(target.named_children))
    return found


def _clauses(
    builder: Builder, clauses: list[Node], body: Node | None, result: ir.Var, outer: Scope, scope: Scope
) -> None:
    if not clauses:
        builder.scope = scope
        if body is not None:
            _element(builder, body, result)
        return
    first, rest = clauses[0], clauses[1:]
    if first.type == "if_clause":
        builder.scope = scope
        skip = builder.label()

        def guarded() -> None:
            for condition in first.named_children[:1]:
                jump(builder, condition, skip, when=False)
            _clauses(builder, rest, body, result, outer, scope)

        builder.emit(ir.Block(skip, builder.collect(guarded)))
        return
    source, target = first.child_by_field_name("right"), first.child_by_field_name("left")
    if source is None or target is None:
        return
    iterated = builder.evaluate(source)  # the first one is evaluated in the enclosing scope
    builder.scope = scope

    def head() -> None:
        item = builder.temporary()
        builder.emit(ir.Load(item, iterated, "[]", builder.at(target)))
        bind(builder, target, item)

    awaits = any(child.type == "async" for child in first.children)
    opening = builder.collect(head)
    inner = builder.collect(lambda: _clauses(builder, rest, body, result, outer, scope))
    test = ir.Test("opaque")
    label = builder.label()
    builder.emit(ir.Loop(label, "each", opening, test, inner, (), (), builder.at(first), awaits=awaits))


def _element(builder: Builder, body: Node, result: ir.Var) -> None:
    field = "[]"
    if body.type == "pair":
        key, value = body.child_by_field_name("key"), body.child_by_field_name("value")
        if key is not None and plain_string(key) is None:
            builder.evaluate(key)
        if value is None:
            return
        body = value
    builder.emit(ir.Store(result, field, builder.evaluate(body), builder.at(body)))
