"""Linked: all lowered files together, with names resolved, types inferred and callees known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pgconnlint.config import Driver
from pgconnlint.program import ir
from pgconnlint.program.drivers import Tables, row_id, tables
from pgconnlint.program.drivers.row import Kind, Operation
from pgconnlint.program.guessing import guess
from pgconnlint.program.guessing_functions import guess_functions
from pgconnlint.program.guessing_kept import guess_kept
from pgconnlint.program.guessing_sessions import guess_sessions
from pgconnlint.program.inference import Inference, Tree
from pgconnlint.program.modules import Modules
from pgconnlint.program.oneshot import Callers
from pgconnlint.program.owners import with_owners
from pgconnlint.program.owning_closures import with_closures
from pgconnlint.program.shapes import Shapes
from pgconnlint.program.summaries import Effect, Summary
from pgconnlint.program.types import NOTHING, ClassId, FunctionId, Types
from pgconnlint.program.wrappers import extended, wrapped
from pgconnlint.syntax.document import Document

if TYPE_CHECKING:
    from pgconnlint.program.summarising import Solved


@dataclass(frozen=True, slots=True)
class Callee:
    """One thing a call may run.

    Exactly one of: ``operation`` with ``kind`` (None for plain functions and constructors), ``function`` (of the
    project; a constructor of the project is its `__init__`/`constructor` with ``owner``), ``owner`` alone (a class
    without a constructor), ``path`` (something of a library).
    """

    operation: Operation | None = None
    kind: str | None = None
    function: FunctionId | None = None
    owner: ClassId | None = None
    path: str = ""

    @property
    def row(self) -> str | None:
        return row_id(self.kind, self.operation) if self.operation is not None else None

    @property
    def qualified(self) -> str:
        """ "pg.Pool.connect", "psycopg2.connect", "app/db.py:get_conn", or the library's path."""
        if self.operation is not None:
            return self.row or ""
        if self.function is not None:
            return ":".join(self.function)
        return ":".join(self.owner) if self.owner is not None else self.path


