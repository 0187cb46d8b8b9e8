"""`with` statements."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.scopes import Builder
from pgconnlint.program.python.targets import bind


def with_statement(builder: Builder, node: Node) -> None:
    """`with` and `async with`, several items nest; parenthesised ones included."""
    clauses = [child for child in node.named_children if child.type == "with_clause"]
    items = [item for clause in clauses for item in clause.named_children if item.type == "with_item"]
    values = [value for item in items if (value := item.child_by_field_name("value")) is not None]
    if len(values) == 1 and values[0].type in ("tuple", "parenthesized_expression"):
        inner = [child for child in values[0].named_children if child.type != "comment"]
        if any(child.type == "as_pattern" for child in inner):
            values = inner
    awaits = any(child.type == "async" for child in node.children)
    _with_items(builder, values, node.child_by_field_name("body"), awaits)


def _with_items(builder: Builder, values: list[Node], body: Node | None, awaits: bool) -> None:
    if not values:
        builder.run(body)
        return
    value, target = values[0], None
    if value.type == "as_pattern":
        target = value.child_by_field_name("alias")
        value = value.named_children[0]
    context = builder.evaluate(value)
    entered = builder.temporary() if target is not None else None

    def write() -> None:
        if target is not None and entered is not None:
            bind(builder, target, entered)
        _with_items(builder, values[1:], body, awaits)

    name, statements = _entered(builder, target, entered, write)
    builder.emit(ir.With(context, name, statements, builder.at(value), awaits=awaits))


def _entered(
    builder: Builder, target: Node | None, entered: ir.Var | None, write: Callable[[], None]
) -> tuple[ir.Var | None, tuple[ir.Statement, ...]]:
    """The variable of `as`: the user's own where it is a plain local, else a temporary bound first."""
    statements = builder.collect(write)
    match statements:
        case (ir.Copy(dst=name, src=source), *rest) if source == entered and target is not None:
            return name, tuple(rest)
    return entered, statements
