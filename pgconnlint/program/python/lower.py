"""One Python document to a Module."""

from __future__ import annotations

from tree_sitter import Node, Tree

from pgconnlint.program import ir
from pgconnlint.program.python.bindings import bindings, imported
from pgconnlint.program.python.expressions import evaluate
from pgconnlint.program.python.scopes import Builder, File, Naming, Scope, open_scope, text
from pgconnlint.program.python.statements import execute
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.python import comments, parse

_KEYWORDS = ("def ", "class ", "with ", "async ", "try:", "except", "finally", "for ", "while ", "if ", "return")
_PROBLEM_LIMIT = 50


def lower(document: Document) -> ir.Module:
    """Every function, class and import of a document; what cannot be read is among ``problems``."""
    tree = parse(document)
    file = File(document, evaluate, execute)
    root = tree.root_node
    naming = Naming()
    scope = Scope("module", None, None, "", bindings(root))
    builder = Builder(file, naming, scope, ir.MODULE)
    scope.owner = builder
    open_scope(scope, naming)

    def write() -> None:
        for child in root.named_children:
            builder.execute(child)

    body = builder.collect(write)
    whole = (0, len(document.text))
    module = ir.Function(ir.MODULE, ir.MODULE, (), body, (0, 0), whole, annotated=tuple(builder.annotated))
    return ir.Module(
        path=document.path,
        language="python",
        functions=(module, *file.functions),
        classes=tuple(file.classes),
        imports=(*file.imports, *_type_only(file, root)),
        exports=(),
        problems=(*file.problems, *_problems(file, tree)),
        comments=tuple(file.range(start, end) for start, end in comments(tree)),
        variables=tuple(file.variables),
        aliases=tuple(file.aliases),
    )


def _type_only(file: File, root: Node) -> list[ir.Import]:
    """The imports of `if TYPE_CHECKING:` blocks, whose code never runs."""
    found: list[ir.Import] = []
    for statement in root.named_children:
        condition = statement.child_by_field_name("condition") if statement.type == "if_statement" else None
        if condition is None or text(condition).split(".")[-1] != "TYPE_CHECKING":
            continue
        body = statement.child_by_field_name("consequence")
        for child in body.named_children if body is not None else ():
            if child.type in ("import_statement", "import_from_statement"):
                at = file.span(child)
                found += [ir.Import(local, path, at, type_only=True) for local, path, _ in imported(child)]
    return found


def _problems(file: File, tree: Tree) -> list[ir.SyntaxProblem]:
    """Unreadable places, outermost only; one matters when it hides a statement that moves control."""
    found: list[ir.SyntaxProblem] = []
    stack = [tree.root_node] if tree.root_node.has_error else []
    while stack and len(found) < _PROBLEM_LIMIT:
        node = stack.pop()
        if node.type == "ERROR":
            hidden = any(keyword in text(node) for keyword in _KEYWORDS)
            found.append(ir.SyntaxProblem(file.span(node), "cannot be read as Python", hidden))
        elif node.is_missing:
            found.append(ir.SyntaxProblem(file.span(node), f"`{node.type}` is missing here", False))
        else:
            stack.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)
    return found