@dataclass
class Linked:
    """Everything known about the source code before it is solved.

    ``modules``: path -> module; ``documents``: path -> its text; ``functions``: (path, id) -> function.
    ``summaries`` is filled while functions are solved, callees first.
    """

    modules: Mapping[str, ir.Module]
    documents: Mapping[str, Document]
    tables: Tables
    inference: Inference
    owners: Mapping[tuple[str, str], str] = field(
        default_factory=dict
    )  # classes that own a connection and functions that make such objects
    summaries: dict[FunctionId, Summary] = field(default_factory=dict)
    solved: dict[FunctionId, Solved] = field(default_factory=dict)
    effects: dict[tuple[FunctionId, str, str], Effect] = field(default_factory=dict)
    complex: dict[FunctionId, str] = field(default_factory=dict)  # functions beyond the limits, and why
    acquiring: dict[FunctionId, frozenset[str]] = field(default_factory=dict)  # by tree: functions that may acquire
    steps: int = 0  # configurations that solving took so far
    closures: dict[FunctionId, dict[ir.Var, str]] = field(default_factory=dict)  # by tree: see program.inline
    _harmless: dict[FunctionId, bool] = field(default_factory=dict)
    _risky: dict[FunctionId, bool] = field(default_factory=dict)
    _releasing: dict[FunctionId, frozenset[ir.Var]] = field(default_factory=dict)
    _callees: dict[tuple[FunctionId, int], tuple[ir.Call, tuple[Callee, ...]]] = field(default_factory=dict)
    _calls: dict[FunctionId, tuple[ir.Call, ...]] = field(default_factory=dict)

    @property
    def functions(self) -> Mapping[FunctionId, ir.Function]:
        return self.inference.functions

    def tree(self, function: FunctionId) -> Tree:
        """The function tree a function belongs to; its ``env`` holds the types of all variables in it."""
        return self.inference.trees[self.inference.root[function]]

    def types(self, function: FunctionId, var: ir.Var | None) -> Types:
        """What is known about a variable (empty: nothing)."""
        return self.inference.of(self.tree(function), var)

    def resolve(self, path: str, name: str) -> Types:
        """What the resolved name ``name`` (as in ir.Global) means in the file ``path``."""
        return self.inference.names.resolve(path, name)

    def variable(self, path: str, name: str) -> Types:
        """Types of a module-level variable."""
        return self.inference.facts.get(("variable", path, name), NOTHING)

    def field_types(self, owner: ClassId, name: str) -> Types:
        """Types of a field of a class of the project."""
        return self.inference.facts.get(("field", *owner, name), NOTHING)

    @cached_property
    def dependencies(self) -> frozenset[FunctionId]:
        """Functions injected by `Depends(...)`: frameworks throw the handler's exceptions into their `yield`."""
        found: set[FunctionId] = set()
        for (path, _), function in self.functions.items():
            for parameter in function.parameters:
                if parameter.default and "Depends(" in parameter.default:
                    name = parameter.default.partition("Depends(")[2].rstrip(") ").split(",")[0].strip()
                    found.update((one[1], one[2]) for one in self.resolve(path, name) if one[0] == "function")
        return frozenset(found)

    def summary(self, function: FunctionId) -> Summary:
        """What callers of ``function`` need to know; solved when first asked for."""
        from pgconnlint.program.summarising import summarise

        return summarise(self, function)

    def effect(self, function: FunctionId, parameter: str, kind: Kind) -> Effect:
        """What ``function`` does with a connection of this kind given as ``parameter``."""
        from pgconnlint.program.summarising import effect

        return effect(self, function, parameter, kind)

    def harmless(self, function: FunctionId) -> bool:
        """The function does nothing that fails in practice."""
        from pgconnlint.program.summarising import harmless

        found = self._harmless.get(function)
        if found is None:
            self._harmless[function] = False  # for recursion
            found = self._harmless[function] = harmless(self, function)
        return found

    def risky(self, function: FunctionId) -> bool:
        """Calling the function may well raise."""
        from pgconnlint.program.summarising import risky

        found = self._risky.get(function)
        if found is None:
            found = self._risky[function] = risky(self, function)
        return found

    def releasing(self, path: str, function: str) -> frozenset[ir.Var]:
        """Captured variables that a closure, as its text says, gives back or hands on."""
        from pgconnlint.program.summarising import releasing

        key = (path, function)
        if key not in self._releasing:
            self._releasing[key] = frozenset()
            self._releasing[key] = releasing(self, key)
        return self._releasing[key]

    def callees(self, function: FunctionId, call: ir.Call) -> tuple[Callee, ...]:
        """Everything the call may run; empty when nothing is known about it."""
        key = (self.inference.root[function], id(call))  # by identity: hashing a call costs more than the look-up
        found = self._callees.get(key)
        if found is None:
            found = self._callees[key] = (call, tuple(self._look(function, call)))
        return found[1]

    def statements(self, function: FunctionId) -> tuple[ir.Statement, ...]:
        """Every statement of a function, outer ones first, without those of the functions in it."""
        return self.inference.bodies.get(function, ())

    def calls(self, function: FunctionId) -> tuple[ir.Call, ...]:
        """The calls among them."""
        found = self._calls.get(function)
        if found is None:
            calls = tuple(one for one in self.statements(function) if isinstance(one, ir.Call))
            found = self._calls[function] = calls
        return found

    @cached_property
    def callers(self) -> Callers:
        """Who calls the functions of the project."""
        return Callers(self)

    @cached_property
    def ordered(self) -> tuple[tuple[FunctionId, ir.Function], ...]:
        """All functions, by path and position."""
        return tuple(sorted(self.functions.items(), key=lambda one: (one[0][0], one[1].extent, one[0][1])))

    def _look(self, function: FunctionId, call: ir.Call) -> Iterable[Callee]:
        for target in sorted(self.inference.targets(self.tree(function), call)):
            operation = self.inference.operation(target)
            if operation is not None:
                kind = None if target[0] in ("path", "function") else operation[0]
                yield Callee(operation=operation[1], kind=kind)
                continue
            match target:
                case ("function", path, name):
                    yield Callee(function=(path, name))
                case ("class", path, name):
                    yield from self._constructor((path, name))
                case ("path", path):
                    yield Callee(path=path)

    def _constructor(self, owner: ClassId) -> Iterable[Callee]:
        for name in ("__init__", "constructor"):
            for one in sorted(self.inference.member(owner, name)):
                if one[0] == "function":
                    yield Callee(function=(one[1], one[2]), owner=owner)
                    return
        yield Callee(owner=owner)


def link(
    modules: Mapping[str, ir.Module],
    documents: Mapping[str, Document],
    paths: Iterable[str] = (),
    packages: Mapping[str, str] | None = None,
    aliases: Iterable[tuple[str, str, str]] = (),
    drivers: Sequence[Driver] = (),
    shapes: Shapes | None = None,
) -> Linked:
    """Resolve imports and infer types.

    ``paths``: all source files, also those that were not lowered; ``drivers``: wrappers from the configuration;
    ``shapes``: what was found out about the files when they were linked before.
    """
    known = extended(tables(), drivers) if drivers else tables()
    files = Modules(modules, paths, packages, aliases)
    inference = Inference(files, known, wrapped(drivers, known, files) if drivers else {}, shapes)
    inference.run()
    guess(inference, modules)
    guess_functions(inference, modules)
    guess_kept(inference, modules)
    guess_sessions(inference, modules)
    inference.settle()
    known, owners = with_owners(known, inference)
    known, makers = with_closures(known, inference)
    return Linked(modules, documents, known, inference, {**owners, **makers})
