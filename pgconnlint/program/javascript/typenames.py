"""Type annotations to resolved names: generics, unions and wrappers stripped."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program.javascript.names import static_path, string
from pgconnlint.program.javascript.state import Lowering

_WRAPPERS = frozenset({
    "Promise", "PromiseLike", "Awaited", "Readonly", "Partial", "Required", "NonNullable", "Omit", "Pick",
    "InstanceType", "Optional", "Maybe", "Nullable",
})  # fmt: skip
_NOTHING = frozenset({"null", "undefined", "void", "never", "unknown", "any"})


def resolve(state: Lowering, node: Node | None, depth: int = 0) -> str | None:
    """The dotted type that an annotation names, or None when it names nothing to follow.

    `Promise<PoolClient> | undefined` -> "pg:PoolClient"; `Pool[]`, function and object types -> None.
    """
    if node is None or depth > 12:
        return None
    match node.type:
        case "type_annotation" | "parenthesized_type" | "readonly_type" | "optional_type" | "literal_type":
            named = node.named_children
            return resolve(state, named[0], depth + 1) if named else None
        case "union_type" | "intersection_type":
            return _first(state, node.named_children, depth)
        case "generic_type":
            return _generic(state, node, depth)
        case "nested_type_identifier":
            return _nested(state, node)
        case "type_query":
            return None
        case "type_identifier" | "identifier":
            return _named(state, state.text(node))
        case "member_expression":
            return static_path(state, node)
        case _:
            return None


def _first(state: Lowering, nodes: list[Node], depth: int) -> str | None:
    for node in nodes:
        if found := resolve(state, node, depth + 1):
            return found
    return None


def _generic(state: Lowering, node: Node, depth: int) -> str | None:
    name = node.child_by_field_name("name")
    arguments = node.child_by_field_name("type_arguments")
    if name is None:
        return None
    text = state.text(name)
    if text not in _WRAPPERS or arguments is None:
        return resolve(state, name, depth + 1)
    named = arguments.named_children
    if text == "InstanceType" and named and named[0].type == "type_query":
        inner = named[0].named_children
        return _named(state, state.text(inner[0])) if inner else None
    return resolve(state, named[0], depth + 1) if named else None


def _nested(state: Lowering, node: Node) -> str | None:
    module = node.child_by_field_name("module")
    name = node.child_by_field_name("name")
    if module is None or name is None:
        return None
    binding = state.scope.find(state.text(module))
    if binding is not None and binding.path is not None:
        specifier, _, exported = binding.path.rpartition(":")
        if exported in ("*", "default"):
            return f"{specifier}:{state.text(name)}"
        return f"{binding.path}.{state.text(name)}"
    return f"{state.text(module)}.{state.text(name)}"


def _named(state: Lowering, name: str) -> str | None:
    if name in _NOTHING:
        return None
    binding = state.scope.find(name)
    if binding is not None and binding.path is not None:
        return binding.path
    return state.aliases.get(name, name)


def members(state: Lowering, node: Node | None) -> dict[str, str]:
    """The resolved types of an object type's members: `{ pool: Pool }` -> {"pool": "pg:Pool"}."""
    found: dict[str, str] = {}
    if node is not None and node.type == "type_annotation" and node.named_children:
        node = node.named_children[0]
    if node is None or node.type not in ("object_type", "interface_body"):
        return found
    for child in node.named_children:
        name = child.child_by_field_name("name")
        resolved = resolve(state, child.child_by_field_name("type"))
        if child.type == "property_signature" and name is not None and resolved:
            found[string(state, name) or state.text(name)] = resolved
    return found
