"""Values made once and kept: lru_cache, `if pool is None: pool = make()`, `globalThis.pool ??= new Pool()`, maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import defines, uses, walk

_CACHES = frozenset(
    {"lru_cache", "cache", "cached_property", "cached", "alru_cache", "cache_resource", "singleton", "memoize", "once",
     "experimental_singleton", "Singleton", "async_lru_cache", "asyncstdlib.lru_cache", "threaded_cached_property"}
)  # fmt: skip
_CACHING_CALLS = frozenset(
    {"once", "memoize", "memoizeOne", "singleton", "remember", "lazy", "lazyInit", "globalSingleton"}
)
_LOOKUPS = frozenset({"get", "has", "setdefault", "hasOwnProperty"})


@dataclass(slots=True)
class Memo:
    """Looks for guards; one per analysis, results are kept."""

    linked: Linked
    constants: Constants
    _tests: dict[FunctionId, frozenset[str]] = field(default_factory=dict)
    _handed: frozenset[FunctionId] | None = None
    _moves: dict[FunctionId, tuple[ir.Statement, ...]] = field(default_factory=dict)
    _writes: dict[FunctionId, list[tuple[frozenset[int], str]]] = field(default_factory=dict)

    def cached(self, function: FunctionId) -> bool:
        """Whether the function as a whole runs once: a caching decorator, or handed to `once(...)`."""
        one = self.linked.functions.get(function)
        if one is None:
            return False
        if any(decorator.path.rpartition(".")[2] in _CACHES for decorator in one.decorators):
            return True
        return function in self._handed_to_caches()

    def _handed_to_caches(self) -> frozenset[FunctionId]:
        if self._handed is None:
            found: set[FunctionId] = set()
            for owner in self.linked.functions:
                for call in self.linked.calls(owner):
                    if not call.args:
                        continue
                    name = (self.constants.path(owner, call.func) or "") if call.func else call.method or ""
                    if name.rpartition(".")[2].rpartition(":")[2] in _CACHING_CALLS:
                        for arg in call.args:
                            found |= {(t[1], t[2]) for t in self.linked.types(owner, arg) if t[0] == "function"}
            self._handed = frozenset(found)
        return self._handed

    def kept(self, function: FunctionId, call: ir.Call) -> str | None:
        """The place a call's result is kept at and looked for first ("pool", "globalThis.prisma"), or None."""
        tested = self._tested(function)
        if not tested:
            return None
        for place in self.places(function, call.dst):
            if place in tested:
                return place
        return self._guarding(function, call) or self._keeping(function, call, tested)

    def _keeping(self, function: FunctionId, call: ir.Call, tested: frozenset[str]) -> str | None:
        """`if self.conn is None: self.connect()`: the method keeps the result where its caller looks first."""
        if call.receiver is not None and not self._is_self(function, call.receiver):
            return None
        for callee in self.linked.callees(function, call):
            other = callee.function
            if other is None or other[0] != function[0] or other == function:
                continue
            stores = (one for one in self.linked.statements(other) if isinstance(one, ir.Store))
            for place in (self._place(other, one.obj, one.field) for one in stores):
                if place in tested and not place.startswith("%"):
                    return place
        return None

    def _is_self(self, function: FunctionId, var: ir.Var) -> bool:
        return any(one.kind == "self" and one.name == var for one in self.linked.functions[function].parameters)

    def places(self, function: FunctionId, var: ir.Var) -> list[str]:
        """Where a value ends up: module variables, fields, containers, captured variables."""
        body = self.linked.functions[function]
        names, found = {var}, []
        for statement in self._moving(function):
            match statement:
                case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in names:
                    names.add(dst)
                    if dst in body.captures:
                        found.append(dst)
                case ir.Store(obj=obj, field=name, src=src) if src in names:
                    found.append(self._place(function, obj, name))
                case ir.Call(receiver=receiver, method="set" | "setdefault", args=args) if (
                    args and args[-1] in names and receiver is not None
                ):
                    found.append(f"{self._named(function, receiver)}[]")
                case ir.Call(args=args, dst=dst) if statement.new is False and any(arg in names for arg in args):
                    if statement.func is not None and len(args) == 1:
                        names.add(dst)  # wrappers: Object.freeze(new Pool()), drizzle(pool)
        return found

    def _moving(self, function: FunctionId) -> tuple[ir.Statement, ...]:
        """The statements that can bring a value somewhere else."""
        found = self._moves.get(function)
        if found is None:
            kinds = (ir.Copy, ir.Await, ir.Store, ir.Call)
            moves = (one for one in self.linked.statements(function) if isinstance(one, kinds))
            found = self._moves[function] = tuple(one for one in moves if not isinstance(one, ir.Call) or one.args)
        return found

    def _place(self, function: FunctionId, obj: ir.Var, name: str) -> str:
        owner = self._named(function, obj)
        if owner == ir.MODULE:
            return name
        return f"{owner}[]" if name == "[]" else f"{owner}.{name.strip('[]').strip(chr(39))}"

    def _named(self, function: FunctionId, var: ir.Var) -> str:
        return self.constants.path(function, var) or var

    def _tested(self, function: FunctionId) -> frozenset[str]:
        """The places whose value some branch of the function asks for."""
        found = self._tests.get(function)
        if found is None:
            found = self._tests[function] = frozenset(self._look(function))
        return found

    def _look(self, function: FunctionId) -> set[str]:
        body = self.linked.functions[function]
        read: dict[ir.Var, set[str]] = {name: {name} for name in body.captures}
        tested: set[str] = set()
        for statement in self.linked.statements(function):
            places = {place for var in uses(statement) for place in read.get(var, ())}
            match statement:
                case ir.Global(dst=dst, path=path):
                    read.setdefault(dst, set()).add(path)
                    continue
                case ir.Load(dst=dst, obj=obj, field=name):
                    read.setdefault(dst, set()).update({self._place(function, obj, name), *places})
                    continue
                case ir.Call(receiver=receiver, method=method, dst=dst) if receiver and method in _LOOKUPS:
                    read.setdefault(dst, set()).add(f"{self._named(function, receiver)}[]")
                case ir.Call(func=str() as callee, args=args, dst=dst) if len(args) > 1 and (
                    self.constants.path(function, callee) in ("hasattr", "getattr")
                ):
                    key = self.constants.value(function, args[1])
                    if key is not None and isinstance(key.value, str):
                        read.setdefault(dst, set()).add(f"{self._named(function, args[0])}.{key.value}")
                case ir.Compute(op="in" | "not in", args=args, dst=dst) if len(args) == 2:
                    owner, key = self._named(function, args[1]), self.constants.value(function, args[0])
                    read.setdefault(dst, set()).add(f"{owner}[]")
                    if key is not None and isinstance(key.value, str):  # `"db" in st.session_state`, `"db" in g`
                        read[dst].add(f"{owner}.{key.value}")
                case ir.If(test=ir.Test(var=str() as var)):
                    tested |= read.get(var, set())
                case ir.Try(handlers=handlers) if any("KeyError" in handler.types for handler in handlers):
                    for inner in walk(statement.body):
                        if isinstance(inner, ir.Load) and inner.field == "[]":
                            tested.add(self._place(function, inner.obj, "[]"))
                case _:
                    pass
            dst_ = defines(statement)
            if dst_ is not None and places:
                read.setdefault(dst_, set()).update(places)
        return tested

    def _guarding(self, function: FunctionId, call: ir.Call) -> str | None:
        """A branch that holds the call, asks for a place and writes it: `if cls._instance is None: ...`."""
        written = self._writes.get(function)
        if written is None:
            written = self._writes[function] = list(self._writing(function))
        return next((place for calls, place in written if id(call) in calls), None)

    def _writing(self, function: FunctionId) -> Iterator[tuple[frozenset[int], str]]:
        """The calls (by identity) in each branch that writes a place the function asks for, and that place."""
        tested = self._tested(function)
        for statement in self.linked.statements(function):
            if not isinstance(statement, ir.If):
                continue
            for branch in (statement.then, statement.orelse):
                inside = list(walk(branch))
                stores = (self._place(function, one.obj, one.field) for one in inside if isinstance(one, ir.Store))
                place = next((one for one in stores if one in tested and not one.startswith("%")), None)
                if place is not None:
                    yield frozenset(id(one) for one in inside if isinstance(one, ir.Call)), place
