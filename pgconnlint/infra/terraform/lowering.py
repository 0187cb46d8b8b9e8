"""tree-sitter's HCL tree to blocks and expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgconnlint.infra.terraform import templates
from pgconnlint.infra.terraform.tree import (
    EACH,
    Argument,
    Attribute,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Literal,
    Name,
    Object,
    Opaque,
    Operation,
    Place,
    Splat,
    Tuple,
)
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.hcl import parse

if TYPE_CHECKING:
    from tree_sitter import Node

DEPTH = 60
"""Nested expressions or blocks beyond this are opaque."""


def lower(document: Document) -> tuple[Body, int | None]:
    """The body of a file and the line (from 1) of its first syntax error, or None."""
    root = parse(document)
    error = first_error(root)
    line = None if error is None else document.at(*_span(error, document)).start.line
    body = next((child for child in root.children if child.type == "body"), None)
    if body is None:
        body = next((child for child in root.children if child.type == "ERROR"), None)
    return (_body(body, document, 0) if body is not None else Body()), line


def first_error(root: Node) -> Node | None:
    """The first ERROR or missing node in reading order."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "ERROR" or node.is_missing:
            return node
        if node.has_error:
            stack.extend(reversed(node.children))
    return None


def _span(node: Node, document: Document) -> tuple[int, int]:
    offsets = document.byte_offsets
    return offsets.char(node.start_byte), offsets.char(node.end_byte)


def place(node: Node, document: Document) -> Place:
    return Place(document, *_span(node, document))


