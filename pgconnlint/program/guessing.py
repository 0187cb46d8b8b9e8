"""Pools that nothing types: a parameter `pool`, `request.app.locals.pool`, `fastify.pg.pool`.

Such a value counts as the pool of the one PostgreSQL library of its language which the project uses, when it is
named like a pool, nothing else is known about it, and a method of that pool is called on it. Projects that use a
rival library with the same method are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pgconnlint.program import ir
from pgconnlint.program.inference import Inference, Tree

_NAMED = re.compile(r"(^|_|[a-z])[pP]ool$|^pg$")  # `fastify.pg`: what @fastify/postgres decorates with
_NODE = ("pg", "pg-pool", "@fastify/postgres", "fastify-postgres")
_CANDIDATES: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "python": {
        "acquire": (("asyncpg", "asyncpg.Pool"), ("aiopg", "aiopg.Pool")),
        "getconn": (("psycopg2", "psycopg2.Pool"), ("psycopg_pool", "psycopg_pool.Pool")),
    },
    "javascript": {"connect": tuple((one, "pg.Pool") for one in _NODE)},
}
"""Language to acquiring method to (library that must be imported somewhere, kind of the pool)."""

_RIVALS = frozenset({
    "aiomysql", "asyncmy", "mysql", "oracledb", "cx_Oracle", "aioodbc", "mysql2", "mysql2/promise", "mariadb", "mssql",
    "tedious", "generic-pool", "aioredis", "redis", "ioredis",
})  # fmt: skip


def guess(inference: Inference, modules: Mapping[str, ir.Module]) -> None:
    """Bind what is named like a pool to the only kind it can be, and infer again from there."""
    made, named = _made(inference), _named_libraries(inference)
    imported = {language: _imported(modules.values(), language) for language in _CANDIDATES}
    imported["javascript"] |= _required(inference)
    for key in sorted(inference.trees):
        module = modules.get(key[0])
        tree = inference.trees[key]
        if module is None or _RIVALS & (_imported((module,), module.language) | named[key[0]]):
            continue
        kinds = _kinds(inference, tree, module.language, imported[module.language], made)
        for var, kind in kinds:
            inference.suppose(tree, var, kind)
    inference.resume()


def _imported(modules: Iterable[ir.Module], language: str) -> set[str]:
    heads = {one.path for module in modules if module.language == language for one in module.imports}
    return {head.partition(":")[0] if language == "javascript" else head.partition(".")[0] for head in heads}


def _required(inference: Inference) -> set[str]:
    """Libraries loaded where they are used: `app.register(require("@fastify/postgres"))`."""
    statements = (one for tree in inference.trees.values() for _, one in tree.statements)
    return {one.path.partition(":")[0] for one in statements if isinstance(one, ir.Global) and ":" in one.path}


def _named_libraries(inference: Inference) -> dict[str, set[str]]:
    """Texts of each file: a library may be loaded by name when it is needed."""
    found: dict[str, set[str]] = {}
    for key, tree in inference.trees.items():
        texts = found.setdefault(key[0], set())
        texts.update(str(one.value) for _, one in tree.statements if isinstance(one, ir.Const) and one.kind == "string")
    return found


def _made(inference: Inference) -> set[tuple[str, str]]:
    """(path, field) of what is made by a call that no driver row knows: somebody else's pool."""
    found: set[tuple[str, str]] = set()
    for key, tree in inference.trees.items():
        calls = {one.dst for _, one in tree.statements if isinstance(one, ir.Call) and not inference.of(tree, one.dst)}
        awaited = {one.dst for _, one in tree.statements if isinstance(one, ir.Await) and one.src in calls}
        found |= {
            (key[0], one.field)
            for _, one in tree.statements
            if isinstance(one, ir.Store) and one.src in calls | awaited
        }
    return found


def _kinds(
    inference: Inference, tree: Tree, language: str, imported: set[str], made: set[tuple[str, str]]
) -> list[tuple[ir.Var, str]]:
    """(receiver, kind) of every unknown receiver that is named like a pool, when one is asked for a connection."""
    definitions: dict[ir.Var, ir.Load | ir.Copy] = {}
    calls: list[ir.Call] = []
    for _, statement in tree.statements:
        if isinstance(statement, ir.Load | ir.Copy):
            definitions.setdefault(statement.dst, statement)
        elif isinstance(statement, ir.Call) and statement.receiver is not None:
            calls.append(statement)
    unknown = [one for one in calls if _is_unknown_pool(inference, tree, one, definitions, made)]
    kind = None
    for call in unknown:
        fitting = {
            one for library, one in _CANDIDATES[language].get(call.method or "", ()) if library in imported
        } & set(inference.tables.kinds)
        if len(fitting) == 1:
            (kind,) = fitting
    return [(one.receiver, kind) for one in unknown if one.receiver is not None] if kind is not None else []


def _is_unknown_pool(
    inference: Inference,
    tree: Tree,
    call: ir.Call,
    definitions: Mapping[ir.Var, ir.Load | ir.Copy],
    made: set[tuple[str, str]],
) -> bool:
    if call.receiver is None or inference.of(tree, call.receiver):
        return False
    name, seen = call.receiver, 0
    while name.startswith("%") and seen < 4:
        seen += 1
        match definitions.get(name):
            case ir.Load(field=field) if (tree.id[0], field) in made:
                return False
            case ir.Load(field=field):
                name = field
            case ir.Copy(src=src):
                name = src
            case _:
                return False
    return _NAMED.search(name.partition("~")[0]) is not None
