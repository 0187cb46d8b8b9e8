"""Expressions to instructions over temporaries."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import calls, classes, conditions, functions, promises
from pgconnlint.program.javascript.literals import number, template
from pgconnlint.program.javascript.names import TRANSPARENT, property_name, static_path, string, unwrap
from pgconnlint.program.javascript.patterns import bind
from pgconnlint.program.javascript.state import DEPTH, Lowering


def expression(state: Lowering, node: Node) -> ir.Var:
    """The variable that holds the value of ``node``; its instructions are emitted."""
    if state.depth > DEPTH:
        state.problem(node, "nested too deeply to be analysed", matters=True)
        return state.none(node)
    state.depth += 1
    try:
        return _expression(state, node)
    finally:
        state.depth -= 1


def _expression(state: Lowering, node: Node) -> ir.Var:
    match node.type:
        case "identifier" | "shorthand_property_identifier":
            return state.read(state.text(node), node)
        case "call_expression":
            return calls.call(state, node)
        case "member_expression" | "subscript_expression":
            return member(state, node)
        case "await_expression":
            return _await(state, node)
        case "new_expression":
            return calls.construct(state, node)
        case "assignment_expression" | "augmented_assignment_expression":
            return _assignment(state, node)
        case "binary_expression":
            return _binary(state, node)
        case "unary_expression" | "update_expression":
            return _unary(state, node)
        case "ternary_expression":
            return conditions.ternary(state, node)
        case "object":
            return _object(state, node)
        case "array":
            return _array(state, node)
        case "arrow_function" | "function_expression" | "function" | "generator_function":
            return functions.closure(state, node)
        case "class":
            return classes.class_value(state, node)
        case "this":
            return this(state, node)
        case "yield_expression":
            return _yield(state, node)
        case "sequence_expression":
            return [expression(state, child) for child in node.named_children][-1]
        case _ if node.type in TRANSPARENT:
            inner = unwrap(node)
            return expression(state, inner) if inner is not node else _other(state, node)
        case _:
            return _literal(state, node)


def _literal(state: Lowering, node: Node) -> ir.Var:
    at = state.span(node)
    match node.type:
        case "string":
            return _const(state, "string", string(state, node), at)
        case "template_string":
            return template(state, node)
        case "number":
            return _const(state, "number", number(state.text(node)), at)
        case "true" | "false":
            return _const(state, "bool", node.type == "true", at)
        case "null" | "undefined":
            return _const(state, "none", None, at)
        case "regex":
            return _const(state, "other", state.text(node), at)
        case "super":
            dst = state.temporary()
            state.emit(ir.Load(dst, this(state, node), "super", at))
            return dst
        case "meta_property" | "import":
            return state.global_(state.text(node), node)
        case _:
            return _other(state, node)


def _const(state: Lowering, kind: str, value: str | int | float | bool | None, at: ir.SpanPair) -> ir.Var:
    dst = state.temporary()
    state.emit(ir.Const(dst, kind, value, at))  # type: ignore[arg-type]  # kind is one of the literals
    return dst


def _other(state: Lowering, node: Node) -> ir.Var:
    """JSX and whatever else there is: the parts are evaluated, the result is opaque."""
    items: list[tuple[str, ir.Var]] = []
    pending = list(reversed(node.named_children))
    while pending:
        child = pending.pop()
        if child.type == "jsx_attribute":
            parts = child.named_children
            name = state.text(parts[0]) if parts else ""
            if len(parts) > 1:
                items.append((name, expression(state, parts[1])))
        elif child.type in ("spread_element", "jsx_opening_element", "jsx_expression"):
            pending.extend(reversed(child.named_children))
        elif child.type not in (
            "comment",
            "jsx_text",
            "jsx_closing_element",
            "type_arguments",
            "html_character_reference",
        ):
            items.append(("", expression(state, child)))
    dst = state.temporary()
    if node.type.startswith("jsx"):
        state.emit(ir.Build(dst, "jsx", tuple(items), state.span(node)))
    else:
        state.emit(ir.Compute(dst, node.type, tuple(var for _, var in items), state.span(node)))
    return dst


def this(state: Lowering, node: Node) -> ir.Var:
    binding = state.scope.find("this")
    if binding is None:
        return state.global_("this", node)
    if binding.writer is not None and binding.path is None:
        binding.writer.this = binding.var
    return state.value(binding, node)


def member(state: Lowering, node: Node) -> ir.Var:
    """`a.b`, `a?.b`, `a["b"]`, `a[i]`."""
    if node.type == "member_expression" and (path := static_path(state, node)):
        return state.global_(path, node)
    target = node.child_by_field_name("object")
    obj = expression(state, target) if target is not None else state.none(node)
    name = field(state, node)
    dst = state.temporary()
    state.emit(ir.Load(dst, obj, name, state.span(node), optional=is_optional(node)))
    return dst


def field(state: Lowering, node: Node) -> str:
    """The field's name of a member or subscript; a computed index is evaluated."""
    if node.type == "member_expression":
        name = node.child_by_field_name("property")
        return state.text(name) if name is not None else "[]"
    index = node.child_by_field_name("index")
    if index is None:
        return "[]"
    text = string(state, index)
    if text is not None:
        return text if text.isidentifier() else f"['{text}']"
    if index.type == "number":
        return f"[{state.text(index)}]"
    expression(state, index)
    return "[]"


