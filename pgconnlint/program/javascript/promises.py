"""Promise chains and executors as control flow.

`X.then(f)` becomes: evaluate X, await it, run f's body with its parameter bound. `.catch(g)` and `.finally(h)`
become Try around what stands before them. The value of a lowered chain is the awaited value.
"""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript import calls, functions
from pgconnlint.program.javascript.names import FUNCTIONS, unwrap
from pgconnlint.program.javascript.state import Binding, Lowering, Target

_REFERENCES = FUNCTIONS | {"identifier", "member_expression", "call_expression", "null", "undefined"}


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    callbacks: tuple[Node, ...]
    node: Node


def is_step(state: Lowering, node: Node) -> bool:
    """`x.then(f)`, `x.catch(f)` or `x.finally(f)`, where every argument can be a callback."""
    function, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or listed is None or listed.type != "arguments":
        return False
    function = unwrap(function)
    name = function.child_by_field_name("property")
    if name is None or name.type != "property_identifier" or name.end_byte - name.start_byte > 7:
        return False
    if state.text(name) not in ("then", "catch", "finally"):
        return False
    given = _callbacks(listed)
    return 0 < len(given) <= 2 and all(one.type in _REFERENCES for one in given)


def _callbacks(listed: Node) -> tuple[Node, ...]:
    return tuple(unwrap(child) for child in listed.named_children if child.type != "comment")


def chain(state: Lowering, node: Node) -> ir.Var:
    """The awaited value of a whole chain of steps."""
    steps: list[_Step] = []
    while node.type == "call_expression" and is_step(state, node):
        function, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or listed is None:
            break
        function = unwrap(function)
        name, target = function.child_by_field_name("property"), function.child_by_field_name("object")
        if name is None or target is None:
            break
        steps.append(_Step(state.text(name), _callbacks(listed), node))
        node = unwrap(target)
    return _lower(state, node, steps[::-1])


def _lower(state: Lowering, base: Node, steps: list[_Step]) -> ir.Var:
    if not steps:
        promise = state.expression(state, base)
        value = state.temporary()
        state.emit(ir.Await(value, promise, state.span(base)))
        return value
    step, before, at = steps[-1], steps[:-1], state.span(steps[-1].node)
    if len(steps) > 40:
        state.problem(step.node, "the promise chain is too long to be analysed", matters=True)
        return state.none(step.node)
    first = step.callbacks[0]
    if step.name == "then" and len(step.callbacks) == 1:
        value = _lower(state, base, before)
        return _settled(state, first, value, step.node)
    result = state.temporary()
    if step.name == "finally":
        body = state.apart(lambda: state.emit(ir.Copy(result, _lower(state, base, before), at)))
        final = state.apart(lambda: _discard(state, first, step.node))
        state.emit(ir.Try(body, (), (), final, at))
        return result
    _guarded(state, base, before, step, result)
    return result


def _discard(state: Lowering, callback: Node, node: Node) -> None:
    _settled(state, callback, None, node)


def _guarded(state: Lowering, base: Node, before: list[_Step], step: _Step, result: ir.Var) -> None:
    """`.catch(g)` and `.then(f, g)`."""
    at = state.span(step.node)
    settled = state.temporary()
    body = state.apart(lambda: state.emit(ir.Copy(settled, _lower(state, base, before), at)))

    def fulfilled() -> None:
        value = settled
        if step.name == "then":
            value = _settled(state, step.callbacks[0], settled, step.node)
        state.emit(ir.Copy(result, value, at))

    orelse = state.apart(fulfilled)
    error = state.temporary()
    handler_at = state.span(step.callbacks[-1])

    def rejected() -> None:
        state.emit(ir.Copy(result, _settled(state, step.callbacks[-1], error, step.node), at))

    caught = (ir.Handler((), error, state.apart(rejected), handler_at),)
    state.emit(ir.Try(body, caught, orelse, (), at))


