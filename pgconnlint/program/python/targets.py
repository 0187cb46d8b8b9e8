"""Binding: assignment targets of every shape, unpacking included."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.literals import plain_string
from pgconnlint.program.python.scopes import Builder, text, write_name

SEQUENCES = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"})


def bind(builder: Builder, target: Node, value: ir.Var) -> None:
    """`target = value`."""
    at = builder.at(target)
    match target.type:
        case "identifier":
            write_name(builder, text(target), value, at)
        case "attribute":
            owner = target.child_by_field_name("object")
            if owner is not None:
                obj = builder.evaluate(owner)
                builder.emit(ir.Store(obj, text(target.child_by_field_name("attribute")), value, at))
        case "subscript":
            owner = target.child_by_field_name("value")
            if owner is not None:
                obj = builder.evaluate(owner)
                for index in target.children_by_field_name("subscript"):
                    evaluate_index(builder, index)
                builder.emit(ir.Store(obj, index_field(target), value, at))
        case "parenthesized_expression" | "as_pattern_target" | "list_splat_pattern" | "list_splat":
            for child in target.named_children[:1]:
                bind(builder, child, value)
        case kind if kind in SEQUENCES:
            _unpack(builder, target, value)
        case _:
            pass


def _unpack(builder: Builder, target: Node, value: ir.Var) -> None:
    starred = False
    for index, child in enumerate(_elements(target)):
        starred = starred or child.type in ("list_splat_pattern", "list_splat")
        item = builder.temporary()
        builder.emit(ir.Load(item, value, "[]" if starred else f"[{index}]", builder.at(child)))
        bind(builder, child, item)


def assign(builder: Builder, target: Node, source: Node) -> None:
    """`target = source`; tuples of one shape are assigned element by element."""
    if target.type in SEQUENCES and source.type in ("expression_list", "tuple", "list"):
        left, right = _elements(target), _elements(source)
        flat = all(child.type not in ("list_splat_pattern", "list_splat") for child in (*left, *right))
        if len(left) == len(right) and flat:
            values = [builder.evaluate(child) for child in right]
            for child, value in zip(left, values, strict=True):
                bind(builder, child, value)
            return
    bind(builder, target, builder.evaluate(source))


def _elements(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def index_field(node: Node) -> str:
    """The field name of a subscript: `['key']`, `[0]`, else `[]`."""
    indexes = node.children_by_field_name("subscript")
    if len(indexes) == 1:
        only = indexes[0]
        if only.type == "integer" and text(only).isdecimal():
            return f"[{text(only)}]"
        if only.type == "string" and (key := plain_string(only)) is not None and len(key) < 100:
            return f"['{key}']"
    return "[]"


def evaluate_index(builder: Builder, index: Node) -> None:
    """Evaluate what stands between the brackets; literals and slices of them have no effect."""
    if index.type == "slice":
        for child in index.named_children:
            builder.evaluate(child)
    elif index.type not in ("integer", "string", "comment"):
        builder.evaluate(index)
