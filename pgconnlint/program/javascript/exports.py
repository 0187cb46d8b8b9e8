"""What a module offers: ES module exports and CommonJS assignments."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import classes, functions, hoisting
from pgconnlint.program.javascript.names import FUNCTIONS, property_name, static_path, unwrap
from pgconnlint.program.javascript.patterns import names
from pgconnlint.program.javascript.state import Lowering


def export_statement(state: Lowering, node: Node) -> None:
    """`export ...`: the declaration is lowered, the names are noted."""
    source = node.child_by_field_name("source")
    if source is not None:
        _reexport(state, node, state.text(source)[1:-1])
        return
    default = any(child.type == "default" for child in node.children)
    declaration = node.child_by_field_name("declaration")
    if declaration is not None:
        _declaration(state, node, declaration, default=default)
        return
    value = node.child_by_field_name("value")
    clause = next((child for child in node.named_children if child.type == "export_clause"), None)
    if value is not None:
        _value(state, value, "default", node)
    elif clause is not None:
        for name, local in _specifiers(state, clause):
            _named(state, name, local)
    elif any(child.type == "=" for child in node.children) and node.named_children:
        _value(state, node.named_children[-1], "=", node)


def _add(state: Lowering, name: str, local: str | None, source: str | None = None) -> None:
    entry = ir.Export(name, local, source)
    if entry not in state.exports:
        state.exports.append(entry)


def _reexport(state: Lowering, node: Node, specifier: str) -> None:
    namespace = next((child for child in node.named_children if child.type == "namespace_export"), None)
    clause = next((child for child in node.named_children if child.type == "export_clause"), None)
    if namespace is not None and namespace.named_children:
        _add(state, state.text(namespace.named_children[-1]), None, f"{specifier}:*")
    elif clause is not None:
        for name, local in _specifiers(state, clause):
            _add(state, name, None, f"{specifier}:{local}")
    else:
        _add(state, "*", None, f"{specifier}:*")


def _specifiers(state: Lowering, clause: Node) -> list[tuple[str, str]]:
    """(exported name, local name) of `{ a as b }`."""
    found = []
    for one in clause.named_children:
        name, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
        if one.type == "export_specifier" and name is not None:
            local = state.text(name)
            found.append((state.text(alias) if alias is not None else local, local))
    return found


def _named(state: Lowering, name: str, local: str) -> None:
    binding = state.scope.find(local)
    if binding is not None and binding.path is not None:
        _add(state, name, None, binding.path)
    else:
        _add(state, name, local)


def _declaration(state: Lowering, node: Node, declaration: Node, *, default: bool) -> None:
    given = declaration.child_by_field_name("name")
    if declaration.type in hoisting.DECLARATIONS:
        for declarator in declaration.named_children:
            pattern = declarator.child_by_field_name("name")
            for leaf in names(pattern) if pattern is not None else ():
                _named(state, state.text(leaf), state.text(leaf))
    elif given is not None:
        _add(state, "default" if default else state.text(given), state.text(given))
    if declaration.type in hoisting.CLASS_DECLARATIONS:
        outer = [child for child in node.children if child.type == "decorator"]
        value = classes.class_value(state, declaration, outer=outer)
        state.write(state.text(given) if given is not None else "default", value, declaration)
    else:
        state.statement(state, declaration)


def _value(state: Lowering, value: Node, name: str, node: Node) -> None:
    """A value that is exported as `default`, as the whole module (`=`), or under a name."""
    entries = ("=", "default") if name == "=" else (name,)
    inner = unwrap(value)
    path = static_path(state, inner)
    local = "module.exports" if name == "=" else name if name == "default" else f"exports.{name}"
    binding = state.scope.find(state.text(inner)) if inner.type == "identifier" else None
    if path is not None:
        for entry in entries:
            _add(state, entry, None, path)
        return
    if binding is not None and binding.module:
        local = binding.var
    else:
        state.exporting = inner.id if name == "=" else None
        _hold(state, inner, local, node)
    for entry in entries:
        _add(state, entry, local)
    if name == "=" and inner.type == "object":
        _members(state, inner)


def _hold(state: Lowering, value: Node, local: str, node: Node) -> None:
    """Give a nameless value the module-level name ``local``."""
    label = local.rpartition(".")[2]
    if value.type in FUNCTIONS:
        held = functions.closure(state, value, local, label)
    elif value.type == "class":
        held = classes.class_value(state, value, local)
    else:
        held = state.expression(state, value)
    state.emit(ir.Copy(local, held, state.span(node)))


def _members(state: Lowering, node: Node) -> None:
    """`module.exports = { a, b: c, d() {} }`: each member is an export of its own."""
    for child in node.named_children:
        if child.type == "shorthand_property_identifier":
            _named(state, state.text(child), state.text(child))
        elif child.type in ("pair", "method_definition"):
            key = child.child_by_field_name("key") or child.child_by_field_name("name")
            name = property_name(state, key) if key is not None else None
            value = child.child_by_field_name("value")
            if name is not None:
                _member(state, child, name, unwrap(value) if value is not None else None)
        elif child.type == "spread_element" and child.named_children:
            path = static_path(state, child.named_children[0])
            if path is not None:
                _add(state, "*", None, path)


def _member(state: Lowering, child: Node, name: str, value: Node | None) -> None:
    path = static_path(state, value) if value is not None else None
    binding = state.scope.find(state.text(value)) if value is not None and value.type == "identifier" else None
    if path is not None:
        _add(state, name, None, path)
    elif binding is not None and binding.module:
        _add(state, name, binding.var)
    else:
        holder = state.temporary()
        at = state.span(child)
        state.emit(ir.Load(holder, "module.exports", name, at))
        state.emit(ir.Copy(f"exports.{name}", holder, at))
        _add(state, name, f"exports.{name}")


def commonjs(state: Lowering, left: Node, right: Node) -> bool:
    """`module.exports = x`, `module.exports.a = x`, `exports.a = x`; False when ``left`` is no export."""
    if left.type != "member_expression" or left.end_byte - left.start_byte > 120:
        return False
    parts = state.text(left).split(".")
    if parts[:2] == ["module", "exports"]:
        rest = parts[2:]
    elif parts[0] == "exports":
        rest = parts[1:]
    else:
        return False
    if len(rest) > 1 or not all(part.isidentifier() for part in rest) or state.scope.find(parts[0]) is not None:
        return False
    right = unwrap(right)
    while right.type == "assignment_expression":  # `exports = module.exports = x`, `exports.a = exports.b = x`
        inner = right.child_by_field_name("right")
        again = right.child_by_field_name("left")
        if inner is None or again is None:
            break
        commonjs(state, again, inner)
        right = unwrap(inner)
        if right.type not in ("identifier", "assignment_expression"):
            return True
    if right.type == "unary_expression":  # `exports.a = void 0`
        return True
    _value(state, right, rest[0] if rest else "=", left)
    return True