def _settled(state: Lowering, callback: Node, value: ir.Var | None, node: Node) -> ir.Var:
    """Run a callback with the settled value; its result is awaited."""
    given = (value,) if value is not None else ()
    match callback.type:
        case "null" | "undefined":
            return value if value is not None else state.none(node)
        case _ if callback.type in FUNCTIONS and not functions.is_generator(callback):
            result, promise = inline(state, callback, given)
            return _awaited(state, result, promise) if promise is not None else result
        case _:
            return _awaited(state, _call_reference(state, callback, given, node), state.span(callback))


def _awaited(state: Lowering, result: ir.Var, at: ir.SpanPair) -> ir.Var:
    dst = state.temporary()
    state.emit(ir.Await(dst, result, at))
    return dst


def _call_reference(state: Lowering, callback: Node, given: tuple[ir.Var, ...], node: Node) -> ir.Var:
    if callback.type == "identifier":
        binding = state.scope.find(state.text(callback))
        if binding is not None and binding.settles is not None:
            target = state.value(Binding(binding.settles, binding.writer), node)
            state.emit(ir.Copy(target, given[0] if given else state.none(node), state.span(callback)))
            return state.none(node)
    callback = _unbound(state, callback)
    made = calls.callee(state, callback, callback)
    dst = state.temporary()
    state.emit(calls.finished(made, dst, given))
    return dst


def _unbound(state: Lowering, callback: Node) -> Node:
    """`f.bind(x)` is called as `f`."""
    if callback.type == "call_expression":
        function = callback.child_by_field_name("function")
        if function is not None and function.type == "member_expression":
            name, target = function.child_by_field_name("property"), function.child_by_field_name("object")
            if name is not None and target is not None and state.text(name) == "bind":
                return unwrap(target)
    return callback


def inline(
    state: Lowering, callback: Node, given: tuple[ir.Var, ...], settles: ir.Var | None = None
) -> tuple[ir.Var, ir.SpanPair | None]:
    """The body of a function literal, run here: `return` leaves a Block with the value.

    ``settles``: the promise's value that calling the first parameter sets. Returns the value, and where it is
    returned if it may be a promise.
    """
    result, label, at = state.temporary(), state.label("callback"), state.span(callback)
    state.emit(ir.Const(result, "none", None, at))

    def write() -> None:
        if callback.type != "arrow_function":
            state.scope.names["this"] = Binding(state.none(callback), state.writer)
        functions.bind_arguments(state, callback, given)
        first = functions.parameter_nodes(callback)[:1] if settles else []
        if first and (binding := state.scope.names.get(state.text(functions.pattern_of(first[0])))):
            binding.settles = settles
        functions.body(state, callback)

    outer = state.writer.jumps
    state.writer.jumps = []
    target = Target(result, label)
    state.writer.returns.append(target)
    inner = state.apart(lambda: state.scoped(write, function=True))
    state.writer.returns.pop()
    state.writer.jumps = outer
    state.emit(ir.Block(label, inner))
    return result, target.promise


def executor(node: Node) -> Node | None:
    """The function literal of `new Promise((resolve, reject) => ...)`."""
    listed = node.child_by_field_name("arguments")
    given = _callbacks(listed) if listed is not None and listed.type == "arguments" else ()
    return given[0] if len(given) == 1 and given[0].type in FUNCTIONS else None


def promised(state: Lowering, node: Node, function: Node) -> ir.Var:
    """`new Promise(executor)`: the executor runs here; `resolve(x)` sets the promise's value."""
    at = state.span(node)
    value = state.temporary()
    state.emit(ir.Const(value, "none", None, at))
    resolve = state.global_("Promise.resolve", node)
    reject = state.global_("Promise.reject", node)
    inline(state, function, (resolve, reject), settles=value)
    return value


def settle(state: Lowering, node: Node, binding: Binding) -> ir.Var:
    """`resolve(x)`: the promise's value is x; nothing ends."""
    values, _, _ = calls.arguments(state, node)
    held = Binding(binding.settles or "", binding.writer)
    target = state.value(held, node)
    state.emit(ir.Copy(target, values[0] if values else state.none(node), state.span(node)))
    return state.none(node)