def written(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _body(node: Node, document: Document, depth: int) -> Body:
    arguments: dict[str, Argument] = {}
    blocks: list[Block] = []
    for child in node.children:
        if child.type == "attribute" and len(child.children) >= 3:
            key, value = child.children[0], child.children[2]
            name = written(key)
            if name not in arguments:
                arguments[name] = Argument(name, expression(value, document, depth + 1), place(key, document))
        elif child.type == "block" and depth < DEPTH:
            blocks.append(_block(child, document, depth + 1))
    return Body(arguments, tuple(blocks))


def _block(node: Node, document: Document, depth: int) -> Block:
    labels: list[str] = []
    body = Body()
    last = node.children[0]
    for child in node.children[1:]:
        if child.type in ("string_lit", "identifier"):
            labels.append(written(child).strip('"'))
            last = child
        elif child.type == "body":
            body = _body(child, document, depth)
    start, _ = _span(node, document)
    _, end = _span(last, document)
    return Block(written(node.children[0]), tuple(labels), body, Place(document, start, end))


def expression(node: Node, document: Document, depth: int = 0) -> Expression:
    """One `expression` node, or anything that may stand inside of one."""
    at = place(node, document)
    if depth > DEPTH:
        return Opaque("nested too deeply", at)
    children = [child for child in node.children if child.type != "comment"]
    match node.type:
        case "expression" | "binary_operation" | "unary_operation":
            return _sequence(children, document, depth, at)
        case "operation":
            return expression(children[0], document, depth) if children else Opaque("a syntax error", at)
        case "conditional" if len(children) == 5:
            parts = [expression(children[index], document, depth + 1) for index in (0, 2, 4)]
            return Conditional(parts[0], parts[1], parts[2], at)
        case "literal_value" | "collection_value" | "for_expr" | "template_expr" if len(children) == 1:
            return expression(children[0], document, depth)
        case "numeric_lit":
            return _number(written(node), at)
        case "bool_lit":
            return Literal(written(node) == "true", at)
        case "null_lit":
            return Literal(None, at)
        case "string_lit" | "quoted_template":
            return templates.quoted(node, document, depth)
        case "heredoc_template":
            return templates.heredoc(node, document, depth)
        case "variable_expr":
            return Name(written(node), at)
        case "object":
            return Object(tuple(_elements(children, document, depth)), at)
        case "tuple":
            items = (expression(child, document, depth + 1) for child in children if child.type == "expression")
            return Tuple(tuple(items), at)
        case "function_call":
            return _call(children, document, depth, at)
        case "for_tuple_expr" | "for_object_expr":
            return _for(children, document, depth, at)
    return Opaque("a syntax error", at)


def _number(text: str, at: Place) -> Literal:
    try:
        return Literal(int(text) if text.isdecimal() and len(text) < 400 else float(text), at)
    except ValueError:
        return Literal(text, at)


def _sequence(children: list[Node], document: Document, depth: int, at: Place) -> Expression:
    """A flat run of children: an operand with its steps, perhaps an operator, perhaps another operand."""
    if children and children[0].type in ("-", "!"):
        operand = _steps(children[1:], document, depth)
        return Operation(children[0].type, operand, None, at)
    operators = [index for index, child in enumerate(children) if child.type in _OPERATORS]
    if not operators:
        return _steps(children, document, depth)
    middle = operators[0]
    left = _steps(children[:middle], document, depth)
    right = _steps(children[middle + 1 :], document, depth)
    return Operation(children[middle].type, left, right, at)


_OPERATORS = frozenset({"+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"})


def _steps(children: list[Node], document: Document, depth: int) -> Expression:
    if not children:
        return Opaque("a syntax error", Place(document, 0, 0))
    first, rest = children[0], children[1:]
    start, _ = _span(first, document)
    if first.type == "(":
        closing = next((i for i, child in enumerate(rest) if child.type == ")"), len(rest))
        inner = rest[:closing]
        current = (
            expression(inner[0], document, depth + 1) if inner else Opaque("a syntax error", place(first, document))
        )
        rest = rest[closing + 1 :]
    else:
        current = expression(first, document, depth + 1)
    for step in rest:
        current = _step(current, step, document, depth, start)
    return current


def _step(of: Expression, node: Node, document: Document, depth: int, start: int) -> Expression:
    at = Place(document, start, _span(node, document)[1])
    match node.type:
        case "get_attr":
            return Attribute(of, written(node.children[-1]), at)
        case "index" | "new_index" | "legacy_index":
            inner = node.children[0] if node.type == "index" and node.children else node
            if inner.type == "legacy_index":
                number = written(inner).lstrip(". ")
                return Index(of, Literal(int(number) if number.isdecimal() else number, at), at)
            key = next((child for child in inner.children if child.type == "expression"), None)
            return Index(of, expression(key, document, depth + 1), at) if key else Opaque("a syntax error", at)
        case "splat":
            inner = node.children[0]
            each: Expression = Name(EACH, at)
            for child in inner.children[1:]:
                each = _step(each, child, document, depth, start)
            return Splat(of, each, at)
    return Opaque("a syntax error", at)


def _elements(children: list[Node], document: Document, depth: int) -> list[tuple[Expression, Expression]]:
    items: list[tuple[Expression, Expression]] = []
    for child in children:
        if child.type != "object_elem":
            continue
        both = [inner for inner in child.children if inner.type == "expression"]
        if len(both) == 2:
            key: Expression = expression(both[0], document, depth + 1)
            if isinstance(key, Name):
                key = Literal(key.name, key.at)
            items.append((key, expression(both[1], document, depth + 1)))
    return items


def _call(children: list[Node], document: Document, depth: int, at: Place) -> Call:
    arguments: list[Expression] = []
    expanded = False
    for child in children:
        if child.type == "function_arguments":
            for inner in child.children:
                if inner.type == "expression":
                    arguments.append(expression(inner, document, depth + 1))
                elif inner.type == "ellipsis":
                    expanded = True
    return Call(written(children[0]), tuple(arguments), expanded, at)


def _for(children: list[Node], document: Document, depth: int, at: Place) -> Expression:
    intro = next((child for child in children if child.type == "for_intro"), None)
    results = [child for child in children if child.type == "expression"]
    condition = next((child for child in children if child.type == "for_cond"), None)
    if intro is None or not results:
        return Opaque("a syntax error", at)
    names = [written(child) for child in intro.children if child.type == "identifier"]
    over = next((child for child in intro.children if child.type == "expression"), None)
    test = next((child for child in condition.children if child.type == "expression"), None) if condition else None
    if over is None or not names:
        return Opaque("a syntax error", at)
    lowered = [expression(result, document, depth + 1) for result in results]
    return For(
        key=names[0] if len(names) > 1 else None,
        value=names[-1],
        over=expression(over, document, depth + 1),
        key_result=lowered[0] if len(lowered) > 1 else None,
        result=lowered[-1],
        condition=expression(test, document, depth + 1) if test else None,
        grouped=any(child.type == "ellipsis" for child in children),
        at=at,
    )
