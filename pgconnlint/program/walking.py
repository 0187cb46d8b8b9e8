"""Walking over structured IR: every statement once, in source order, without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pgconnlint.program import ir

Statements = tuple[ir.Statement, ...]


def parts(statement: ir.Statement) -> tuple[Statements, ...]:
    """The statement lists inside a statement, in the order they may run."""
    match statement:
        case ir.If():
            return (statement.then, statement.orelse)
        case ir.Loop():
            return (statement.head, statement.body, statement.step, statement.orelse)
        case ir.Try():
            handlers = tuple(handler.body for handler in statement.handlers)
            return (statement.body, *handlers, statement.orelse, statement.final)
        case ir.With() | ir.Block():
            return (statement.body,)
    return ()


def walk(statements: Iterable[ir.Statement]) -> Iterator[ir.Statement]:
    """Every statement below ``statements``, outer ones first."""
    stack = [iter(statements)]
    while stack:
        statement = next(stack[-1], None)
        if statement is None:
            stack.pop()
            continue
        yield statement
        inside = parts(statement)
        if inside:
            stack.append(one for part in inside for one in part)


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
