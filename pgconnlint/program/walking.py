"""Walking over structured IR: every statement once, in source order, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from pgconnlint.program import ir

Statements = tuple[ir.Statement, ...]


_PARTS: dict[type, Callable[[Any], tuple[Statements, ...]]] = {
    ir.If: lambda one: (one.then, one.orelse),
    ir.Loop: lambda one: (one.head, one.body, one.step, one.orelse),
    ir.Try: lambda one: (one.body, *(handler.body for handler in one.handlers), one.orelse, one.final),
    ir.With: lambda one: (one.body,),
    ir.Block: lambda one: (one.body,),
}
"""By type: asked for every statement many times over, and most have no parts."""


def parts(statement: ir.Statement) -> tuple[Statements, ...]:
    """The statement lists inside a statement, in the order they may run."""
    inside = _PARTS.get(type(statement))
    return inside(statement) if inside is not None else ()


def walk(statements: Iterable[ir.Statement]) -> Iterator[ir.Statement]:
    """Every statement below ``statements``, outer ones first."""
    stack = [iter(statements)]
    while stack:
        for statement in stack[-1]:
            yield statement
            inside = _PARTS.get(type(statement))
            if inside is not None:
                stack.append(chain.from_iterable(inside(statement)))
                break
        else:
            stack.pop()


def defines(statement: ir.Statement) -> ir.Var | None:
    """The variable a statement itself binds."""
    match statement:
        case (
            ir.Const(dst=dst) | ir.Global(dst=dst) | ir.Copy(dst=dst) | ir.Load(dst=dst) | ir.Build(dst=dst)
            | ir.Call(dst=dst) | ir.Await(dst=dst) | ir.Closure(dst=dst) | ir.Compute(dst=dst) | ir.Yield(dst=dst)
        ):  # fmt: skip
            return dst
        case ir.With(dst=dst):
            return dst
        case ir.Delete(var=var):
            return var
    return None


def _called(call: ir.Call) -> tuple[ir.Var, ...]:
    head = call.func or call.receiver
    return (*((head,) if head else ()), *call.args, *(var for _, var in call.kwargs))


_USES: dict[type, Callable[[Any], tuple[ir.Var, ...]]] = {
    ir.Copy: lambda one: (one.src,),
    ir.Await: lambda one: (one.src,),
    ir.Load: lambda one: (one.obj,),
    ir.Store: lambda one: (one.obj, one.src),
    ir.Build: lambda one: tuple(var for _, var in one.items),
    ir.Call: _called,
    ir.Compute: lambda one: one.args,
    ir.Yield: lambda one: (one.src,) if one.src else (),
    ir.With: lambda one: (one.context,),
    ir.If: lambda one: (one.test.var,) if one.test.var else (),
    ir.Loop: lambda one: (one.test.var,) if one.test is not None and one.test.var else (),
    ir.Return: lambda one: (one.value,) if one.value else (),
    ir.Raise: lambda one: (one.value,) if one.value else (),
}


def uses(statement: ir.Statement) -> tuple[ir.Var, ...]:
    """The variables a statement itself reads."""
    read = _USES.get(type(statement))
    return read(statement) if read is not None else ()
