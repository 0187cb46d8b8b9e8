"""Statements to the structured IR."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import (
    classes,
    conditions,
    exports,
    functions,
    hoisting,
    loops,
    switches,
    typenames,
)
from pgconnlint.program.javascript.names import FUNCTIONS, unwrap
from pgconnlint.program.javascript.patterns import bind, imported, names
from pgconnlint.program.javascript.state import DEPTH, Jump, Lowering

_SILENT = frozenset({
    "empty_statement", "comment", "hash_bang_line", "import_statement", "interface_declaration", "debugger_statement",
    "type_alias_declaration", "ambient_declaration", "function_signature", "import_alias", "enum_declaration",
    "function_declaration", "generator_function_declaration", "statement_identifier",
})  # fmt: skip
"""Nothing happens here (functions were made when their block was entered)."""


def statement(state: Lowering, node: Node) -> None:
    """Emit what ``node`` does."""
    if state.depth > DEPTH:
        state.problem(node, "nested too deeply to be analysed", matters=True)
        return
    state.depth += 1
    try:
        _statement(state, node)
    finally:
        state.depth -= 1


def _statement(state: Lowering, node: Node) -> None:
    match node.type:
        case "expression_statement":
            _expression(state, node)
        case "lexical_declaration" | "variable_declaration":
            for declarator in node.named_children:
                _declarator(state, declarator)
        case "return_statement":
            _return(state, node)
        case "if_statement":
            _if(state, node)
        case "statement_block":
            state.scoped(lambda: block(state, node.named_children))
        case "try_statement":
            _try(state, node)
        case "throw_statement":
            value = state.expression(state, node.named_children[0]) if node.named_children else None
            state.emit(ir.Raise(value, state.span(node)))
        case "for_in_statement" | "for_statement" | "while_statement" | "do_statement":
            loops.loop(state, node)
        case "break_statement" | "continue_statement":
            _jump(state, node)
        case "switch_statement":
            switches.switch(state, node)
        case "labeled_statement":
            _labelled(state, node)
        case "class_declaration" | "abstract_class_declaration":
            given = node.child_by_field_name("name")
            value = classes.class_value(state, node)
            if given is not None:
                state.write(state.text(given), value, node)
        case "export_statement":
            exports.export_statement(state, node)
        case _:
            _rare(state, node)


def _rare(state: Lowering, node: Node) -> None:
    if node.type in _SILENT:
        return
    match node.type:
        case "ERROR":
            block(state, [child for child in node.named_children if _looks_whole(child)])
        case "internal_module" | "module":
            inner = node.child_by_field_name("body")
            if inner is not None:
                statement(state, inner)
        case "with_statement":
            inner = node.child_by_field_name("body")
            if inner is not None:
                statement(state, inner)
        case _:
            state.expression(state, node)


def _looks_whole(node: Node) -> bool:
    return node.type.endswith(("_statement", "_declaration", "_definition")) or node.type in (
        "call_expression", "await_expression", "assignment_expression", "statement_block",
    )  # fmt: skip


def block(state: Lowering, nodes: list[Node]) -> None:
    """The statements of a block in the current scope; `using` makes the rest of it a With."""
    for function in hoisting.block(state, nodes):
        _function(state, function)
    _sequence(state, nodes)


def _function(state: Lowering, node: Node) -> None:
    given = node.child_by_field_name("name")
    if given is None:
        return
    name = state.text(given)
    fresh = state.at_module and state.scope.parent is None
    id = name if fresh else functions.local_id(state, name, 0)
    made = functions.build(state, node, id, name, fresh=fresh)
    held = state.temporary()
    state.emit(ir.Closure(held, made, functions.header(state, node)))
    state.write(name, held, given)


def _sequence(state: Lowering, nodes: list[Node]) -> None:
    for index, node in enumerate(nodes):
        if node.type == "using_declaration" or _is_using(node):
            _using(state, node, nodes[index + 1 :])
            return
        statement(state, node)


def _is_using(node: Node) -> bool:
    return node.type == "expression_statement" and hoisting.using_target(node) is not None


def _using(state: Lowering, node: Node, rest: list[Node]) -> None:
    if len(rest) > 200 or state.depth > 100:
        rest = rest[:200]
    if node.type == "using_declaration":
        awaits = any(child.type == "await" for child in node.children)
        declarators = [child for child in node.named_children if child.type == "variable_declarator"]
        pairs = [(one.child_by_field_name("name"), one.child_by_field_name("value")) for one in declarators]
    else:
        inner = node.named_children[0]
        awaits = inner.type == "await_expression"
        inner = inner.named_children[0] if awaits else inner
        pairs = [(inner.child_by_field_name("left"), inner.child_by_field_name("right"))]
    _using_each(state, pairs, rest, awaits=awaits)


def _using_each(
    state: Lowering, pairs: list[tuple[Node | None, Node | None]], rest: list[Node], *, awaits: bool
) -> None:
    if not pairs or pairs[0][0] is None or pairs[0][1] is None:
        _sequence(state, rest)
        return
    name, value = pairs[0][0], pairs[0][1]
    context = state.expression(state, value)
    binding = state.scope.find(state.text(name))
    state.depth += 1
    body = state.apart(lambda: _using_each(state, pairs[1:], rest, awaits=awaits))
    state.depth -= 1
    dst = binding.var if binding is not None else None
    state.emit(ir.With(context, dst, body, state.span(value), awaits=awaits, using=True))


def _expression(state: Lowering, node: Node) -> None:
    inner = node.named_children[0] if node.named_children else None
    if inner is None:
        return
    if inner.type == "assignment_expression" and state.at_module:
        left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        if left is not None and right is not None and exports.commonjs(state, left, right):
            return
    if inner.type in ("internal_module", "module"):
        statement(state, inner)
    else:
        state.expression(state, inner)


def _declarator(state: Lowering, node: Node) -> None:
    pattern, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if node.type != "variable_declarator" or pattern is None:
        return
    if pattern.type == "identifier":
        binding = state.scope.find(state.text(pattern))
        if binding is not None and binding.path is not None:
            return  # an import: its readers use the path
        _annotate(state, node, pattern)
        if value is None:
            # `let x;` is undefined until assigned; `var x;` says nothing
            if node.parent is not None and node.parent.type == "lexical_declaration":
                state.write(state.text(pattern), state.none(node), pattern)
            return
        state.write(state.text(pattern), _value(state, pattern, value), node)
    elif value is not None and imported(state, node) is None:
        src = state.expression(state, value)
        bind(state, pattern, src, state.assign)
        known = typenames.members(state, node.child_by_field_name("type"))
        for leaf in names(pattern):
            if state.text(leaf) in known:
                _note_type(state, leaf, known[state.text(leaf)])


def _value(state: Lowering, pattern: Node, value: Node) -> ir.Var:
    """The initial value of a variable; functions and classes learn its name."""
    inner = unwrap(value)
    name = state.text(pattern)
    top = state.at_module and state.scope.parent is None
    if inner.type in FUNCTIONS:
        id = name if top else functions.local_id(state, name, 0)
        return functions.closure(state, inner, id, name)
    if inner.type == "class":
        return classes.class_value(state, inner, name)
    return state.expression(state, value)


def _annotate(state: Lowering, node: Node, pattern: Node) -> None:
    resolved = typenames.resolve(state, node.child_by_field_name("type"))
    if resolved:
        _note_type(state, pattern, resolved)


def _note_type(state: Lowering, leaf: Node, resolved: str) -> None:
    binding = state.scope.find(state.text(leaf))
    if binding is not None and binding.path is None:
        state.writer.annotated.append((binding.var, resolved))


def _return(state: Lowering, node: Node) -> None:
    operand = [child for child in node.named_children if child.type != "comment"]
    value = state.expression(state, operand[0]) if operand else None
    state.leave(value, operand[0] if operand else None, state.span(node))


def _if(state: Lowering, node: Node) -> None:
    condition = node.child_by_field_name("condition")
    then, orelse = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if condition is None:
        return

    def consequence() -> None:
        if then is not None:
            state.scoped(lambda: block(state, [then]))

    def alternative() -> None:
        inner = orelse.named_children if orelse is not None else []
        if inner:
            state.scoped(lambda: block(state, [one for one in inner if one.type != "comment"]))

    conditions.branch(state, condition, consequence, alternative, state.span(condition))


def _try(state: Lowering, node: Node) -> None:
    inner = node.child_by_field_name("body")
    handler, final = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
    body = state.apart(lambda: statement(state, inner)) if inner is not None else ()
    handlers = (_catch(state, handler),) if handler is not None else ()
    finalizer = final.child_by_field_name("body") if final is not None else None
    finally_ = state.apart(lambda: statement(state, finalizer)) if finalizer is not None else ()
    state.emit(ir.Try(body, handlers, (), finally_, state.span(node)))


def _catch(state: Lowering, node: Node) -> ir.Handler:
    parameter, inner = node.child_by_field_name("parameter"), node.child_by_field_name("body")
    caught: list[ir.Var] = []

    def write() -> None:
        if parameter is not None:
            simple = parameter.type == "identifier"
            caught.append(state.declare(state.text(parameter)).var if simple else state.temporary())
            if not simple:
                for leaf in names(parameter):
                    state.declare(state.text(leaf))
                bind(state, parameter, caught[0], functions.declare)
        if inner is not None:
            statement(state, inner)

    body = state.apart(lambda: state.scoped(write))
    return ir.Handler((), caught[0] if caught else None, body, state.span(node))


def _jump(state: Lowering, node: Node) -> None:
    given = node.child_by_field_name("label")
    wanted = state.text(given) if given is not None else None
    again = node.type == "continue_statement"
    for jump in reversed(state.writer.jumps):
        if wanted is not None and wanted not in jump.names:
            continue
        if again and jump.again is not None:
            state.emit(ir.Continue(jump.again, state.span(node)))
            return
        if not again and (wanted is not None or jump.leave):
            if wanted is None and jump.again is None and jump.names:
                continue  # a labelled block is left by its label only
            state.emit(ir.Break(jump.leave, state.span(node)))
            return


def _labelled(state: Lowering, node: Node) -> None:
    """`outer: for (...)`; any other labelled statement is a Block."""
    given, inner = node.child_by_field_name("label"), node.child_by_field_name("body")
    if given is None or inner is None:
        return
    name = state.text(given)
    if inner.type in ("for_in_statement", "for_statement", "while_statement", "do_statement"):
        loops.loop(state, inner, (name,))
        return
    label = state.label("label")
    state.writer.jumps.append(Jump((name,), label, None))
    body = state.apart(lambda: statement(state, inner))
    state.writer.jumps.pop()
    state.emit(ir.Block(label, body))
