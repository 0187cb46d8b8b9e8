"""Functions and lambdas: parameters, decorators, bodies, what they capture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python.annotations import annotation, default_text
from pgconnlint.program.python.bindings import bindings
from pgconnlint.program.python.scopes import Builder, Naming, Scope, open_scope, path_of, text

_LISTS = frozenset({"list_splat_pattern", "dictionary_splat_pattern"})


@dataclass(frozen=True)
class _Parameter:
    """One parameter before its function has a scope."""

    name: str
    kind: str
    node: Node
    type: Node | None = None
    default: Node | None = None


def closure_of_lambda(builder: Builder, node: Node) -> ir.Var:
    """A lambda expression: a Function of one Return."""
    body = node.child_by_field_name("body")
    header = builder.at(node)
    name = f"<lambda@{header[0]}>"

    def write(inner: Builder) -> None:
        if body is not None:
            inner.emit(ir.Return(inner.evaluate(body), inner.at(body)))

    parameters = node.child_by_field_name("parameters")
    function = _lower(builder, node, name, name, parameters, body, write, (), header)
    return _closure(builder, function, header)


def define(builder: Builder, node: Node, decorators: tuple[ir.Decorator, ...]) -> ir.Function:
    """A `def` in a function, class or module body; the name is bound where a variable can hold it."""
    name_node, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    name = text(name_node)
    start = builder.at(node)[0]
    header = (start, builder.at(name_node)[1]) if name_node is not None else builder.at(node)

    def write(inner: Builder) -> None:
        for child in body.named_children if body is not None else ():
            inner.execute(child)

    id_ = builder.scope.prefix + name
    parameters = node.child_by_field_name("parameters")
    return _lower(builder, node, name, id_, parameters, body, write, decorators, header)


def _closure(builder: Builder, function: ir.Function, at: ir.SpanPair) -> ir.Var:
    name = builder.temporary()
    builder.emit(ir.Closure(name, function.id, at))
    return name


def _lower(
    builder: Builder,
    node: Node,
    name: str,
    id_: str,
    parameters: Node | None,
    body: Node | None,
    write: Callable[[Builder], None],
    decorators: tuple[ir.Decorator, ...],
    header: ir.SpanPair,
) -> ir.Function:
    """Lower one function; defaults are evaluated by ``builder``, the body by a builder of its own."""
    id_ = builder.file.unique(id_)
    method = builder.scope.class_id if builder.scope.kind == "class" else None
    declared = _parameters(parameters)
    for parameter in declared:
        if parameter.default is not None:
            builder.evaluate(parameter.default)
    nested = builder.function != ir.MODULE
    naming = builder.naming if nested else Naming()
    bound = bindings(body if body is not None else node)
    scope = Scope("function", builder.scope, None, f"{id_}.<locals>.", bound)
    inner = Builder(builder.file, naming, scope, id_, parent=builder if nested else None)
    scope.owner = inner
    for parameter in declared:
        scope.names[parameter.name] = naming.declare(parameter.name)
        bound.imports.pop(parameter.name, None)
    open_scope(scope, naming)
    static = any(one.path.split(".")[-1] == "staticmethod" for one in decorators)
    lowered = tuple(
        _parameter(builder, inner, one, first=index == 0 and method is not None and not static)
        for index, one in enumerate(declared)
    )
    returns = annotation(builder, node.child_by_field_name("return_type")).type
    statements = inner.collect(lambda: write(inner))
    function = ir.Function(
        id=id_,
        name=name,
        parameters=lowered,
        body=statements,
        at=header,
        extent=builder.at(node),
        is_async=any(child.type == "async" for child in node.children),
        is_generator=inner.yields,
        owner=method,
        parent=builder.function if nested else None,
        captures=tuple(inner.captures),
        decorators=decorators,
        returns=returns,
        static=static,
        accessor=_accessor(decorators),
        annotated=tuple(inner.annotated),
    )
    builder.file.functions.append(function)
    return function


def _accessor(decorators: tuple[ir.Decorator, ...]) -> Literal["", "get", "set"]:
    for one in decorators:
        last = one.path.split(".")[-1]
        if last in ("property", "cached_property", "hybrid_property"):
            return "get"
        if last == "setter":
            return "set"
    return ""


def _parameters(node: Node | None) -> list[_Parameter]:
    found: list[_Parameter] = []
    after_star = False
    for child in node.named_children if node is not None else ():
        kind = "keyword" if after_star else "positional"
        match child.type:
            case "identifier":
                found.append(_Parameter(text(child), kind, child))
            case "typed_parameter" if child.named_children and child.named_children[0].type in _LISTS:
                after_star = True
                found.append(_splat(child.named_children[0], child.child_by_field_name("type")))
            case "typed_parameter":
                found.append(_Parameter(text(child.named_children[0]), kind, child, child.child_by_field_name("type")))
            case "default_parameter" | "typed_default_parameter":
                default = child.child_by_field_name("value")
                name, type_ = child.child_by_field_name("name"), child.child_by_field_name("type")
                found.append(_Parameter(text(name), kind, child, type_, default))
            case "list_splat_pattern" | "dictionary_splat_pattern":
                after_star = True
                found.append(_splat(child, None))
            case "keyword_separator":
                after_star = True
            case "tuple_pattern":  # Python 2: def f((a, b))
                found.append(_Parameter(f"<tuple@{child.start_byte}>", kind, child))
            case _:
                pass
    return found


def _splat(node: Node, type_: Node | None) -> _Parameter:
    kind = "rest" if node.type == "list_splat_pattern" else "keywords"
    name = node.named_children[0] if node.named_children else None
    return _Parameter(text(name), kind, node, type_)


def _parameter(outer: Builder, inner: Builder, one: _Parameter, *, first: bool) -> ir.Parameter:
    found = annotation(outer, one.type)
    default = default_text(outer, one.default) if one.default is not None else None
    return ir.Parameter(
        name=inner.scope.names[one.name],
        kind="self" if first and one.kind == "positional" else one.kind,  # type: ignore[arg-type]  # one of the four
        annotation=found.type,
        default=default if default is not None else found.injected or None,
        has_default=default is not None,
    )


def decorators_of(builder: Builder, node: Node) -> tuple[ir.Decorator, ...]:
    """The decorators of a decorated definition, outermost first; their calls are evaluated."""
    found = []
    for child in node.named_children:
        if child.type != "decorator" or not child.named_children:
            continue
        expression = child.named_children[0]
        arguments: tuple[str, ...] = ()
        callee: Node | None = expression
        if expression.type == "call":
            callee = expression.child_by_field_name("function")
            given = expression.child_by_field_name("arguments")
            arguments = tuple(text(one) for one in given.named_children if one.type != "comment") if given else ()
            builder.evaluate(expression)
        path = path_of(builder, callee) or text(callee)[:120]
        found.append(ir.Decorator(path, arguments, builder.at(child)))
    return tuple(found)
