"""Pools that nothing types: a parameter `pool`, `request.app.locals.pool`, `fastify.pg.pool`, `require("./gone").pool`.

Such a value counts as the pool of the one PostgreSQL library of its language which the project uses, when it is
named like a pool, nothing else is known about it, and a method of that pool is called on it. Projects that use a
rival library with the same method are left alone. `x.connect(function (err, client, done) {})` is the pool of pg
whatever x is called, so is an x whose `connect()` gives something to `query` and to `release`, and so is what
`getClient` of a file that is not there hands out to be released.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pgconnlint.program import ir
from pgconnlint.program.drivers.row import Operation
from pgconnlint.program.inference import Inference, Tree
from pgconnlint.program.types import Types

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

_POOL_FILE = re.compile(r"(^|[/_.-])(pool|db|database|pg|postgres)(?=[:.]|$)", re.IGNORECASE)
_ERROR = re.compile(r"^_?e(rr(or)?\w*)?$")
_CLIENT = re.compile(r"client|conn|^db$|^c$", re.IGNORECASE)
_DONE = re.compile(r"done|release|^cb$", re.IGNORECASE)
"""The parameters of a callback that only the pool of pg calls."""

_HANDING = re.compile(r"^(get|acquire|checkout)(Db|DB|Pg|Pool|Database)?(Client|Connection)$")
"""Functions that hand out a connection, by their names."""

_ASKING = frozenset({"release", *(method for methods in _CANDIDATES.values() for method in methods)})

_RIVALS = frozenset({
    "aiomysql", "asyncmy", "mysql", "oracledb", "cx_Oracle", "aioodbc", "mysql2", "mysql2/promise", "mariadb", "mssql",
    "tedious", "generic-pool", "aioredis", "redis", "ioredis",
})  # fmt: skip


def guess(inference: Inference, modules: Mapping[str, ir.Module]) -> None:
    """Bind what is named like a pool to the only kind it can be, and infer again from there."""
    asked = [key for key in sorted(inference.trees) if _asks(inference.trees[key])]
    if not asked:
        return
    made, named = _made(inference), _named_libraries(inference)
    imported = {language: _imported(modules.values(), language) for language in _CANDIDATES}
    imported["javascript"] |= _required(inference)
    for key in asked:
        module = modules.get(key[0])
        tree = inference.trees[key]
        if module is None or _RIVALS & (_imported((module,), module.language) | named[key[0]]):
            continue
        kinds = _kinds(inference, tree, module.language, imported[module.language], made)
        for var, kind in kinds:
            inference.suppose(tree, var, kind)
        if module.language == "javascript" and imported["javascript"] & set(_NODE):
            _wrappers(inference, tree)
    inference.resume()


def _asks(tree: Tree) -> bool:
    """Something in it is asked for a connection, or to give one back; most of a program has nothing of the kind."""
    return any(isinstance(one, ir.Call) and one.method in _ASKING for _, one in tree.statements)


def _wrappers(inference: Inference, tree: Tree) -> None:
    """`const { getClient } = require("./gone")`, where somebody calls `release` on the result."""
    released = {one.receiver for _, one in tree.statements if isinstance(one, ir.Call) and one.method == "release"}
    if not released:
        return
    sources = {one.src for _, one in tree.statements if isinstance(one, ir.Copy | ir.Await) and one.dst in released}
    sources |= {one.src for _, one in tree.statements if isinstance(one, ir.Await) and one.dst in sources}
    for _, one in tree.statements:
        if isinstance(one, ir.Call) and one.dst in sources | released and one.func is not None:
            for found in inference.of(tree, one.func):
                name = found[-1].rpartition(":")[2].rpartition(".")[2]
                if _is_gone(frozenset({found})) and _HANDING.match(name):
                    inference.guessed[found[1]] = _GIVING
                    inference.bind(tree, one.dst, frozenset({("kind", "pg.PoolClient")}))
                    inference.enqueue(tree.id)


_GIVING = Operation("getClient", returns="pg.PoolClient", acquires=True, awaited=True)


def _is_gone(types: Types) -> bool:
    """Imported from a file of the project that is not there."""
    return bool(types) and all(one[0] == "path" and one[1].startswith((".", "@/", "~/")) for one in types)


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
    definitions: dict[ir.Var, ir.Load | ir.Copy | ir.Global] = {}
    calls: list[ir.Call] = []
    for _, statement in tree.statements:
        if isinstance(statement, ir.Load | ir.Copy | ir.Global):
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
    definitions: Mapping[ir.Var, ir.Load | ir.Copy | ir.Global],
    made: set[tuple[str, str]],
) -> bool:
    known = inference.of(tree, call.receiver)
    if call.receiver is None or (known and not _is_gone(known)):
        return False
    if call.method == "connect" and (_is_nodes(inference, tree, call) or _is_lent(tree, call)):
        return True
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
            case ir.Global(path=path) if known:
                name = path.rpartition(":")[2].rpartition(".")[2]
                name = "pool" if name in ("default", "*") and _POOL_FILE.search(path) else name
            case _:
                return False
    return _NAMED.search(name.partition("~")[0]) is not None


def _is_lent(tree: Tree, call: ir.Call) -> bool:
    """`c = await x.connect()`, where `c.query()` and `c.release()` are called: no other library is used so."""
    held = {call.dst}
    for _ in range(3):
        held |= {one.dst for _, one in tree.statements if isinstance(one, ir.Await | ir.Copy) and one.src in held}
    methods = {one.method for _, one in tree.statements if isinstance(one, ir.Call) and one.receiver in held}
    return {"query", "release"} <= methods


def _is_nodes(inference: Inference, tree: Tree, call: ir.Call) -> bool:
    """The last argument is a function `(err, client, done)`."""
    for one in inference.of(tree, call.args[-1]) if call.args else ():
        function = inference.functions.get((one[1], one[2])) if one[0] == "function" else None
        names = (
            [each.name.partition("~")[0] for each in function.parameters if each.kind == "positional"]
            if function
            else []
        )
        if len(names) == 3 and _ERROR.search(names[0]) and _CLIENT.search(names[1]) and _DONE.search(names[2]):
            return True
    return False
