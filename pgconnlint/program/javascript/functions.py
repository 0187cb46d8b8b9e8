"""Functions: parameters, bodies, closures."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import hoisting, typenames
from pgconnlint.program.javascript.names import FUNCTIONS, property_name, unwrap
from pgconnlint.program.javascript.patterns import bind, default, names
from pgconnlint.program.javascript.state import Binding, Lowering, Names, Scope, Writer

_NO_PARAMETER = frozenset({"comment", "decorator", "ERROR"})


def is_async(node: Node) -> bool:
    return any(child.type == "async" for child in node.children[:6])


def is_generator(node: Node) -> bool:
    if node.type in ("generator_function", "generator_function_declaration"):
        return True
    return node.type == "method_definition" and any(child.type == "*" for child in node.children)


def closure(state: Lowering, node: Node, id: str | None = None, name: str | None = None) -> ir.Var:
    """A function literal as a value."""
    given = node.child_by_field_name("name")
    own = state.text(given) if given is not None else None
    dst = state.temporary()
    start = state.span(node)[0]
    label = own or name
    made = build(state, node, id or local_id(state, label, start), label or f"<lambda@{start}>")
    state.emit(ir.Closure(dst, made, state.span(node)))
    return dst


def local_id(state: Lowering, name: str | None, start: int) -> str:
    """The id of something named (or not) inside the current function."""
    if name is None:
        return f"<lambda@{start}>"
    return f"{state.writer.id}.<locals>.{name}"


def named_value(state: Lowering, node: Node, name: str | None) -> ir.Var:
    """The value of an object's property; functions learn their name."""
    value = unwrap(node)
    if value.type in FUNCTIONS and name is not None:
        return closure(state, value, _property_id(state, node, name), name)
    return state.expression(state, node)


def object_method(state: Lowering, node: Node) -> tuple[str, ir.Var]:
    """`{ m() {} }`: the property's name and the closure; accessors are named `get m`, `set m`."""
    key = node.child_by_field_name("name")
    name = (property_name(state, key) if key is not None else None) or "[]"
    access = accessor(node)
    made = build(state, node, _property_id(state, node, name), name, access=access, is_method=True)
    dst = state.temporary()
    state.emit(ir.Closure(dst, made, state.span(node)))
    return (f"{access} {name}" if access else name), dst


def _property_id(state: Lowering, node: Node, name: str) -> str:
    """Members of `module.exports = {...}` are known by their export; others by their place."""
    holder = node.parent.parent if node.type != "method_definition" and node.parent is not None else node.parent
    if holder is not None and holder.id == state.exporting:
        return f"exports.{name}"
    return f"<object@{state.span(node)[0]}>.{name}"


def accessor(node: Node) -> str:
    return next((child.type for child in node.children if child.type in ("get", "set")), "")


def build(
    state: Lowering,
    node: Node,
    id: str,
    name: str,
    *,
    owner: str | None = None,
    is_method: bool = False,
    static: bool = False,
    access: str = "",
    decorators: tuple[ir.Decorator, ...] = (),
    prologue: Callable[[], None] | None = None,
    fresh: bool = False,
) -> str:
    """Lower one function; returns its id.

    ``is_method``: it has a `this` parameter; ``fresh``: a function of its own, not a closure of the module's body;
    ``prologue`` is written before the body (field initialisers).
    """
    id = state.unique(id, node)
    outer, outer_scope = state.writer, state.scope
    writer = Writer(id, Names() if fresh else outer.names, outer)
    state.writer, state.scope = writer, Scope(outer_scope, function=True)
    if node.type != "arrow_function" or is_method:
        this = Binding("", None, path=owner) if static else Binding(writer.names.variable("this"), writer)
        state.scope.names["this"] = this
    _own_name(state, node, writer)
    parameters = _parameters(state, node, owner, prologue)
    body(state, node)
    this_binding = state.scope.names.get("this")
    if this_binding is not None and this_binding.path is None and (is_method or writer.this):
        parameters = (ir.Parameter(this_binding.var, "self"), *parameters)
    state.writer, state.scope = outer, outer_scope
    state.functions.append(
        ir.Function(
            id, name, parameters, tuple(writer.out), header(state, node), state.span(node),
            is_async(node), is_generator(node), owner, None if fresh else outer.id, tuple(writer.captures),
            decorators, typenames.resolve(state, node.child_by_field_name("return_type")), static,
            access,  # type: ignore[arg-type]  # one of "", "get", "set"
            tuple(writer.annotated),
        )
    )  # fmt: skip
    return id


def _own_name(state: Lowering, node: Node, writer: Writer) -> None:
    """A named function expression can call itself by its name."""
    given = node.child_by_field_name("name")
    if node.type in ("function_expression", "generator_function") and given is not None:
        state.scope.names[state.text(given)] = Binding("", None, path=writer.id)


