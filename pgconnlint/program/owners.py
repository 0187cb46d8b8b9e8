"""Objects of the project that own a connection: `Database()` takes one in its constructor and has a `close()`.

Making such an object takes the connection, its `close()` gives it back, leaving `with` does what its `__exit__` does.
A class counts when it stores what it just acquired in a field of its own and has a method that gives the field
back: whoever wrote that method meant it to be called. It counts too when its `__enter__` takes a connection every time
and its `__exit__` is there and forgets it. Classes that end their connection in `__del__`, exist once, or
that a framework derives from are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pgconnlint.program import ir
from pgconnlint.program.drivers import Tables
from pgconnlint.program.drivers.row import Again, Kind, Leaving, Operation
from pgconnlint.program.inference import Inference, Tree
from pgconnlint.program.safety import sounds_releasing
from pgconnlint.program.types import ClassId
from pgconnlint.program.walking import walk

_PLAIN_BASES = ("object", "abc.ABC", "ABC", "typing.Protocol", "typing.Generic", "contextlib.AbstractContextManager")
_SINGLE = re.compile(r"singleton|_instances?$", re.IGNORECASE)
_DEEPEST = 4
_MAKING = ("__init__", "constructor")
_ENTERS = ("__enter__", "__aenter__")
_EXITS = frozenset({"__exit__", "__aexit__", "[Symbol.dispose]", "[Symbol.asyncDispose]"})


@dataclass(slots=True)
class _Method:
    """What one method does with the fields that hold connections."""

    function: ir.Function
    opens: set[str] = field(default_factory=set)  # fields it stores a new connection in
    closes: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)  # commits
    gives: bool = False  # returns the connection, or the object
    keeps: bool = False  # hands the object's own methods to something that will call them
    calls: set[str] = field(default_factory=set)  # own methods


def with_owners(tables: Tables, inference: Inference) -> tuple[Tables, dict[ClassId, str]]:
    """The tables with a kind for every class that owns a connection, and the kinds of these classes."""
    storing = _storing(tables, inference)
    found: dict[ClassId, Kind] = {}
    if storing:
        for path, names in sorted(inference.names.files.items()):
            for name in sorted(names.classes):
                kind = _kind(tables, inference, (path, name), storing)
                if kind is not None:
                    found[path, name] = kind
    if not found:
        return tables, {}
    methods = {(kind.id, one.name): one for kind in found.values() for one in kind.methods}
    kinds = {**tables.kinds, **{kind.id: kind for kind in found.values()}}
    extended = replace(tables, kinds=kinds, methods={**tables.methods, **methods})
    return extended, {owner: kind.id for owner, kind in found.items()}


def _storing(tables: Tables, inference: Inference) -> dict[ClassId, set[str]]:
    """Classes with fields that may hold a connection."""
    found: dict[ClassId, set[str]] = {}
    for key, types in inference.facts.items():
        if key[0] == "field":
            kinds = [tables.kinds.get(one[1]) for one in types if one[0] == "kind"]
            if any(kind is not None and _is_taken(kind) for kind in kinds):
                found.setdefault((key[1], key[2]), set()).add(key[3])
    return found


def _is_taken(kind: Kind) -> bool:
    """Node's programs keep a client of their own as long as they run: only what comes from a pool must go back."""
    lent = kind.pooled or kind.language == "python"
    return kind.resource and bool(kind.release) and not kind.pool and lent


