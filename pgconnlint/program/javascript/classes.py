"""Classes: members become functions, field initialisers move into the constructor."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import functions, typenames
from pgconnlint.program.javascript.names import FUNCTIONS, property_name, static_path, unwrap
from pgconnlint.program.javascript.state import Binding, Lowering, Scope

_FIELDS = ("field_definition", "public_field_definition")


def class_value(state: Lowering, node: Node, name: str | None = None, outer: list[Node] | None = None) -> ir.Var:
    """The variable that holds the class; static fields and blocks run here. ``outer``: decorators before `export`."""
    given = node.child_by_field_name("name")
    own = state.text(given) if given is not None else name
    start = state.span(node)[0]
    id = own or f"<class@{start}>"
    if not (state.at_module and state.scope.parent is None):
        id = functions.local_id(state, own, start)
    id = state.unique(id, node)
    dst = state.global_(id, node)
    _module_options(state, [*(outer or []), *(child for child in node.children if child.type == "decorator")])
    _members(state, node, id, dst, outer or [])
    return dst


def _module_options(state: Lowering, nodes: list[Node]) -> None:
    """NestJS's `@Module({imports: [TypeOrmModule.forRoot({...})]})`: what it is given is made where the class is."""
    for node in nodes:
        call = node.named_children[0] if node.named_children else None
        name = call.child_by_field_name("function") if call is not None else None
        listed = call.child_by_field_name("arguments") if call is not None else None
        if name is not None and listed is not None and state.text(name) == "Module":
            for one in listed.named_children:
                if one.type == "object":
                    state.expression(state, one)


def _members(state: Lowering, node: Node, id: str, dst: ir.Var, outer: list[Node]) -> None:
    inner = node.child_by_field_name("body")
    members = inner.named_children if inner is not None else []
    methods: list[str] = []
    waiting: list[Node] = []
    constructor: Node | None = None
    for member in members:
        if member.type == "decorator":
            waiting.append(member)
            continue
        if member.type == "method_definition" and _is_constructor(state, member):
            constructor = member
        elif member.type == "method_definition":
            methods.append(_method(state, member, id, waiting))
        elif member.type in _FIELDS and (value := _function_of(member)) is not None:
            methods.append(_field_function(state, member, value, id))
        elif member.type in _FIELDS and is_static(member):
            _static_field(state, member, id, dst)
        elif member.type == "class_static_block":
            _static_block(state, member, id)
        waiting = []
    instance = [one for one in members if one.type in _FIELDS and not is_static(one) and _function_of(one) is None]
    made = _constructor(state, constructor, instance, id)
    if made is not None:
        methods.insert(0, made)
    own = [child for child in node.children if child.type == "decorator"]
    state.classes.append(
        ir.Class(
            id, _bases(state, node), tuple(methods), _fields(state, members, constructor),
            decorators(state, [*outer, *own]), functions.header(state, node),
        )
    )  # fmt: skip


def _is_constructor(state: Lowering, member: Node) -> bool:
    name = member.child_by_field_name("name")
    return name is not None and state.text(name) == "constructor" and not is_static(member)


def is_static(member: Node) -> bool:
    return any(child.type == "static" for child in member.children[:6])


def _name_node(member: Node) -> Node | None:
    return member.child_by_field_name("name") or member.child_by_field_name("property")


def _name(state: Lowering, member: Node) -> str:
    node = _name_node(member)
    return (property_name(state, node) if node is not None else None) or "[]"


def _function_of(member: Node) -> Node | None:
    """`handler = async () => {...}`: the function literal."""
    value = member.child_by_field_name("value")
    value = unwrap(value) if value is not None else None
    return value if value is not None and value.type in FUNCTIONS and not is_static(member) else None


def _method(state: Lowering, member: Node, owner: str, waiting: list[Node]) -> str:
    name = _name(state, member)
    own = [child for child in member.children if child.type == "decorator"]
    return functions.build(
        state, member, f"{owner}.{name}", name, owner=owner, is_method=not is_static(member),
        static=is_static(member), access=functions.accessor(member),
        decorators=decorators(state, [*waiting, *own]), fresh=_fresh(state),
    )  # fmt: skip