def header(state: Lowering, node: Node) -> ir.SpanPair:
    """From the start to the name, or the first few characters of an arrow function."""
    start, end = state.span(node)
    name = node.child_by_field_name("name") if node.type != "public_field_definition" else None
    if name is not None:
        return start, state.span(name)[1]
    inner = node.child_by_field_name("body")
    stop = state.span(inner)[0] if inner is not None else end
    text = state.document.text[start:stop].split("\n", 1)[0].rstrip()
    return start, start + max(1, len(text))


def body(state: Lowering, node: Node) -> None:
    """The statements of a function, or the returned expression of an arrow function."""
    inner = node.child_by_field_name("body")
    if inner is None:
        return
    if inner.type == "statement_block":
        hoisting.variables(state, inner)
        state.statement(state, inner)
        return
    state.leave(state.expression(state, inner), inner, state.span(inner))


def parameter_nodes(node: Node) -> list[Node]:
    """The parameters of a function, TypeScript's `this` left out."""
    single = node.child_by_field_name("parameter")
    if single is not None:
        return [single]
    listed = node.child_by_field_name("parameters")
    if listed is None:
        return []
    return [child for child in listed.named_children if child.type not in _NO_PARAMETER and not _is_this(child)]


def _is_this(node: Node) -> bool:
    pattern = node.child_by_field_name("pattern")
    return pattern is not None and pattern.type == "this"


def pattern_of(node: Node) -> Node:
    """The name or pattern of a parameter, without its default."""
    if node.type in ("required_parameter", "optional_parameter"):
        node = node.child_by_field_name("pattern") or node
    if node.type == "assignment_pattern":
        node = node.child_by_field_name("left") or node
    return node


def default_of(node: Node) -> Node | None:
    if node.type in ("required_parameter", "optional_parameter"):
        return node.child_by_field_name("value")
    return node.child_by_field_name("right") if node.type == "assignment_pattern" else None


def declare(state: Lowering, node: Node, src: ir.Var) -> None:
    """A leaf of a parameter's pattern becomes a variable."""
    if node.type in ("identifier", "shorthand_property_identifier_pattern"):
        binding = state.declare(state.text(node))
        state.emit(ir.Copy(binding.var, src, state.span(node)))


def _parameters(
    state: Lowering, node: Node, owner: str | None, prologue: Callable[[], None] | None
) -> tuple[ir.Parameter, ...]:
    nodes = parameter_nodes(node)
    made: list[ir.Parameter] = []
    later: list[tuple[Node, ir.Var, Node | None, Node | None]] = []
    for one in nodes:
        pattern, value, type_ = pattern_of(one), default_of(one), one.child_by_field_name("type")
        rest = pattern.type == "rest_pattern"
        if rest and pattern.named_children:
            pattern = pattern.named_children[0]
        simple = pattern.type == "identifier"
        var = state.declare(state.text(pattern)).var if simple else state.temporary()
        annotation = typenames.resolve(state, type_)
        kind = "rest" if rest else "positional"
        text = state.text(value)[:120] if value is not None else None
        made.append(ir.Parameter(var, kind, annotation, text, value is not None))  # type: ignore[arg-type]  # see kind
        if not simple:
            for leaf in names(pattern):
                state.declare(state.text(leaf))
        if value is not None or not simple:
            later.append((pattern, var, value, type_))
    for pattern, var, value, type_ in later:
        _unpack(state, pattern, var, value, type_)
    for one in nodes:
        if owner is not None and is_property(one):
            name = state.text(pattern_of(one))
            state.emit(ir.Store(this_of(state), name, state.read(name, one), state.span(one)))
    if prologue is not None:
        prologue()
    return tuple(made)


def is_property(node: Node) -> bool:
    """TypeScript's `constructor(private readonly pool: Pool)`."""
    return any(child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in node.children)


def this_of(state: Lowering) -> ir.Var:
    return state.scope.names["this"].var


def _unpack(state: Lowering, pattern: Node, var: ir.Var, value: Node | None, type_: Node | None) -> None:
    src = default(state, var, value) if value is not None else var
    if pattern.type == "identifier":
        state.emit(ir.Copy(var, src, state.span(pattern)))
        return
    bind(state, pattern, src, declare)
    known = typenames.members(state, type_)
    for leaf in names(pattern):
        text = state.text(leaf)
        if text in known:
            state.writer.annotated.append((state.declare(text).var, known[text]))


def bind_arguments(state: Lowering, node: Node, given: tuple[ir.Var, ...]) -> None:
    """Bind the parameters of an inlined callback to values."""
    for index, one in enumerate(parameter_nodes(node)):
        pattern, value = pattern_of(one), default_of(one)
        src = given[index] if index < len(given) else state.none(one)
        if value is not None:
            src = default(state, src, value)
        for leaf in names(pattern):
            state.declare(state.text(leaf))
        bind(state, pattern, src, declare)
        if pattern.type == "identifier":
            resolved = typenames.resolve(state, one.child_by_field_name("type"))
            if resolved:
                state.writer.annotated.append((state.declare(state.text(pattern)).var, resolved))
