"""Objects that own a connection without being of a class: functions which return `{ open, query, release }`.

The connection is in a variable of the function, one of the closures in the object takes it, another gives it back.
Calling the function gives a value that is opened and released by its methods, like the objects of program.owners.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pgconnlint.program import ir
from pgconnlint.program.drivers import Tables
from pgconnlint.program.drivers.row import Again, Kind, Leaving, Operation
from pgconnlint.program.inference import Inference, Tree
from pgconnlint.program.owners import taken
from pgconnlint.program.safety import sounds_releasing
from pgconnlint.program.types import FunctionId

_DEEPEST = 4


@dataclass(slots=True)
class _Method:
    """``opens``, ``closes``: variables around the closure; ``calls``: variables with closures that it runs."""

    opens: set[ir.Var] = field(default_factory=set)
    closes: set[ir.Var] = field(default_factory=set)
    calls: set[ir.Var] = field(default_factory=set)
    inner: Kind | None = None
    is_async: bool = False


def with_closures(tables: Tables, inference: Inference) -> tuple[Tables, dict[FunctionId, str]]:
    """The tables with a kind for every function that makes such an object, and the kinds of these functions."""
    wanted = {
        ("kind", one.id)
        for one in tables.kinds.values()
        if one.language == "javascript" and one.resource and one.release and one.pooled and not one.pool
    }
    found: dict[FunctionId, Kind] = {}
    for tree in inference.trees.values():
        if len(tree.functions) > 2 and any(not wanted.isdisjoint(types) for types in tree.env.values()):
            found.update(_made(tables, inference, tree))
    if not found:
        return tables, {}
    methods = {(kind.id, one.name): one for kind in found.values() for one in kind.methods}
    kinds = {**tables.kinds, **{kind.id: kind for kind in found.values()}}
    return replace(tables, kinds=kinds, methods={**tables.methods, **methods}), {
        key: kind.id for key, kind in found.items()
    }


def _made(tables: Tables, inference: Inference, tree: Tree) -> Iterator[tuple[FunctionId, Kind]]:
    path = tree.id[0]
    for function in tree.functions:
        if function.id == ir.MODULE or function.is_generator:
            continue
        body = inference.bodies[path, function.id]
        built = _returned(body)
        if built is not None:
            kind = _kind(tables, inference, tree, function, body, built)
            if kind is not None:
                yield (path, function.id), kind


def _returned(body: tuple[ir.Statement, ...]) -> ir.Build | None:
    """The object literal that a function returns, when it returns nothing else."""
    returned = {one.value for one in body if isinstance(one, ir.Return) and one.value is not None}
    returned |= {one.src for one in body if isinstance(one, ir.Copy) and one.dst in returned}
    built = [one for one in body if isinstance(one, ir.Build) and one.dst in returned]
    return built[0] if len(built) == 1 and built[0].kind == "object" else None


def _kind(
    tables: Tables,
    inference: Inference,
    tree: Tree,
    function: ir.Function,
    body: tuple[ir.Statement, ...],
    built: ir.Build,
) -> Kind | None:
    path = tree.id[0]
    closures = {one.dst: one.function for one in body if isinstance(one, ir.Closure)}
    for one in body:
        if isinstance(one, ir.Copy) and one.src in closures:
            closures[one.dst] = closures[one.src]
    read = {var: _read(tables, inference, tree, (path, name)) for var, name in closures.items()}
    for _ in range(_DEEPEST):  # what a closure calls, it does
        for each in read.values():
            for var in sorted(each.calls & set(read)):
                each.opens |= read[var].opens
                each.closes |= read[var].closes
                each.inner = each.inner or read[var].inner
    for one in body:  # `open: logged(open)`: what a function makes of a closure runs it
        if isinstance(one, ir.Call) and one.dst not in read and len(one.args) == 1 and one.args[0] in read:
            read[one.dst] = read[one.args[0]]
    methods = {name: read[var] for name, var in built.items if var in read}
    kept = {var for one in methods.values() for var in one.opens}
    closing = sorted(name for name, one in methods.items() if one.closes & kept)
    inner = next((one.inner for _, one in sorted(methods.items()) if one.opens and one.inner is not None), None)
    if not closing or inner is None:
        return None
    idiom = next((name for name in ("release", "close") if name in closing), closing[0])
    return replace(
        inner,
        id=f"{inner.id.partition('.')[0]}.object:{path}:{function.id}",
        names=(),
        methods=tuple(_operation(name, methods[name], closing) for name in sorted(methods)),
        release=f"{'await ' if methods[idiom].is_async else ''}{{value}}.{idiom}()",
        leaving=Leaving.UNSUPPORTED,
        again=Again.HARMLESS,
        usable_after=True,
        lazy="connect",
        fields={},
        extends="",
    )


def _read(tables: Tables, inference: Inference, tree: Tree, closure: FunctionId) -> _Method:
    function, body = inference.functions[closure], inference.bodies[closure]
    found = _Method(is_async=function.is_async)
    definitions = {dst: one for one in body if (dst := getattr(one, "dst", None)) is not None}
    for one in body:
        match one:
            case ir.Copy(dst=dst, src=src) if dst in function.captures:
                kind = taken(tables, inference, tree, definitions, src)
                if kind is not None and kind.pooled:
                    found.opens.add(dst)
                    found.inner = kind
            case ir.Call(receiver=str() as receiver, method=str() as method) if receiver in function.captures:
                if method in tables.releasing or sounds_releasing(method):
                    found.closes.add(receiver)
            case ir.Call(func=str() as func):
                found.calls.add(func)
    return found


def _operation(name: str, method: _Method, closing: list[str]) -> Operation:
    if name in closing:
        return Operation(name, releases="self", safe=True)
    return Operation(name, opens=bool(method.opens))
