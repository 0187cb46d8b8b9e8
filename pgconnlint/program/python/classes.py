"""Class definitions: bases, methods, annotated fields, and the code of the class body."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.annotations import annotation
from pgconnlint.program.python.bindings import bindings
from pgconnlint.program.python.functions import define
from pgconnlint.program.python.scopes import Builder, Scope, open_scope, path_of, text, write_name


def define_class(builder: Builder, node: Node, decorators: tuple[ir.Decorator, ...]) -> None:
    """Lower a class; its body's statements run where the class stands, its names become fields of it."""
    name_node, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    outer = builder.scope
    class_id = builder.file.unique(outer.prefix + text(name_node))
    bases = _bases(builder, node)
    bound = bindings(body if body is not None else node)
    scope = Scope("class", outer, builder, f"{class_id}.", bound, class_id=class_id)
    open_scope(scope, builder.naming)
    first = len(builder.file.functions)
    builder.scope = scope
    try:
        for child in body.named_children if body is not None else ():
            builder.execute(child)
    finally:
        builder.scope = outer
    methods = tuple(one.id for one in builder.file.functions[first:] if one.owner == class_id)
    fields = {**_self_fields(builder, body), **_fields(builder, scope, body)}
    at = (builder.at(node)[0], builder.at(name_node)[1]) if name_node is not None else builder.at(node)
    builder.file.classes.append(ir.Class(class_id, bases, methods, tuple(fields.items()), decorators, at))
    _publish(builder, scope, text(name_node), class_id, at)


def method(builder: Builder, node: Node, decorators: tuple[ir.Decorator, ...]) -> None:
    """A `def` directly in a class body."""
    function = define(builder, node, decorators)
    if builder.function != ir.MODULE:
        value = builder.temporary()
        builder.emit(ir.Closure(value, function.id, function.at))
        write_name(builder, function.name, value, function.at)


def _publish(builder: Builder, scope: Scope, name: str, class_id: str, at: ir.SpanPair) -> None:
    """The class object and its fields: `class A: pool = make()` is `A.pool = make()`."""
    fields = {field: variable for field, variable in scope.names.items() if field in scope.bound.assigned}
    local = builder.function != ir.MODULE or builder.scope.kind == "class" or name in builder.scope.names
    if not fields and not local:
        return
    value = builder.temporary()
    builder.emit(ir.Global(value, class_id, at))
    for field, variable in fields.items():
        builder.emit(ir.Store(value, field, variable, at))
    if local:
        write_name(builder, name, value, at)


def _bases(builder: Builder, node: Node) -> tuple[str, ...]:
    given = node.child_by_field_name("superclasses")
    found = []
    for child in given.named_children if given is not None else ():
        match child.type:
            case "subscript":
                target = child.child_by_field_name("value")
            case "call":
                target = child.child_by_field_name("function")
            case _:
                target = child
        if (path := path_of(builder, target)) is not None:
            found.append(path)
    return tuple(found)


def _fields(builder: Builder, scope: Scope, body: Node | None) -> dict[str, str]:
    """Annotated names of the class body itself."""
    found: dict[str, str] = {}
    builder.scope, outer = scope, builder.scope
    try:
        for statement in body.named_children if body is not None else ():
            for child in statement.named_children if statement.type == "expression_statement" else ():
                left = child.child_by_field_name("left")
                if child.type == "assignment" and left is not None and left.type == "identifier":
                    kind = annotation(builder, child.child_by_field_name("type")).type
                    if kind is not None:
                        found[text(left)] = kind
    finally:
        builder.scope = outer
    return found


def _self_fields(builder: Builder, body: Node | None) -> dict[str, str]:
    """`self.pool: Pool = ...` anywhere in the methods."""
    found: dict[str, str] = {}
    stack = [body] if body is not None else []
    while stack:
        node = stack.pop()
        if node.type == "class_definition":
            continue
        if node.type == "assignment" and (declared := node.child_by_field_name("type")) is not None:
            left = node.child_by_field_name("left")
            if left is not None and left.type == "attribute" and text(left.child_by_field_name("object")) == "self":
                kind = annotation(builder, declared).type
                if kind is not None:
                    found.setdefault(text(left.child_by_field_name("attribute")), kind)
        stack.extend(reversed(node.named_children))
    return found
