"""Copies closures into the function that runs them, so that their flow is solved as part of it.

Names are unique within a function tree, so a closure's body can stand at its call as it is: parameters are bound by
copies, `return` becomes leaving a block. Inlined are local functions called by name, functions called where they
are written, the executor of `new Promise`, and the callbacks of callback-style drivers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from pgconnlint.program import ir
from pgconnlint.program.walking import Statements, walk

if TYPE_CHECKING:
    from pgconnlint.program.link import Linked
    from pgconnlint.program.types import FunctionId

_DEPTH = 5
_SIZE = 4000


@dataclass(slots=True)
class _Inliner:
    linked: Linked
    path: str
    id: FunctionId
    closures: dict[ir.Var, str]
    stack: tuple[str, ...] = ()
    size: int = 0
    labels: int = 0
    taken: dict[str, int] = field(default_factory=dict)  # closure id -> how often it was inlined


def inlined(linked: Linked, function_id: FunctionId) -> tuple[Statements, frozenset[str]]:
    """The body with closures copied in, and the ids of closures which need no analysis of their own any more."""
    function = linked.functions[function_id]
    tree = linked.tree(function_id)
    root = linked.inference.root
    closures = linked.closures.get(tree.id)
    if closures is None:
        here = {one.id for one in tree.functions if root[function_id[0], one.id] == tree.id}
        closures = {var: name for var, name in _closures(tree.statements).items() if name in here}
        linked.closures[tree.id] = closures
    if not closures:
        return function.body, frozenset()
    inliner = _Inliner(linked, function_id[0], function_id, closures, (function.id,))
    body = _sequence(inliner, function.body)
    used = _references(closures, tree.statements)
    swallowed = frozenset(name for name, count in inliner.taken.items() if count >= used.get(name, 0))
    return body, swallowed


def _closures(statements: list[tuple[str, ir.Statement]]) -> dict[ir.Var, str]:
    """Variables that hold one closure and nothing else, also through copies."""
    found: dict[ir.Var, str | None] = {}
    for _, statement in statements:
        match statement:
            case ir.Closure(dst=dst, function=name):
                found[dst] = name if dst not in found else None
            case ir.Copy(dst=dst, src=src) if src in found:
                found[dst] = found[src] if dst not in found else None
            case ir.Call(dst=dst) | ir.Await(dst=dst) | ir.Const(dst=dst) | ir.Load(dst=dst) | ir.Copy(dst=dst):
                if dst in found:
                    found[dst] = None
    return {var: name for var, name in found.items() if name is not None}


def _references(closures: dict[ir.Var, str], statements: list[tuple[str, ir.Statement]]) -> dict[str, int]:
    """How often each closure is mentioned other than by making or copying it."""
    counts: dict[str, int] = {}
    from pgconnlint.program.walking import uses

    for _, statement in statements:
        if isinstance(statement, ir.Copy):
            continue
        for var in uses(statement):
            if var in closures:
                counts[closures[var]] = counts.get(closures[var], 0) + 1
    return counts


def _sequence(inliner: _Inliner, statements: Statements) -> Statements:
    result: list[ir.Statement] = []
    for statement in statements:
        result.extend(_statement(inliner, statement))
    return tuple(result)


def _statement(inliner: _Inliner, statement: ir.Statement) -> Statements:
    match statement:
        case ir.Call():
            return _call(inliner, statement)
        case ir.If():
            return (
                msgspec.structs.replace(
                    statement,
                    then=_sequence(inliner, statement.then),
                    orelse=_sequence(inliner, statement.orelse),
                ),
            )
        case ir.Loop():
            return (
                msgspec.structs.replace(
                    statement,
                    head=_sequence(inliner, statement.head),
                    body=_sequence(inliner, statement.body),
                    step=_sequence(inliner, statement.step),
                    orelse=_sequence(inliner, statement.orelse),
                ),
            )
        case ir.Try():
            handlers = tuple(
                msgspec.structs.replace(one, body=_sequence(inliner, one.body)) for one in statement.handlers
            )
            return (
                msgspec.structs.replace(
                    statement,
                    body=_sequence(inliner, statement.body),
                    handlers=handlers,
                    orelse=_sequence(inliner, statement.orelse),
                    final=_sequence(inliner, statement.final),
                ),
            )
        case ir.With() | ir.Block():
            return (msgspec.structs.replace(statement, body=_sequence(inliner, statement.body)),)
    return (statement,)


def _call(inliner: _Inliner, call: ir.Call) -> Statements:
    if call.func is not None and call.func in inliner.closures:
        return _direct(inliner, call, inliner.closures[call.func])
    if not call.args:
        return (call,)
    last = inliner.closures.get(call.args[-1])
    first = inliner.closures.get(call.args[0])
    if last is None and first is None:
        return (call,)
    if call.new and first is not None and _is_promise(inliner, call):
        return (call, *_body(inliner, first, (), call, later=False))
    if last is not None:
        return _callback(inliner, call, last)
    return (call,)


def _is_promise(inliner: _Inliner, call: ir.Call) -> bool:
    return any(callee.path == "Promise" for callee in inliner.linked.callees(inliner.id, call))


def _direct(inliner: _Inliner, call: ir.Call, name: str) -> Statements:
    function = inliner.linked.functions.get((inliner.path, name))
    if function is None or function.is_generator or function.decorators:
        return (call,)
    body = _body(inliner, name, call.args, call, later=False)
    if not body:
        return (call,)
    return body


def _callback(inliner: _Inliner, call: ir.Call, name: str) -> Statements:
    """A callback-style driver call: `pool.connect((err, client, done) => ...)`, `client.query(sql, (err) => ...)`."""
    linked, key = inliner.linked, inliner.id
    callees = [one for one in linked.callees(key, call) if one.operation is not None]
    if linked.modules[inliner.path].language != "javascript" or not callees or callees[0].kind is None:
        return (call,)
    operation = callees[0].operation
    if operation is None or operation.callback is not None or (not operation.awaited and operation.releases != "self"):
        return (call,)
    function = linked.functions.get((inliner.path, name))
    if function is None or len(function.parameters) > 3:
        return (call,)
    if operation.node_callback and operation.acquires:
        return (call,)  # the callback is an acquisition site of its own
    body = _body(inliner, name, (), call, later=True)
    errors = next((one.name for one in function.parameters if one.kind == "positional"), None)
    if operation.opens and errors is not None and body:  # with an error it has not connected: nothing to give back
        body = (ir.Const(errors, "none", None, call.at), *body)
    return (msgspec.structs.replace(call, args=call.args[:-1]), *body) if body else (call,)


def _label(inliner: _Inliner, word: str) -> str:
    inliner.labels += 1
    return f"{word}#{inliner.labels}"


def _body(
    inliner: _Inliner, name: str, args: tuple[ir.Var, ...], call: ir.Call, *, later: bool
) -> tuple[ir.Statement, ...]:
    """The closure's body as statements; empty when it cannot be copied in.

    ``later``: it runs as a callback of its own, where an exception ends the process instead of reaching the caller.
    """
    function = inliner.linked.functions.get((inliner.path, name))
    if function is None or function.is_generator or name in inliner.stack or len(inliner.stack) > _DEPTH:
        return ()
    inliner.size += sum(1 for _ in walk(function.body))
    if inliner.size > _SIZE:
        return ()
    inliner.taken[name] = inliner.taken.get(name, 0) + 1
    label = _label(inliner, name)
    inner = replace(inliner, stack=(*inliner.stack, name))
    statements = _sequence(inner, function.body)
    inliner.size, inliner.labels = inner.size, inner.labels
    block = ir.Block(label, tuple(one for part in statements for one in _leaving(part, label, call.dst)))
    if later:
        handler = ir.Handler((), None, (ir.Exit(call.at),), call.at)
        return (ir.Try((block,), (handler,), (), (), call.at),)
    positional = [one for one in function.parameters if one.kind == "positional"]
    binds: list[ir.Statement] = []
    for index, parameter in enumerate(positional):
        if index < len(args):
            binds.append(ir.Copy(parameter.name, args[index], call.at))
        elif args and parameter.has_default is False:
            binds.append(ir.Const(parameter.name, "none", None, call.at))
    return (*binds, ir.Const(call.dst, "other", None, call.at), block)


def _leaving(statement: ir.Statement, label: str, dst: ir.Var) -> Statements:
    """`return x` of an inlined body: the call's result, and leaving the block."""

    def each(statements: Statements) -> Statements:
        return tuple(one for part in statements for one in _leaving(part, label, dst))

    match statement:
        case ir.Return(value=value, at=at):
            given = (ir.Copy(dst, value, at) if value is not None else ir.Const(dst, "none", None, at),)
            return (*given, ir.Break(label, at))
        case ir.If():
            return (msgspec.structs.replace(statement, then=each(statement.then), orelse=each(statement.orelse)),)
        case ir.Loop():
            return (
                msgspec.structs.replace(
                    statement,
                    head=each(statement.head),
                    body=each(statement.body),
                    step=each(statement.step),
                    orelse=each(statement.orelse),
                ),
            )
        case ir.Try():
            handlers = tuple(msgspec.structs.replace(one, body=each(one.body)) for one in statement.handlers)
            return (
                msgspec.structs.replace(
                    statement,
                    body=each(statement.body),
                    handlers=handlers,
                    orelse=each(statement.orelse),
                    final=each(statement.final),
                ),
            )
        case ir.With() | ir.Block():
            return (msgspec.structs.replace(statement, body=each(statement.body)),)
    return (statement,)