def _kind(tables: Tables, inference: Inference, owner: ClassId, storing: Mapping[ClassId, set[str]]) -> Kind | None:
    lineage = inference.lineage(owner)
    fields = {name for path, one, _ in lineage for name in storing.get((path, one), ())}
    if not fields or any(external for _, _, external in lineage) or not _is_ours(inference, lineage):
        return None
    methods, inner = _methods(tables, inference, lineage, fields)
    if inner is None or "__new__" in methods or any(one.keeps for one in methods.values()):
        return None
    kept = {name for one in methods.values() for name in one.opens}
    closing = {name for name, one in methods.items() if one.closes & kept}
    exits = _EXITS & set(methods)
    forgets = bool(exits) and not closing and _opens_anew(methods)
    if "__del__" in closing or not (closing - set(_MAKING) or forgets):
        return None
    made = any(bool(methods[name].opens) for name in _MAKING if name in methods)
    lazy = inner.lazy == "use"  # a commit gives back what a session holds, and nothing else
    others = sorted(set(methods) - set(_MAKING))
    operations = tuple(_operation(name, methods[name], closing, lazy) for name in others)
    if not made and not any(one.opens for one in operations):
        return None
    leaving = Leaving.UNSUPPORTED if not exits or forgets else Leaving.CLOSES if exits & closing else Leaving.KEEPS
    idiom = next((name for name in ("close", "disconnect", *sorted(closing)) if name in closing), "__exit__")
    awaited = "await " if idiom in methods and methods[idiom].function.is_async else ""
    return replace(
        inner,
        id=f"{inner.id.partition('.')[0]}.object:{owner[0]}:{owner[1]}",
        names=(),
        methods=(*operations, *(one for one in inner.methods if one.releases and one.name not in methods)),
        release=_forgotten(inner, kept, owner[1], exits) if forgets else _idiom(idiom, awaited),
        leaving=leaving,
        again=Again.HARMLESS,
        usable_after=True,
        lazy=inner.lazy if made else "connect",
        fields=dict.fromkeys(sorted(kept), inner.id),
        extends="",
    )


def _idiom(method: str, awaited: str) -> str:
    """How users give the object back: by a method, or by `with`."""
    return f"{awaited}{{value}}.{method}()" if not method.startswith(("__", "[")) else "with {value}: ..."


def _forgotten(inner: Kind, kept: set[str], owner: str, exits: frozenset[str]) -> str:
    """What is missing, and where: "self.conn.close()` in `Store.__exit__"."""
    given = inner.release.replace("{value}", f"self.{min(kept)}").replace("{owner}", "pool")
    return f"{given}` in `{owner}.{min(exits)}"


def _opens_anew(methods: Mapping[str, _Method]) -> bool:
    """Each `with` opens a connection, and the `__exit__` that should close it does not."""
    entering = [one for name, one in methods.items() if name in _ENTERS]
    others = [one for name, one in methods.items() if name not in _ENTERS]
    return "__del__" not in methods and any(one.opens for one in entering) and not any(one.gives for one in others)


def _is_ours(inference: Inference, lineage: list[tuple[str, str, str]]) -> bool:
    """All bases are classes of this project, nothing decorates it, and it does not exist once by design."""
    for path, one, _ in lineage:
        made = inference.names.files[path].classes[one]
        if made.decorators or _SINGLE.search(one):
            return False
        for base in made.bases:
            if base not in _PLAIN_BASES and not any(each[0] == "class" for each in inference.names.resolve(path, base)):
                return False
    return True


def _methods(
    tables: Tables, inference: Inference, lineage: list[tuple[str, str, str]], fields: set[str]
) -> tuple[dict[str, _Method], Kind | None]:
    found: dict[str, _Method] = {}
    inner: Kind | None = None
    for path, one, _ in lineage:
        names = inference.names.files[path]
        for method in names.classes[one].methods:
            function = names.functions.get(method)
            if function is None or function.name in found or function.static:
                continue
            found[function.name], kind = _read(tables, inference, path, function, fields)
            inner = inner or kind
    for _ in range(_DEEPEST):  # what a method calls, it does
        for each in found.values():
            for name in sorted(each.calls & set(found)):
                each.opens |= found[name].opens
                each.closes |= found[name].closes
                each.ends |= found[name].ends
    return found, inner


