"""How types move: into containers and fields, into parameters, out of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgconnlint.program import ir
from pgconnlint.program.drivers.row import Operation
from pgconnlint.program.types import NOTHING, ClassId, FunctionId, Type, Types

if TYPE_CHECKING:
    from pgconnlint.program.inference import Inference, Tree


def build(inference: Inference, tree: Tree, made: ir.Build) -> None:
    if made.kind == "object" or (made.kind == "dict" and all(key for key, _ in made.items)):
        key = ("object", tree.id[0], str(made.at[0]))
        inference.bind(tree, made.dst, frozenset({key}))
        for name, var in made.items:
            if name == "...":
                inference.bind(tree, made.dst, inference.of(tree, var))
            else:
                inference.write((*key, name), inference.of(tree, var))
    elif made.kind in ("list", "tuple", "set", "dict"):
        for index, (_, var) in enumerate(made.items):
            types = inference.of(tree, var)
            inference.bind(tree, made.dst, frozenset(("item", *one) for one in types if one[0] != "item"))
            if made.kind == "tuple" and index < 8:
                key = ("object", tree.id[0], str(made.at[0]))
                inference.write((*key, f"[{index}]"), types)
                inference.bind(tree, made.dst, frozenset({key}))


def store(inference: Inference, tree: Tree, obj: ir.Var, name: str, types: Types) -> None:
    if not types:
        return
    for one in inference.of(tree, obj):
        match one:
            case ("instance", path, owner):
                inference.write(("field", path, owner, name), types)
            case ("class", path, owner):
                inference.write(("field", path, owner, name), types)
                inference.write(("variable", path, f"{owner}.{name}"), types)
            case ("object", path, offset):
                inference.write(("object", path, offset, plain(name)), types)
            case ("module", path):
                inference.write(("variable", path, name), types)
    if name.startswith("["):
        inference.bind(tree, obj, frozenset(("item", *one) for one in types if one[0] != "item"))


def result(inference: Inference, tree: Tree, call: ir.Call, target: Type) -> Types:
    found = inference.operation(target)
    if found is not None:
        kind, operation = found
        _callbacks(inference, tree, call, operation, kind or "")
        if operation.returns == "self":
            return frozenset({("kind", kind)}) if kind else NOTHING
        return frozenset({("kind", operation.returns)}) if operation.returns else NOTHING
    match target:
        case ("function", path, name):
            return _user(inference, tree, call, (path, name))
        case ("class", path, name):
            return _instance(inference, tree, call, (path, name))
    return NOTHING


def _callbacks(inference: Inference, tree: Tree, call: ir.Call, operation: Operation, kind: str) -> None:
    """Give the parameters of a function handed to a driver their kinds."""
    if operation.node_callback and call.args:
        row = inference.tables.kinds.get(operation.returns or "")
        given: list[Types] = [NOTHING, frozenset({("kind", operation.returns or "")})]
        if row is not None and inference.tables.method(row.id, "release"):
            given.append(frozenset({("bound", row.id, "release")}))
        _hand(inference, inference.of(tree, call.args[-1]), given)
        for one in inference.of(tree, call.args[-1]):
            if one[0] == "function" and operation.acquires:
                inference.callbacks[one[1], one[2]] = (tree.id[0], call, kind, operation)
    if operation.callback is not None and call.args:
        kinds: list[Types] = [frozenset({("kind", kind)}) for kind in operation.callback_kinds]
        index = operation.callback if operation.callback < len(call.args) else -1
        _hand(inference, inference.of(tree, call.args[index]), kinds)


def _hand(inference: Inference, callee: Types, given: list[Types]) -> None:
    for one in callee:
        if one[0] == "function":
            _pass(inference, (one[1], one[2]), given, ())


def _pass(
    inference: Inference, function_id: FunctionId, args: list[Types], kwargs: tuple[tuple[str, Types], ...]
) -> None:
    function = inference.functions.get(function_id)
    if function is None:
        return
    positional = [p for p in function.parameters if p.kind == "positional"]
    for parameter, types in zip(positional, args, strict=False):
        _give(inference, function_id, parameter, types)
    named = {parameter.name: parameter for parameter in function.parameters}
    for name, types in kwargs:
        if name in named:
            _give(inference, function_id, named[name], types)


def _give(inference: Inference, function_id: FunctionId, parameter: ir.Parameter, types: Types) -> None:
    declared = inference.annotated(function_id[0], parameter.annotation)
    if types and all(_is_shape(inference, one) for one in declared):
        inference.write(("parameter", *function_id, parameter.name), types)


def _is_shape(inference: Inference, declared: Type) -> bool:
    """An interface: what is given for it may be more than it says."""
    if declared[0] != "instance":
        return False
    owner = inference.names.files[declared[1]].classes.get(declared[2])
    return owner is not None and not owner.methods and not owner.bases


def _user(inference: Inference, tree: Tree, call: ir.Call, function_id: FunctionId) -> Types:
    if not call.spread:
        kwargs = tuple((name, inference.of(tree, var)) for name, var in call.kwargs)
        _pass(inference, function_id, [inference.of(tree, arg) for arg in call.args], kwargs)
    function = inference.functions.get(function_id)
    found = set(inference.read(("return", *function_id)) | inference.read(("yield", *function_id)))
    if function is not None and function.returns:
        found |= inference.annotated(function_id[0], function.returns)
    return frozenset(found)


def _instance(inference: Inference, tree: Tree, call: ir.Call, owner: ClassId) -> Types:
    found: set[Type] = {("instance", *owner)}
    for name in ("__init__", "constructor"):
        for one in inference.member(owner, name):
            if one[0] == "function":
                _user(inference, tree, call, (one[1], one[2]))
    found |= {("kind", kind) for _, _, kind in inference.lineage(owner) if kind}
    return frozenset(found)


def container(inference: Inference, tree: Tree, call: ir.Call) -> Types:
    """`xs.append(x)`, `xs.pop()`, `map.set(k, x)`, `map.get(k)`."""
    receiver = call.receiver
    if call.method in ("append", "push", "add", "set", "put", "setdefault", "unshift") and call.args:
        types = inference.of(tree, call.args[-1])
        inference.bind(tree, receiver, frozenset(("item", *one) for one in types if one[0] != "item"))
    if call.method in ("pop", "get", "shift", "popleft", "setdefault", "find", "at", "values"):
        return frozenset(tuple(one[1:]) for one in inference.of(tree, receiver) if one[0] == "item")
    return NOTHING


def plain(name: str) -> str:
    """`['key']` and `key` are the same member of an object literal."""
    return name[2:-2] if name.startswith(("['", '["')) and len(name) > 4 else name
