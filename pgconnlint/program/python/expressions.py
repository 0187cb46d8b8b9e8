"""Expressions to instructions over temporaries, in evaluation order."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.python import comprehensions, literals
from pgconnlint.program.python.conditions import branch, spine, strip
from pgconnlint.program.python.functions import closure_of_lambda
from pgconnlint.program.python.literals import constant, plain_string
from pgconnlint.program.python.scopes import DEPTH_LIMIT, Builder, is_module, lookup, text
from pgconnlint.program.python.targets import bind, evaluate_index, index_field

EXITS = frozenset({"sys.exit", "os._exit", "exit", "quit", "os.abort"})


def evaluate(builder: Builder, node: Node) -> ir.Var:
    """The variable that holds the value of ``node``; its instructions are emitted."""
    lower = _LOWER.get(node.type)
    if lower is None:
        return _unknown(builder, node)
    file = builder.file
    if file.depth >= DEPTH_LIMIT:
        file.problems.append(ir.SyntaxProblem(builder.at(node), "nested too deeply to be analysed", True))
        return constant(builder, node, "other", None)
    file.depth += 1
    try:
        return lower(builder, node)
    finally:
        file.depth -= 1


def _unknown(builder: Builder, node: Node) -> ir.Var:
    for child in node.named_children:
        if child.type in _LOWER:
            evaluate(builder, child)
    return constant(builder, node, "other", None)


def _inner(builder: Builder, node: Node) -> ir.Var:
    inner = strip(node)
    if inner is node or inner.id == node.id:
        return _unknown(builder, node)
    return evaluate(builder, inner)


def _identifier(builder: Builder, node: Node) -> ir.Var:
    kind, target = lookup(builder, text(node))
    if kind == "variable":
        return target
    name = builder.temporary()
    builder.emit(ir.Global(name, target, builder.at(node)))
    return name


def _attribute(builder: Builder, node: Node) -> ir.Var:
    field = text(node.child_by_field_name("attribute"))
    owner = node.child_by_field_name("object")
    if (path := _module_path(builder, node)) is not None:
        name = builder.temporary()
        builder.emit(ir.Global(name, path, builder.at(node)))
        return name
    if owner is None:
        return constant(builder, node, "other", None)
    obj = evaluate(builder, owner)
    name = builder.temporary()
    builder.emit(ir.Load(name, obj, field, builder.at(node)))
    return name


def _module_path(builder: Builder, node: Node) -> str | None:
    """The dotted path of an attribute chain that starts at a module bound by a plain `import`."""
    parts: list[str] = []
    while node.type == "attribute":
        parts.append(text(node.child_by_field_name("attribute")))
        owner = node.child_by_field_name("object")
        if owner is None:
            return None
        node = owner
    if node.type != "identifier" or not is_module(builder, text(node)):
        return None
    return ".".join([lookup(builder, text(node))[1], *reversed(parts)])


def _subscript(builder: Builder, node: Node) -> ir.Var:
    owner = node.child_by_field_name("value")
    obj = evaluate(builder, owner) if owner is not None else constant(builder, node, "other", None)
    for index in node.children_by_field_name("subscript"):
        evaluate_index(builder, index)
    name = builder.temporary()
    builder.emit(ir.Load(name, obj, index_field(node), builder.at(node)))
    return name


def _call(builder: Builder, node: Node) -> ir.Var:
    callee = node.child_by_field_name("function")
    if callee is None:
        return _unknown(builder, node)
    callee = strip(callee)
    function = receiver = method = None
    last = callee
    if callee.type == "attribute" and (owner := callee.child_by_field_name("object")) is not None:
        last = callee.child_by_field_name("attribute") or callee
        receiver, method = evaluate(builder, owner), text(last)
    else:
        function = evaluate(builder, callee)
    args, kwargs, spread = _arguments(builder, node.child_by_field_name("arguments"))
    if _path(builder, callee) in EXITS:
        builder.emit(ir.Exit(builder.at(node)))
        return constant(builder, node, "none", None)
    name = builder.temporary()
    place = builder.at(node), builder.at(last)
    builder.emit(ir.Call(name, function, receiver, method, args, kwargs, *place, spread=spread))
    return name


def _path(builder: Builder, callee: Node) -> str | None:
    if callee.type == "identifier":
        kind, target = lookup(builder, text(callee))
        return target if kind == "global" else None
    return _module_path(builder, callee)


def _arguments(builder: Builder, node: Node | None) -> tuple[tuple[ir.Var, ...], tuple[tuple[str, ir.Var], ...], bool]:
    args: list[ir.Var] = []
    kwargs: list[tuple[str, ir.Var]] = []
    spread = False
    if node is not None and node.type == "generator_expression":
        return (evaluate(builder, node),), (), False
    for child in node.named_children if node is not None else ():
        match child.type:
            case "comment":
                pass
            case "list_splat":
                spread = True
                args.append(_splat(builder, child))
            case "dictionary_splat":
                spread = True
                kwargs.append(("**", _splat(builder, child)))
            case "keyword_argument":
                value = child.child_by_field_name("value")
                if value is not None:
                    kwargs.append((text(child.child_by_field_name("name")), evaluate(builder, value)))
            case _:
                args.append(evaluate(builder, child))
    return tuple(args), tuple(kwargs), spread


def _splat(builder: Builder, node: Node) -> ir.Var:
    inner = node.named_children
    return evaluate(builder, inner[0]) if inner else constant(builder, node, "other", None)


def _await(builder: Builder, node: Node) -> ir.Var:
    inner = [child for child in node.named_children if child.type != "comment"]
    source = evaluate(builder, inner[0]) if inner else constant(builder, node, "other", None)
    name = builder.temporary()
    builder.emit(ir.Await(name, source, builder.at(node)))
    return name


def _yield(builder: Builder, node: Node) -> ir.Var:
    inner = [child for child in node.named_children if child.type != "comment"]
    source = evaluate(builder, inner[0]) if inner else None
    delegate = any(child.type == "from" for child in node.children)
    builder.yields = True
    name = builder.temporary()
    builder.emit(ir.Yield(name, source, builder.at(node), delegate))
    return name


def _named(builder: Builder, node: Node) -> ir.Var:
    target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if target is None or value is None:
        return _unknown(builder, node)
    source = evaluate(builder, value)
    bind(builder, target, source)
    kind, variable = lookup(builder, text(target))
    return variable if kind == "variable" else source


def _conditional(builder: Builder, node: Node) -> ir.Var:
    parts = [child for child in node.named_children if child.type != "comment"]
    if len(parts) != 3:
        return _unknown(builder, node)
    value, condition, other = parts
    name = builder.temporary()

    def write(source: Node) -> Callable[[], None]:
        return lambda: builder.emit(ir.Copy(name, evaluate(builder, source), builder.at(source)))

    branch(builder, condition, write(value), write(other), builder.at(node))
    return name


def _boolean(builder: Builder, node: Node) -> ir.Var:
    operands, operator = spine(node)
    name, end = builder.temporary(), builder.label()

    def write() -> None:
        for index, operand in enumerate(operands):
            value = evaluate(builder, operand)
            builder.emit(ir.Copy(name, value, builder.at(operand)))
            if index < len(operands) - 1:
                leave = (ir.Break(end, builder.at(operand)),)
                done, more = (leave, ()) if operator == "or" else ((), leave)
                builder.emit(ir.If(ir.Test("truthy", value), done, more, builder.at(operand)))

    builder.emit(ir.Block(end, builder.collect(write)))
    return name


def _not(builder: Builder, node: Node) -> ir.Var:
    argument = node.child_by_field_name("argument")
    return _compute(builder, node, text(node.children[0]), [argument] if argument is not None else [])


def _binary(builder: Builder, node: Node) -> ir.Var:
    operands: list[Node] = []
    spine_node: Node | None = node
    operator = text(node.child_by_field_name("operator"))
    while spine_node is not None and spine_node.type == "binary_operator":
        right = spine_node.child_by_field_name("right")
        if right is not None:
            operands.append(right)
        spine_node = spine_node.child_by_field_name("left")
    if spine_node is not None:
        operands.append(spine_node)
    return _compute(builder, node, operator, operands[::-1])


def _comparison(builder: Builder, node: Node) -> ir.Var:
    operators = [text(child) for child in node.children_by_field_name("operators")]
    operands = [child for child in node.named_children if child.type != "comment"]
    return _compute(builder, node, " ".join(operators), operands)


def _compute(builder: Builder, node: Node, operator: str, operands: list[Node]) -> ir.Var:
    args = tuple(evaluate(builder, operand) for operand in operands)
    name = builder.temporary()
    builder.emit(ir.Compute(name, operator, args, builder.at(node)))
    return name


def _sequence(builder: Builder, node: Node) -> ir.Var:
    kind = "tuple" if node.type == "expression_list" else node.type
    items: list[tuple[str, ir.Var]] = []
    for child in node.named_children:
        if child.type == "list_splat":
            items.append(("...", _splat(builder, child)))
        elif child.type != "comment":
            items.append(("", evaluate(builder, child)))
    return _build(builder, node, kind, items)


def _dictionary(builder: Builder, node: Node) -> ir.Var:
    items: list[tuple[str, ir.Var]] = []
    for child in node.named_children:
        if child.type == "dictionary_splat":
            items.append(("...", _splat(builder, child)))
        elif child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            literal = plain_string(key) if key is not None else None
            if literal is None and key is not None:
                evaluate(builder, key)
            if value is not None:
                items.append((literal or "", evaluate(builder, value)))
    return _build(builder, node, "dict", items)


def _build(builder: Builder, node: Node, kind: str, items: list[tuple[str, ir.Var]]) -> ir.Var:
    name = builder.temporary()
    builder.emit(ir.Build(name, kind, tuple(items), builder.at(node)))
    return name


def _keyword(builder: Builder, node: Node) -> ir.Var:
    match node.type:
        case "none":
            return constant(builder, node, "none", None)
        case "true" | "false":
            return constant(builder, node, "bool", node.type == "true")
    return constant(builder, node, "other", None)


_LOWER: dict[str, Callable[[Builder, Node], ir.Var]] = {
    "identifier": _identifier,
    "attribute": _attribute,
    "subscript": _subscript,
    "call": _call,
    "await": _await,
    "yield": _yield,
    "named_expression": _named,
    "conditional_expression": _conditional,
    "boolean_operator": _boolean,
    "not_operator": _not,
    "unary_operator": _not,
    "binary_operator": _binary,
    "comparison_operator": _comparison,
    "parenthesized_expression": _inner,
    "tuple": _sequence,
    "list": _sequence,
    "set": _sequence,
    "expression_list": _sequence,
    "dictionary": _dictionary,
    "list_comprehension": comprehensions.lower,
    "set_comprehension": comprehensions.lower,
    "dictionary_comprehension": comprehensions.lower,
    "generator_expression": comprehensions.lower,
    "lambda": closure_of_lambda,
    "string": literals.string,
    "concatenated_string": literals.string,
    "integer": literals.number,
    "float": literals.number,
    "none": _keyword,
    "true": _keyword,
    "false": _keyword,
    "ellipsis": _keyword,
    "list_splat": _splat,
    "pattern_list": _sequence,
    "as_pattern": _unknown,
}