def _read(
    tables: Tables, inference: Inference, path: str, function: ir.Function, fields: set[str]
) -> tuple[_Method, Kind | None]:
    own = next((one.name for one in function.parameters if one.kind == "self"), None)
    found, inner = _Method(function), None
    tree = inference.trees[inference.root[path, function.id]]
    body = [one for _, one in tree.statements]
    definitions = {dst: one for one in body if (dst := getattr(one, "dst", None)) is not None}
    loaded = {one.dst: one.field for one in body if isinstance(one, ir.Load) and one.obj == own}
    for one in body:
        if isinstance(one, ir.Copy | ir.Await) and one.src in loaded:
            loaded[one.dst] = loaded[one.src]
    held = {dst: name for dst, name in loaded.items() if name in fields}
    for one in body:
        match one:
            case ir.Store(obj=obj, field=name, src=src) if obj == own and name in fields:
                kind = taken(tables, inference, tree, definitions, src)
                if kind is not None:
                    found.opens.add(name)
                    inner = kind
            case ir.Store(src=src) | ir.Yield(src=str() as src) if src in held or src == own:
                found.keeps = found.keeps or src == own
            case ir.Return(value=str() as value):
                found.gives = found.gives or value in held or value == own
            case ir.Call():
                _called(tables, one, own, held, found, python=path.endswith(".py"))
    methods = {var for var, name in loaded.items() if name not in fields and sounds_releasing(name)}
    found.keeps = found.keeps or any(isinstance(one, ir.Call) and methods & {*one.args} for one in body)
    return found, inner


def _called(
    tables: Tables, call: ir.Call, own: ir.Var | None, held: Mapping[ir.Var, str], found: _Method, *, python: bool
) -> None:
    name = call.method or ""
    given = {held[var] for var in call.args if var in held}
    if call.receiver is not None and call.receiver == own:
        found.calls.add(name)
    elif call.receiver in held and call.receiver is not None:
        if python and name in ("commit", "rollback"):
            found.ends.add(held[call.receiver])
        elif name in tables.releasing or sounds_releasing(name) or name == "terminate" or name in _EXITS:
            found.closes.add(held[call.receiver])
    if given and (sounds_releasing(name) or name in tables.releasing or call.func is not None):
        found.closes |= given
    found.keeps = found.keeps or (own is not None and own in call.args and name in ("append", "add", "register"))


def taken(
    tables: Tables, inference: Inference, tree: Tree, definitions: Mapping[ir.Var, ir.Statement], var: ir.Var
) -> Kind | None:
    """The kind of what a call gives that takes a connection: of the library, or of a function that does no more."""
    for _ in range(_DEEPEST):
        match definitions.get(var):
            case ir.Copy(src=src) | ir.Await(src=src):
                var = src
            case ir.Call() as call:
                return next(_given(tables, inference, tree, call, 0), None)
            case _:
                return None
    return None


def _given(tables: Tables, inference: Inference, tree: Tree, call: ir.Call, depth: int) -> Iterator[Kind]:
    for target in sorted(inference.targets(tree, call)):
        operation = inference.operation(target)
        if operation is not None:
            kind = tables.kinds.get(operation[1].returns or "")
            if operation[1].acquires and not operation[1].on_self and kind is not None and kind.resource:
                yield kind
        elif target[0] == "function" and depth < 2:
            body = inference.bodies.get((target[1], target[2]), ())
            function = inference.functions.get((target[1], target[2]))
            if function is None or function.is_generator or any(isinstance(one, ir.Store) for one in body):
                continue
            if any(isinstance(one, ir.Return) and one.value is not None for one in body):
                inside = inference.trees[inference.root[target[1], target[2]]]
                for one in body:
                    if isinstance(one, ir.Call):
                        yield from _given(tables, inference, inside, one, depth + 1)


def _operation(name: str, method: _Method, closing: set[str], lazy: bool) -> Operation:
    if name in closing:
        return Operation(name, releases="self", safe=True)
    if method.opens:
        return Operation(name, opens=True, returns="self" if method.gives else None)
    given = "self" if method.gives else None
    return Operation(name, ends=bool(method.ends) and lazy, returns=given, safe=is_quiet(method.function))


def is_quiet(function: ir.Function) -> bool:
    """Whatever it calls, it catches what that raises."""
    for one in function.body:
        match one:
            case ir.Try(handlers=handlers):
                caught = any(not handler.types for handler in handlers)
                if not caught or any(isinstance(each, ir.Raise) for part in handlers for each in walk(part.body)):
                    return False
            case _:
                if any(isinstance(each, ir.Call | ir.Raise | ir.Await) for each in walk((one,))):
                    return False
    return True
