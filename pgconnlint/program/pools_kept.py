"""Whether the function that makes a pool keeps it to itself: only then is closing it that function's duty."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId

_BORROWERS = frozenset(
    {
        "sessionmaker", "async_sessionmaker", "Session", "AsyncSession", "create_all", "drop_all", "inspect",
        "read_sql", "read_sql_query", "read_sql_table", "to_sql", "drizzle",
    }
)  # fmt: skip
"""Calls that are handed a pool and never close it."""


def leaves(linked: Linked, function: FunctionId, names: set[ir.Var]) -> bool:
    """Whether one of ``names`` is returned, yielded, stored or handed to code that might close it."""
    return any(_hands_out(linked, function, one, names) for _, one in linked.tree(function).statements)


def _hands_out(linked: Linked, function: FunctionId, statement: ir.Statement, names: set[ir.Var]) -> bool:
    match statement:
        case ir.Return(value=out) | ir.Yield(src=out) | ir.Store(src=out):
            return out in names
        case ir.Build(items=items):
            return any(item in names for _, item in items)
        case ir.Call(args=args, kwargs=kwargs):
            handed = any(one in names for one in (*args, *(value for _, value in kwargs)))
            return handed and not _borrows(linked, function, statement)
        case _:
            return False


def _borrows(linked: Linked, function: FunctionId, call: ir.Call) -> bool:
    if call.method is not None:
        return call.method in _BORROWERS
    return any(
        callee.path.replace(":", ".").rpartition(".")[2] in _BORROWERS for callee in linked.callees(function, call)
    )
