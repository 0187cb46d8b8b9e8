"""What linking needs of a file and nothing in other files can change: its function trees, flat, and who reads what.

Files are linked several times, as more of them are found to matter; their shapes are made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pgconnlint.program import ir
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import uses, walk

_LIVE: dict[type, Callable[[Any], bool]] = {
    ir.Global: lambda one: True,
    ir.Copy: lambda one: True,
    ir.Await: lambda one: True,
    ir.Load: lambda one: True,
    ir.Store: lambda one: True,
    ir.Build: lambda one: True,
    ir.Closure: lambda one: True,
    ir.Call: lambda one: True,
    ir.With: lambda one: True,
    ir.Yield: lambda one: one.src is not None,
    ir.Return: lambda one: one.value is not None,
    ir.If: lambda one: one.test.kind == "instance" and one.test.var is not None,
}
"""The statements that say something about types; a third to a half of a program says nothing."""


@dataclass(slots=True)
class Shape:
    """A top-level function (or method, or the module's body) with everything nested in it.

    ``statements``: (function id, statement); ``live``: indices of those that say something about types;
    ``users``: variable -> the live ones that read it. Shared by everything that links the file: not to be changed.
    """

    id: FunctionId
    functions: list[ir.Function] = field(default_factory=list)
    statements: list[tuple[str, ir.Statement]] = field(default_factory=list)
    live: list[int] = field(default_factory=list)
    users: dict[ir.Var, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Planted:
    """A module with its trees, in the order of their first functions; ``bodies``: every statement of a function."""

    module: ir.Module
    shapes: dict[FunctionId, Shape] = field(default_factory=dict)
    roots: dict[FunctionId, FunctionId] = field(default_factory=dict)
    bodies: dict[FunctionId, tuple[ir.Statement, ...]] = field(default_factory=dict)


class Shapes:
    """The shapes made so far, by path."""

    def __init__(self) -> None:
        self._made: dict[str, Planted] = {}

    def of(self, path: str, module: ir.Module) -> Planted:
        found = self._made.get(path)
        if found is None or found.module is not module:
            found = self._made[path] = _planted(path, module)
        return found

    def forget(self) -> None:
        """Nothing will be linked again: what is only kept for that goes."""
        self._made.clear()


def _planted(path: str, module: ir.Module) -> Planted:
    planted = Planted(module)
    by_id = {function.id: function for function in module.functions}
    for function in module.functions:
        root, seen = function, 0
        while root.parent is not None and root.parent != ir.MODULE and root.parent in by_id and seen < 200:
            root, seen = by_id[root.parent], seen + 1
        key = (path, root.id)
        shape = planted.shapes.get(key)
        if shape is None:
            shape = planted.shapes[key] = Shape(key)
        body = planted.bodies[path, function.id] = tuple(walk(function.body))
        planted.roots[path, function.id] = key
        shape.functions.append(function)
        shape.statements.extend((function.id, statement) for statement in body)
    for shape in planted.shapes.values():
        for index, var in _reads(shape):
            shape.users.setdefault(var, []).append(index)
    return planted


def _reads(shape: Shape) -> Iterator[tuple[int, ir.Var]]:
    """(index, variable) for everything that live statements read; notes which are live."""
    for index, (_, statement) in enumerate(shape.statements):
        live = _LIVE.get(type(statement))
        if live is not None and live(statement):
            shape.live.append(index)
            for var in uses(statement):
                yield index, var
