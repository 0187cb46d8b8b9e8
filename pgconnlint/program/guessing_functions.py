"""Functions of files that are not there: `from settings import get_db_connection`, where nobody committed settings.py.

What such a function hands out counts as a connection of the one driver that the project uses, when the name says so
and somebody opens cursors on it and closes it; `SessionLocal` as SQLAlchemy's session factory, when its sessions are
used as such and closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pgconnlint.program import ir
from pgconnlint.program.drivers.row import Operation
from pgconnlint.program.inference import Inference, Tree

_HANDING = re.compile(
    r"^(get|create|open|make|new)_(db_|pg_|postgres_|database_)?(conn|connection)$|^connect_(to_)?(db|database|postgres)$"
)
SESSIONS = re.compile(
    r"^(Async)?(DB)?_?Session(Local|Factory|Maker)?$|^_*((async_|db_)?session_?(factory|maker|local)|(Async)?Session)$"
)
"""What people call a session factory."""

SPOKEN = frozenset({"query", "commit", "add", "add_all", "flush", "scalars", "refresh", "merge", "rollback"})
"""What is done with SQLAlchemy's sessions, and not with those of requests or boto3."""

DRIVERS = {"psycopg2": "psycopg2.connection", "psycopg": "psycopg.Connection", "asyncpg": "asyncpg.Connection"}
RIVALS = frozenset({
    "sqlite3", "aiosqlite", "pymysql", "MySQLdb", "mysql", "aiomysql", "pyodbc", "oracledb", "cx_Oracle", "duckdb",
    "snowflake", "pymssql", "clickhouse_driver", "redshift_connector",
})  # fmt: skip


def guess_functions(inference: Inference, modules: Mapping[str, ir.Module]) -> None:
    """Say what the functions give, and infer again from there."""
    python = [one for one in modules.values() if one.language == "python"]
    imported = {one.path.partition(".")[0] for module in python for one in module.imports}
    drivers = [kind for name, kind in DRIVERS.items() if name in imported and kind in inference.tables.kinds]
    if len(drivers) != 1 or imported & RIVALS:
        drivers = []
    found: dict[str, Operation] = {}
    asking: list[tuple[Tree, ir.Call, str]] = []
    for key in sorted(inference.trees) if drivers or "sqlalchemy" in imported else ():
        tree = inference.trees[key]
        if key[0].endswith(".py"):
            asking += [(tree, *one) for one in _asking(inference, tree)]
    entered = {path for tree, call, path in asking if _entered(tree, call)}
    for tree, call, path in asking:
        name, methods = path.rpartition(".")[2], used(tree, call.dst)
        sessions = SESSIONS.match(name) and (methods & SPOKEN or name.endswith("SessionLocal"))
        if sessions and "sqlalchemy" in imported and "close" in methods:
            found[path] = Operation(name, returns=session_kind(tree, call), acquires=True, manager=True, safe=True)
        elif drivers and {"cursor", "close"} <= methods and path not in entered:
            found[path] = Operation(name, returns=drivers[0], acquires=True)
    if not found:
        return
    inference.guessed.update(found)
    for tree, call, path in asking:
        if path in found:
            inference.suppose(tree, call.dst, found[path].returns or "")
    inference.resume()


def _asking(inference: Inference, tree: Tree) -> Iterator[tuple[ir.Call, str]]:
    """Calls of functions with such names of which nothing is known."""
    for _, one in tree.statements:
        if isinstance(one, ir.Call) and one.func is not None:
            types = inference.of(tree, one.func)
            path = next(iter(types))[1] if len(types) == 1 and next(iter(types))[0] == "path" else ""
            name = path.rpartition(".")[2]
            named = _HANDING.match(name) or SESSIONS.match(name)
            if path != name and named and path not in inference.tables.functions:
                yield one, path


def session_kind(tree: Tree, call: ir.Call) -> str:
    """The asynchronous kind where somebody awaits what the session does."""
    held = copies(tree, call.dst)
    asked = {one.dst for _, one in tree.statements if isinstance(one, ir.Call) and one.receiver in held}
    awaited = any(isinstance(one, ir.Await) and one.src in asked for _, one in tree.statements)
    return "sqlalchemy.AsyncSession" if awaited else "sqlalchemy.Session"


def copies(tree: Tree, var: ir.Var) -> set[ir.Var]:
    """``var`` and the variables that it is copied to."""
    held = {var}
    for _ in range(3):
        held |= {one.dst for _, one in tree.statements if isinstance(one, ir.Copy) and one.src in held}
    return held


def used(tree: Tree, var: ir.Var) -> set[str]:
    """The methods called on a variable and its copies."""
    held = copies(tree, var)
    return {one.method or "" for _, one in tree.statements if isinstance(one, ir.Call) and one.receiver in held}


def _entered(tree: Tree, call: ir.Call) -> bool:
    """`with get_connection() as conn`: what leaving does, nobody knows."""
    held = copies(tree, call.dst)
    return any(isinstance(one, ir.With) and one.context in held for _, one in tree.statements)