def is_optional(node: Node) -> bool:
    """The link itself, or one before it in the chain, is `?.`: nothing happens on null."""
    current: Node | None = node
    for _ in range(20):
        if current is None or current.type not in ("member_expression", "subscript_expression", "call_expression"):
            return False
        if any(child.type in ("optional_chain", "?.") for child in current.children):
            return True
        current = current.child_by_field_name("object") or current.child_by_field_name("function")
    return False


def _await(state: Lowering, node: Node) -> ir.Var:
    operand = [child for child in node.named_children if child.type != "comment"]
    if not operand:
        return state.none(node)
    if path := static_path(state, node):
        return state.global_(path, node)
    src = expression(state, operand[0])
    inner = unwrap(operand[0])
    if inner.type == "call_expression" and promises.is_step(state, inner):
        return src  # what a chain gives was awaited step by step
    dst = state.temporary()
    state.emit(ir.Await(dst, src, state.span(node)))
    return dst


def _yield(state: Lowering, node: Node) -> ir.Var:
    delegate = any(child.type == "*" for child in node.children)
    operand = [child for child in node.named_children if child.type != "comment"]
    src = expression(state, operand[0]) if operand else None
    dst = state.temporary()
    state.emit(ir.Yield(dst, src, state.span(node), delegate))
    return dst


def assign(state: Lowering, target: Node, src: ir.Var) -> None:
    """`target = src` for a name, a member, or a pattern."""
    target = unwrap(target)
    match target.type:
        case "identifier" | "shorthand_property_identifier_pattern" | "shorthand_property_identifier":
            state.write(state.text(target), src, target)
        case "member_expression" | "subscript_expression":
            obj = target.child_by_field_name("object")
            if obj is not None:
                held = expression(state, obj)
                state.emit(ir.Store(held, field(state, target), src, state.span(target)))
        case "object_pattern" | "array_pattern" | "object" | "array" | "assignment_pattern":
            bind(state, target, src, assign)
        case _:
            pass


def _assignment(state: Lowering, node: Node) -> ir.Var:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return _other(state, node)
    if node.type == "assignment_expression":
        src = expression(state, right)
        assign(state, left, src)
        return src
    operator = node.child_by_field_name("operator")
    sign = state.text(operator) if operator is not None else "+="
    if sign in ("||=", "&&=", "??="):
        return conditions.assign_if(state, node, left, right, sign)
    before = expression(state, left)
    value = expression(state, right)
    dst = state.temporary()
    state.emit(ir.Compute(dst, sign[:-1], (before, value), state.span(node)))
    assign(state, left, dst)
    return dst


def _binary(state: Lowering, node: Node) -> ir.Var:
    """Long chains (`a + b + c ...`) lean to the left and are walked, not recursed into."""
    if conditions.is_short_circuit(node):
        return conditions.short_circuit(state, node)
    spine = [node]
    while True:
        left = spine[-1].child_by_field_name("left")
        if left is None or left.type != "binary_expression" or conditions.is_short_circuit(left):
            break
        spine.append(left)
    value = expression(state, left) if left is not None else state.none(node)
    for one in reversed(spine):
        right, operator = one.child_by_field_name("right"), one.child_by_field_name("operator")
        other = expression(state, right) if right is not None else state.none(one)
        dst = state.temporary()
        sign = state.text(operator) if operator is not None else "?"
        state.emit(ir.Compute(dst, sign, (value, other), state.span(one)))
        value = dst
    return value


def _unary(state: Lowering, node: Node) -> ir.Var:
    argument = node.child_by_field_name("argument")
    operator = node.child_by_field_name("operator")
    sign = state.text(operator) if operator is not None else "?"
    if argument is None:
        return state.none(node)
    value = expression(state, argument)
    if sign == "void":
        return state.none(node)
    dst = state.temporary()
    state.emit(ir.Compute(dst, sign, (value,), state.span(node)))
    if node.type == "update_expression":
        assign(state, argument, dst)
    elif sign == "delete":
        _delete(state, argument)
    return dst


def _delete(state: Lowering, argument: Node) -> None:
    target = unwrap(argument)
    if target.type in ("member_expression", "subscript_expression"):
        assign(state, target, state.none(target))


def _object(state: Lowering, node: Node) -> ir.Var:
    items: list[tuple[str, ir.Var]] = []
    for child in node.named_children:
        match child.type:
            case "shorthand_property_identifier":
                items.append((state.text(child), expression(state, child)))
            case "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is None or value is None:
                    continue
                name = property_name(state, key)
                if name is None and key.named_children:
                    expression(state, key.named_children[0])
                items.append((name or "[]", functions.named_value(state, value, name)))
            case "method_definition":
                items.append(functions.object_method(state, child))
            case "spread_element" if child.named_children:
                items.append(("...", expression(state, child.named_children[0])))
            case _:
                pass
    dst = state.temporary()
    state.emit(ir.Build(dst, "object", tuple(items), state.span(node)))
    return dst


def _array(state: Lowering, node: Node) -> ir.Var:
    items: list[tuple[str, ir.Var]] = []
    for child in node.named_children:
        if child.type == "spread_element" and child.named_children:
            items.append(("...", expression(state, child.named_children[0])))
        elif child.type != "comment":
            items.append(("", expression(state, child)))
    dst = state.temporary()
    state.emit(ir.Build(dst, "list", tuple(items), state.span(node)))
    return dst