def _fresh(state: Lowering) -> bool:
    """Methods of a class at the module's top level are functions of their own."""
    return state.at_module and state.scope.parent is None


def _field_function(state: Lowering, member: Node, value: Node, owner: str) -> str:
    name = _name(state, member)
    return functions.build(state, value, f"{owner}.{name}", name, owner=owner, is_method=True, fresh=_fresh(state))


def _constructor(state: Lowering, constructor: Node | None, fields: list[Node], owner: str) -> str | None:
    """The constructor with the field initialisers in front; made up when there are fields but no constructor."""
    if constructor is None and not any(field.child_by_field_name("value") for field in fields):
        return None
    id = f"{owner}.constructor"
    holder = constructor or next(field for field in fields if field.child_by_field_name("value"))
    return functions.build(
        state, holder, id, "constructor", owner=owner, is_method=True, fresh=_fresh(state),
        prologue=lambda: _initialise(state, fields),
    )  # fmt: skip


def _initialise(state: Lowering, fields: list[Node]) -> None:
    for field in fields:
        value = field.child_by_field_name("value")
        if value is not None:
            src = state.expression(state, value)
            state.emit(ir.Store(functions.this_of(state), _name(state, field), src, state.span(field)))


def _static_field(state: Lowering, member: Node, owner: str, dst: ir.Var) -> None:
    value = member.child_by_field_name("value")
    if value is None:
        return
    outer, state.scope = state.scope, Scope(state.scope)
    state.scope.names["this"] = Binding("", None, path=owner)
    src = functions.named_value(state, value, _name(state, member))
    state.emit(ir.Store(dst, _name(state, member), src, state.span(member)))
    state.scope = outer


def _static_block(state: Lowering, member: Node, owner: str) -> None:
    inner = member.child_by_field_name("body")
    outer, state.scope = state.scope, Scope(state.scope, function=True)
    state.scope.names["this"] = Binding("", None, path=owner)
    if inner is not None:
        state.statement(state, inner)
    state.scope = outer


def _bases(state: Lowering, node: Node) -> tuple[str, ...]:
    """What the class extends (interfaces are types only and left out)."""
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    if heritage is None:
        return ()
    clause = next((child for child in heritage.named_children if child.type == "extends_clause"), heritage)
    value = clause.child_by_field_name("value")
    if value is None:
        if heritage.named_children and heritage.named_children[0].type == "implements_clause":
            return ()
        value = clause.named_children[0] if clause.named_children else None
    if value is None:
        return ()
    return (static_path(state, value) or typenames.resolve(state, value) or state.text(value)[:80],)


def _fields(state: Lowering, members: list[Node], constructor: Node | None) -> tuple[tuple[str, str], ...]:
    """Declared types of fields and of constructor parameter properties."""
    found: list[tuple[str, str]] = []
    for member in members:
        if member.type in _FIELDS:
            resolved = typenames.resolve(state, member.child_by_field_name("type"))
            if resolved:
                found.append((_name(state, member), resolved))
    for parameter in functions.parameter_nodes(constructor) if constructor is not None else []:
        resolved = typenames.resolve(state, parameter.child_by_field_name("type"))
        if resolved and functions.is_property(parameter):
            found.append((state.text(functions.pattern_of(parameter)), resolved))
    return tuple(found)


def decorators(state: Lowering, nodes: list[Node]) -> tuple[ir.Decorator, ...]:
    """`@Injectable()`, `@app.get("/x")`: resolved paths and the text of the arguments."""
    found: list[ir.Decorator] = []
    for node in nodes:
        inner = node.named_children[0] if node.named_children else None
        if inner is None:
            continue
        texts: tuple[str, ...] = ()
        if inner.type == "call_expression":
            listed = inner.child_by_field_name("arguments")
            texts = tuple(state.text(one)[:200] for one in listed.named_children) if listed is not None else ()
            inner = inner.child_by_field_name("function") or inner
        found.append(ir.Decorator(static_path(state, inner) or state.text(inner)[:80], texts, state.span(node)))
    return tuple(found)
