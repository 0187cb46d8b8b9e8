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


def uses(statement: ir.Statement) -> tuple[ir.Var, ...]:
    """The variables a statement itself reads."""
    match statement:
        case ir.Copy(src=src) | ir.Await(src=src):
            return (src,)
        case ir.Load(obj=obj):
            return (obj,)
        case ir.Store(obj=obj, src=src):
            return (obj, src)
        case ir.Build(items=items):
            return tuple(var for _, var in items)
        case ir.Call():
            head = statement.func or statement.receiver
            return (*((head,) if head else ()), *statement.args, *(var for _, var in statement.kwargs))
        case ir.Compute(args=args):
            return args
        case ir.Yield(src=src):
            return (src,) if src else ()
        case ir.With(context=context):
            return (context,)
        case ir.If(test=test) | ir.Loop(test=ir.Test() as test):
            return (test.var,) if test.var else ()
        case ir.Return(value=value) | ir.Raise(value=value):
            return (value,) if value else ()
    return ()
