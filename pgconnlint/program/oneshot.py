"""Python functions that only programs' top levels call: an error in them ends the program, and its connections.

Every caller must be known, and none of them may catch: a function that is also handed on, decorated, or named by a
call of which nothing is known, may run again and again in code nobody sees.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pgconnlint.program import ir
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import walk

if TYPE_CHECKING:
    from pgconnlint.program.link import Linked

_DEEPEST = 12


def oneshot(linked: Linked, function: FunctionId) -> bool:
    """An error that leaves ``function`` leaves the program."""
    callers = linked.callers
    queue, seen, depth = [function], {function}, 0
    while queue:
        depth += 1
        if depth > _DEEPEST**2:
            return False
        one = queue.pop()
        found = callers.by_function.get(one)
        if one[1] == ir.MODULE:
            continue
        if not found or one in callers.open or linked.functions[one].name in callers.unknown:
            return False
        for caller, caught in found:
            if caught:
                return False
            if caller not in seen:
                seen.add(caller)
                queue.append(caller)
    return True


class Callers:
    """``by_function``: who calls a function, and whether the caller catches what it raises; ``open``: functions that
    are decorated or handed on as values; ``unknown``: names of methods called on what nothing types."""

    def __init__(self, linked: Linked) -> None:
        self.by_function: dict[FunctionId, list[tuple[FunctionId, bool]]] = defaultdict(list)
        self.open: set[FunctionId] = set()
        self.unknown: set[str] = set()
        for caller, function in linked.functions.items():
            if linked.modules[caller[0]].language == "python":
                if function.decorators or function.is_generator:
                    self.open.add(caller)
                self._look(linked, caller)

    def _look(self, linked: Linked, caller: FunctionId) -> None:
        caught = _caught(linked, caller)
        for one in linked.statements(caller):
            if isinstance(one, ir.Call):
                callees = linked.callees(caller, one)
                if not callees and one.method is not None:
                    self.unknown.add(one.method)
                for callee in callees:
                    if callee.function is not None and callee.function != caller:
                        self.by_function[callee.function].append((caller, id(one) in caught))
            for var in _handed(one):
                types = linked.types(caller, var)
                self.open.update((each[1], each[2]) for each in types if each[0] == "function")


def _caught(linked: Linked, caller: FunctionId) -> set[int]:
    """The calls, by identity, whose errors do not leave the function."""
    found: set[int] = set()
    for one in linked.statements(caller):
        if isinstance(one, ir.Try) and any(not _leaves(handler) for handler in one.handlers):
            found.update(id(inner) for inner in walk(one.body) if isinstance(inner, ir.Call))
    return found


def _leaves(handler: ir.Handler) -> bool:
    return bool(handler.body) and isinstance(handler.body[-1], ir.Raise | ir.Exit)


def _handed(statement: ir.Statement) -> tuple[ir.Var, ...]:
    """What a statement hands on to others."""
    match statement:
        case ir.Call(args=args, kwargs=kwargs):
            return (*args, *(var for _, var in kwargs))
        case ir.Store(src=src):
            return (src,)
        case ir.Return(value=str() as value):
            return (value,)
        case ir.Build(items=items):
            return tuple(var for _, var in items)
    return ()
