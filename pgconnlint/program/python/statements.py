"""Statements: assignments, branches, try, imports and the small ones."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python import loops
from pgconnlint.program.python.annotations import annotation, is_annotated
from pgconnlint.program.python.bindings import imported
from pgconnlint.program.python.classes import define_class, method
from pgconnlint.program.python.conditions import branch, jump, strip
from pgconnlint.program.python.functions import decorators_of, define
from pgconnlint.program.python.matching import match_statement
from pgconnlint.program.python.scopes import DEPTH_LIMIT, Builder, lookup, path_of, text, write_name
from pgconnlint.program.python.targets import assign, bind
from pgconnlint.program.python.withs import with_statement

_CATCH_ALL = frozenset({"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"})


def execute(builder: Builder, node: Node) -> None:
    """Emit the statement ``node``."""
    lower = _LOWER.get(node.type)
    file = builder.file
    if lower is None:
        if node.type != "comment":
            builder.evaluate(node)
        return
    if file.depth >= DEPTH_LIMIT:
        file.problems.append(ir.SyntaxProblem(builder.at(node), "nested too deeply to be analysed", True))
        return
    file.depth += 1
    try:
        lower(builder, node)
    finally:
        file.depth -= 1


def _expression(builder: Builder, node: Node) -> None:
    for child in node.named_children:
        if child.type == "assignment":
            _assignment(builder, child)
        elif child.type == "augmented_assignment":
            _augmented(builder, child)
        elif child.type != "comment":
            builder.evaluate(child)


def _assignment(builder: Builder, node: Node) -> None:
    """`a = b = value`, `x: T = value`, `x: T`."""
    targets: list[Node] = []
    source: Node | None = node
    while source is not None and source.type == "assignment":
        if (left := source.child_by_field_name("left")) is not None:
            targets.append(left)
            _declared(builder, left, source)
        source = source.child_by_field_name("right")
    if source is None or not targets:
        return
    if len(targets) == 1:
        assign(builder, targets[0], source)
        return
    value = builder.evaluate(source)
    for target in targets:
        bind(builder, target, value)


def _declared(builder: Builder, left: Node, node: Node) -> None:
    """Remember declared types of variables and aliases of types."""
    declared, right = node.child_by_field_name("type"), node.child_by_field_name("right")
    if left.type != "identifier":
        return
    at_top = builder.function == ir.MODULE and builder.scope.kind == "module"
    if declared is not None and text(declared).split(".")[-1] != "TypeAlias":
        found = annotation(builder, declared).type
        if found is not None and at_top:
            builder.file.variables.append((text(left), found))
        elif found is not None:
            kind, variable = lookup(builder, text(left))
            if kind == "variable":
                builder.annotated.append((variable, found))
    elif at_top and right is not None and is_annotated(right):
        meaning = annotation(builder, right)
        builder.file.aliases.append((text(left), meaning.type or "", meaning.injected))


def _augmented(builder: Builder, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    before, value = builder.evaluate(left), builder.evaluate(right)
    name = builder.temporary()
    builder.emit(ir.Compute(name, text(node.child_by_field_name("operator")), (before, value), builder.at(node)))
    bind(builder, left, name)


def _return(builder: Builder, node: Node) -> None:
    inner = [child for child in node.named_children if child.type != "comment"]
    value = builder.evaluate(inner[0]) if inner else None
    builder.emit(ir.Return(value, builder.at(node)))


def _raise(builder: Builder, node: Node) -> None:
    values = [builder.evaluate(child) for child in node.named_children if child.type != "comment"]
    builder.emit(ir.Raise(values[0] if values else None, builder.at(node)))


def _if(builder: Builder, node: Node) -> None:
    """A long chain of elif stays flat: one Block that every branch leaves."""
    clauses: list[tuple[Node | None, Node | None]] = [
        (node.child_by_field_name("condition"), node.child_by_field_name("consequence"))
    ]
    for child in node.children_by_field_name("alternative"):
        if child.type == "elif_clause":
            clauses.append((child.child_by_field_name("condition"), child.child_by_field_name("consequence")))
        else:
            clauses.append((None, child.child_by_field_name("body")))
    condition = clauses[0][0]
    if condition is not None and text(condition).split(".")[-1] == "TYPE_CHECKING":
        clauses = [(None, body) for test, body in clauses[1:] if test is None]
    if len(clauses) <= 6:
        _nested(builder, clauses, builder.at(node))
        return
    end = builder.label()

    def write() -> None:
        for test, body in clauses:
            _arm(builder, test, body, end, builder.at(node))

    builder.emit(ir.Block(end, builder.collect(write)))


def _arm(builder: Builder, test: Node | None, body: Node | None, end: str, at: ir.SpanPair) -> None:
    def then() -> None:
        builder.run(body)
        builder.emit(ir.Break(end, at))

    if test is None:
        builder.run(body)
    else:
        branch(builder, test, then, None, builder.at(test))


def _nested(builder: Builder, clauses: list[tuple[Node | None, Node | None]], at: ir.SpanPair) -> None:
    if not clauses:
        return
    (test, body), rest = clauses[0], clauses[1:]
    if test is None:
        builder.run(body)
        return
    orelse = (lambda: _nested(builder, rest, at)) if rest else None
    branch(builder, test, lambda: builder.run(body), orelse, builder.at(test))


def _try(builder: Builder, node: Node) -> None:
    body = builder.block(node.child_by_field_name("body"))
    handlers: list[ir.Handler] = []
    orelse: tuple[ir.Statement, ...] = ()
    final: tuple[ir.Statement, ...] = ()
    for child in node.named_children:
        match child.type:
            case "except_clause" | "except_group_clause":
                handlers.append(_handler(builder, child))
            case "else_clause":
                orelse = builder.block(child.child_by_field_name("body"))
            case "finally_clause":
                blocks = [inner for inner in child.named_children if inner.type == "block"]
                final = builder.block(blocks[0] if blocks else None)
            case _:
                pass
    builder.emit(ir.Try(body, tuple(handlers), orelse, final, builder.at(node.children[0])))


def _handler(builder: Builder, node: Node) -> ir.Handler:
    values = node.children_by_field_name("value")
    caught = values[0] if values else None
    alias = values[1] if len(values) == 2 else None
    if caught is not None and caught.type == "as_pattern":
        alias = caught.child_by_field_name("alias")
        caught = caught.named_children[0]
    name: ir.Var | None = None
    while alias is not None and alias.type == "as_pattern_target" and alias.named_children:
        alias = alias.named_children[0]
    if alias is not None and alias.type == "identifier":
        kind, variable = lookup(builder, text(alias))
        name = variable if kind == "variable" else None
    blocks = [child for child in node.named_children if child.type == "block"]
    body = builder.block(blocks[0] if blocks else None)
    return ir.Handler(_caught(builder, caught), name, body, builder.at(node.children[0]))


def _caught(builder: Builder, node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    node = strip(node)
    members = node.named_children if node.type in ("tuple", "expression_list") else [node]
    types = tuple(path_of(builder, one) or text(one)[:120] for one in members if one.type != "comment")
    return () if any(one in _CATCH_ALL for one in types) else types


def _assert(builder: Builder, node: Node) -> None:
    parts = [child for child in node.named_children if child.type != "comment"]
    if not parts:
        return
    holds = builder.label()

    def write() -> None:
        jump(builder, parts[0], holds, when=True)
        value = builder.evaluate(parts[1]) if len(parts) > 1 else None
        builder.emit(ir.Raise(value, builder.at(node)))

    builder.emit(ir.Block(holds, builder.collect(write)))


def _delete(builder: Builder, node: Node) -> None:
    stack = list(reversed(node.named_children))
    while stack:
        target = stack.pop()
        match target.type:
            case "identifier":
                kind, variable = lookup(builder, text(target))
                if kind == "variable":
                    builder.emit(ir.Delete(variable, builder.at(target)))
            case "expression_list" | "tuple" | "list" | "parenthesized_expression" | "pattern_list":
                stack.extend(reversed(target.named_children))
            case "attribute" | "subscript":
                owner = target.child_by_field_name("object") or target.child_by_field_name("value")
                if owner is not None:
                    builder.evaluate(owner)
            case _:
                pass


def _import(builder: Builder, node: Node) -> None:
    """Names that only imports bind were resolved with their scope; others are assigned here."""
    at = builder.at(node)
    lazy = builder.function != ir.MODULE
    if node.type == "import_statement":
        for name in node.children_by_field_name("name"):
            if name.type == "dotted_name" and "." in (path := "".join(text(name).split())):
                builder.file.imports.append(ir.Import(path, path, at, lazy=lazy))
    for local, path, _ in imported(node):
        builder.file.imports.append(ir.Import(local, path, at, lazy=lazy))
        if local != "*" and local not in builder.scope.imports:
            value = builder.temporary()
            builder.emit(ir.Global(value, path, at))
            write_name(builder, local, value, at)


def _decorated(builder: Builder, node: Node) -> None:
    decorators = decorators_of(builder, node)
    definition = node.child_by_field_name("definition")
    if definition is not None:
        _define(builder, definition, decorators)


def _definition(builder: Builder, node: Node) -> None:
    _define(builder, node, ())


def _define(builder: Builder, node: Node, decorators: tuple[ir.Decorator, ...]) -> None:
    if node.type == "class_definition":
        define_class(builder, node, decorators)
    elif builder.scope.kind == "class":
        method(builder, node, decorators)
    else:
        function = define(builder, node, decorators)
        if builder.function != ir.MODULE or function.name in builder.scope.names:
            value = builder.temporary()
            builder.emit(ir.Closure(value, function.id, function.at))
            write_name(builder, function.name, value, function.at)


def _python2(builder: Builder, node: Node) -> None:
    """`print x`, `print >>f, x`, `exec code`: calls in an older spelling."""
    args = tuple(builder.evaluate(child) for child in node.named_children if child.type != "comment")
    name, callee = builder.temporary(), builder.temporary()
    builder.emit(ir.Global(callee, node.type.removesuffix("_statement"), builder.at(node.children[0])))
    at = builder.at(node.children[0])
    builder.emit(ir.Call(name, callee, None, None, args, (), builder.at(node), at))


def _alias(builder: Builder, node: Node) -> None:
    parts = node.named_children
    if len(parts) == 2 and builder.function == ir.MODULE and parts[1].named_children:
        meaning = annotation(builder, parts[1])
        builder.file.aliases.append((text(parts[0]), meaning.type or "", meaning.injected))


def _error(builder: Builder, node: Node) -> None:
    """The readable parts of something unreadable."""
    for child in node.named_children:
        if child.type not in ("comment", "ERROR", "parameters", "identifier"):
            builder.execute(child)


def _nothing(builder: Builder, node: Node) -> None:
    pass


_LOWER: dict[str, Callable[[Builder, Node], None]] = {
    "expression_statement": _expression,
    "assignment": _assignment,
    "augmented_assignment": _augmented,
    "return_statement": _return,
    "raise_statement": _raise,
    "if_statement": _if,
    "while_statement": loops.while_statement,
    "for_statement": loops.for_statement,
    "break_statement": loops.break_statement,
    "continue_statement": loops.continue_statement,
    "try_statement": _try,
    "with_statement": with_statement,
    "match_statement": match_statement,
    "assert_statement": _assert,
    "delete_statement": _delete,
    "import_statement": _import,
    "import_from_statement": _import,
    "future_import_statement": _nothing,
    "decorated_definition": _decorated,
    "function_definition": _definition,
    "class_definition": _definition,
    "global_statement": _nothing,
    "nonlocal_statement": _nothing,
    "pass_statement": _nothing,
    "print_statement": _python2,
    "exec_statement": _python2,
    "type_alias_statement": _alias,
    "block": lambda builder, node: builder.run(node),
    "ERROR": _error,
}
