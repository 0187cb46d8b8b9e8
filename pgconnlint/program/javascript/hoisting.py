"""Declaring the names of a block or function before its statements are lowered."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import typenames
from pgconnlint.program.javascript.names import FUNCTIONS
from pgconnlint.program.javascript.patterns import imported, names
from pgconnlint.program.javascript.state import Binding, Lowering

_INNER = FUNCTIONS | {
    "function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration",
    "class", "method_definition", "expression_statement", "return_statement", "lexical_declaration",
}  # fmt: skip
PRISMA = "@prisma/client"
"""Prisma's client is generated, often into the project and not in the repository: it counts as the package."""
FUNCTION_DECLARATIONS = ("function_declaration", "generator_function_declaration")
CLASS_DECLARATIONS = ("class_declaration", "abstract_class_declaration")
DECLARATIONS = ("lexical_declaration", "variable_declaration", "using_declaration")


def declaration_of(node: Node) -> Node:
    """What stands behind `export`, `export default` and `declare`."""
    if node.type == "export_statement":
        return node.child_by_field_name("declaration") or node
    return node


def variables(state: Lowering, body: Node) -> None:
    """`var` declarations anywhere in a function's body belong to the function."""
    if b"var " not in state.source[body.start_byte : body.end_byte]:
        return
    pending = [body]
    while pending:
        node = declaration_of(pending.pop())
        if node.type == "variable_declaration":
            for declarator in node.named_children:
                _declare(state, declarator, var=True, constant=False)
        elif node.type == "for_in_statement" and any(child.type == "var" for child in node.children):
            left = node.child_by_field_name("left")
            for leaf in names(left) if left is not None else ():
                state.declare(state.text(leaf), var=True)
        if node.type not in _INNER and node.type != "variable_declaration":
            pending.extend(reversed(node.named_children))


def block(state: Lowering, statements: list[Node]) -> list[Node]:
    """Declare what the statements of a block declare; returns the function declarations, to be made first."""
    functions: list[Node] = []
    for statement in statements:
        node = declaration_of(statement)
        if node.type in ("lexical_declaration", "using_declaration"):
            constant = any(child.type == "const" for child in node.children[:1])
            for declarator in node.named_children:
                _declare(state, declarator, var=False, constant=constant)
        elif node.type in FUNCTION_DECLARATIONS:
            _declare_name(state, node)
            functions.append(node)
        elif node.type in (*CLASS_DECLARATIONS, "enum_declaration"):
            _declare_name(state, node)
        elif node.type == "import_statement":
            import_statement(state, node)
        elif node.type == "expression_statement" and (target := using_target(node)) is not None:
            state.declare(state.text(target))
        elif node.type in ("type_alias_declaration", "interface_declaration"):
            pass
    _types(state, statements)
    return functions


def using_target(statement: Node) -> Node | None:
    """The name in `using x = f()` / `await using x = f()` as the TypeScript grammar reads them."""
    inner = statement.named_children[0] if statement.named_children else None
    if inner is not None and inner.type == "await_expression" and inner.named_children:
        inner = inner.named_children[0]
    if inner is None or inner.type != "assignment_expression" or inner.children[0].type != "using":
        return None
    return inner.child_by_field_name("left")


def _declare_name(state: Lowering, node: Node) -> None:
    name = node.child_by_field_name("name")
    if name is not None:
        state.declare(state.text(name))


def _declare(state: Lowering, declarator: Node, *, var: bool, constant: bool) -> None:
    pattern, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
    if declarator.type != "variable_declarator" or pattern is None:
        return
    simple = value is not None and value.type == "identifier"
    aliases = imported(state, declarator) if constant or not simple else None
    if aliases is None:
        for leaf in names(pattern):
            state.declare(state.text(leaf), var=var)
        return
    for local, (path, at) in aliases.items():
        _alias(state, local, path, at)


def _alias(
    state: Lowering, local: str, path: str, at: Node, *, type_only: bool = False, namespace: bool = False
) -> None:
    state.scope.names[local] = Binding(local, None, path=path, namespace=namespace)
    lazy = not state.at_module
    state.imports.append(ir.Import(local, path, state.span(at), type_only, lazy))


def import_statement(state: Lowering, node: Node) -> None:
    """Every form of ES module import, `import x = require()` and `import x = a.b`."""
    type_only = any(child.type in ("type", "typeof") for child in node.children[:2])
    source = node.child_by_field_name("source")
    clause = next((child for child in node.named_children if child.type in _CLAUSES), None)
    if clause is not None and clause.type == "import_require_clause":
        source = clause.child_by_field_name("source")
    if source is None:
        return
    specifier = state.text(source)[1:-1]
    if clause is None:
        state.imports.append(ir.Import("", f"{specifier}:*", state.span(node)))
        return
    if clause.type == "import_require_clause":
        _alias(state, state.text(clause.named_children[0]), f"{specifier}:*", clause)
        return
    for name, path, at, only in _imported(state, clause, specifier):
        _alias(state, name, path, at, type_only=type_only or only, namespace=path.endswith(":*"))


_CLAUSES = ("import_clause", "import_require_clause")


def _imported(state: Lowering, clause: Node, specifier: str) -> Iterator[tuple[str, str, Node, bool]]:
    """(local name, path, node, type only)."""
    for child in clause.named_children:
        if child.type == "identifier":
            yield state.text(child), f"{specifier}:default", child, False
        elif child.type == "namespace_import" and child.named_children:
            yield state.text(child.named_children[-1]), f"{specifier}:*", child, False
        elif child.type == "named_imports":
            for one in child.named_children:
                name, alias = one.child_by_field_name("name"), one.child_by_field_name("alias")
                if one.type == "import_specifier" and name is not None:
                    only = any(part.type in ("type", "typeof") for part in one.children[:1])
                    exported = _bare(state, name)
                    generated = exported == "PrismaClient" and "prisma" in specifier
                    path = f"{PRISMA if generated else specifier}:{exported}"
                    yield state.text(alias or name), path, one, only


def _bare(state: Lowering, name: Node) -> str:
    text = state.text(name)
    return text[1:-1] if name.type == "string" else text


def _types(state: Lowering, statements: list[Node]) -> None:
    """Type aliases, so that annotations resolve through them."""
    for statement in statements:
        node = declaration_of(statement)
        if node.type == "type_alias_declaration":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            resolved = typenames.resolve(state, value)
            if name is not None and resolved and resolved != state.text(name):
                state.aliases[state.text(name)] = resolved
    if state.at_module:
        _shapes(state, statements)


def _shapes(state: Lowering, statements: list[Node]) -> None:
    """Interfaces and object types with members of other files' types count as classes that have only fields."""
    nodes = [declaration_of(statement) for statement in statements]
    taken = {state.text(name) for node in nodes if node.type in CLASS_DECLARATIONS and (name := _name(node))}
    for node in nodes:
        name = _name(node)
        if node.type not in ("type_alias_declaration", "interface_declaration") or name is None:
            continue
        body = node.child_by_field_name("body" if node.type == "interface_declaration" else "value")
        fields = tuple((one, path) for one, path in typenames.members(state, body).items() if ":" in path)
        if fields and state.text(name) not in taken:
            taken.add(state.text(name))
            state.classes.append(ir.Class(state.text(name), (), (), fields, (), state.span(node)))


def _name(node: Node) -> Node | None:
    return node.child_by_field_name("name")
