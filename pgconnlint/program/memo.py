"""Values made once and kept: lru_cache, `if pool is None: pool = make()`, `globalThis.pool ??= new Pool()`, maps."""

from __future__ import annotations

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
            for owner, function in self.linked.functions.items():
                for call in walk(function.body):
                    if not isinstance(call, ir.Call):
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
        return self._guarding(function, call)

    def places(self, function: FunctionId, var: ir.Var) -> list[str]:
        """Where a value ends up: module variables, fields, containers, captured variables."""
        body = self.linked.functions[function]
        names, found = {var}, []
        for statement in walk(body.body):
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
        for statement in walk(body.body):
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
                    read.setdefault(dst, set()).add(f"{self._named(function, args[1])}[]")
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
        tested = self._tested(function)
        if not tested:
            return None
        for statement in walk(self.linked.functions[function].body):
            if not isinstance(statement, ir.If | ir.Block):
                continue
            branches = (statement.then, statement.orelse) if isinstance(statement, ir.If) else ()
            for branch in branches:
                inside = list(walk(branch))
                if call not in inside:
                    continue
                for one in inside:
                    if isinstance(one, ir.Store):
                        place = self._place(function, one.obj, one.field)
                        if place in tested and not place.startswith("%"):
                            return place
        return None
