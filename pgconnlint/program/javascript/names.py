"""Static names: which import a chain of members stands for, literal text, property names."""

from __future__ import annotations

import re

from tree_sitter import Node

from pgconnlint.program.javascript.state import Lowering

TRANSPARENT = frozenset({
    "parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "type_assertion",
    "instantiation_expression",
})  # fmt: skip
"""Wrappers that do not change the value."""

FUNCTIONS = frozenset({
    "arrow_function", "function_expression", "function", "generator_function",
})  # fmt: skip

CALLABLE_MODULES = frozenset({
    "pg", "pg-native", "pg-pool", "pg-promise", "pg-cursor", "pg-query-stream", "postgres", "typeorm", "sequelize",
    "sequelize-typescript", "knex", "objection", "bookshelf", "@prisma/client", "drizzle-orm", "kysely", "slonik",
    "@mikro-orm/core", "@mikro-orm/postgresql", "@vercel/postgres", "@neondatabase/serverless", "express", "fastify",
})  # fmt: skip
"""Packages whose default import is the module itself (CommonJS): `pg.Pool` of a default import is "pg:Pool"."""

_INTEROP = re.compile(r"(?:\w+\.)?_*(?:importDefault|importStar|interopRequireDefault|interopRequireWildcard)2?$")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def unwrap(node: Node) -> Node:
    """The expression inside parentheses, `as`, `satisfies`, `!` and type assertions."""
    while node.type in TRANSPARENT:
        named = [child for child in node.named_children if child.type not in ("comment", "type_arguments")]
        if not named:
            break
        node = named[0]
    return node


def string(state: Lowering, node: Node) -> str | None:
    """The value of a string literal, or None for anything else."""
    if node.type != "string" and not (node.type == "template_string" and node.named_child_count <= 1):
        return None
    if any(child.type == "template_substitution" for child in node.named_children):
        return None
    return unescape(state.text(node)[1:-1])


def unescape(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "ux" and len(code) > 1:
        value = int(code[1:].strip("{}"), 16)
        return chr(value) if value < 0x110000 else "\ufffd"
    return _PLAIN.get(code, code)


def property_name(state: Lowering, node: Node) -> str | None:
    """The constant name of a property key; None when it is computed."""
    match node.type:
        case "string":
            return string(state, node)
        case "computed_property_name":
            inner = node.named_children
            if inner and inner[0].type == "string":
                return string(state, inner[0])
            text = state.text(inner[0]) if inner else ""
            return f"[{text}]" if text.startswith("Symbol.") else None
        case _:
            return state.text(node)


def required(state: Lowering, node: Node) -> str | None:
    """The specifier of `require("x")`, `import("x")`, `await import("x")`, interop helpers included."""
    node = unwrap(node)
    if node.type == "await_expression" and node.named_children:
        node = unwrap(node.named_children[0])
    if node.type != "call_expression":
        return None
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or not arguments.named_children:
        return None
    name = state.text(function)
    first = arguments.named_children[0]
    if name in ("require", "import"):
        if name == "require" and state.scope.find("require") is not None:
            return None
        return string(state, first)
    return required(state, first) if len(name) < 60 and _INTEROP.match(name) else None


def static_path(state: Lowering, node: Node) -> str | None:
    """The import that ``node`` stands for ("pg:Pool", "./db:*"), or None when it is not one."""
    fields: list[str] = []
    node = unwrap(node)
    while node.type == "member_expression":
        target = node.child_by_field_name("object")
        name = node.child_by_field_name("property")
        if target is None or name is None or len(fields) > 6:
            return None
        fields.append(state.text(name))
        node = unwrap(target)
    if node.type == "identifier":
        binding = state.scope.find(state.text(node))
        path = binding.path if binding is not None else None
    else:
        specifier = required(state, node)
        path = f"{specifier}:*" if specifier is not None else None
    for one in reversed(fields):
        path = member_path(path, one) if path is not None else None
    return path


def member_path(path: str, name: str) -> str | None:
    """The path of a field of an import, where that is certain."""
    specifier, _, exported = path.rpartition(":")
    if exported == "*":
        return path if specifier == "pg" and name == "native" else f"{specifier}:{name}"
    if exported == "default" and specifier in CALLABLE_MODULES:
        return member_path(f"{specifier}:*", name)
    return None
