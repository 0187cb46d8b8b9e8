"""Which database a JavaScript project can talk to at all: the drivers in its `package.json` files."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable

from pgconnlint.syntax.files import Files

_OURS = frozenset({
    "pg", "pg-native", "pg-pool", "pg-promise", "postgres", "slonik", "@vercel/postgres", "@neondatabase/serverless",
    "@mikro-orm/postgresql", "@electric-sql/pglite", "pg-query-stream", "pg-cursor",
})  # fmt: skip
_THEIRS = frozenset({
    "mysql", "mysql2", "mariadb", "mssql", "tedious", "oracledb", "sqlite3", "better-sqlite3", "sql.js",
    "@libsql/client", "@mikro-orm/mysql", "@mikro-orm/mariadb", "@mikro-orm/sqlite", "@mikro-orm/mssql",
})  # fmt: skip
NEUTRAL = frozenset({"typeorm", "sequelize", "knex", "objection", "bookshelf", "kysely", "drizzle", "mikro-orm"})
"""Families of rows that need a driver beside them."""

_SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_LARGEST = 1_000_000


def elsewhere(files: Files) -> frozenset[str]:
    """The families that are of other databases: a driver of those is declared somewhere, one of PostgreSQL nowhere."""
    declared: set[str] = set()
    for path in files.paths:
        if posixpath.basename(path) == "package.json" and "node_modules/" not in path:
            declared.update(_declared(files.data(path) or b""))
    return NEUTRAL if declared & _THEIRS and not declared & _OURS else frozenset()


def _declared(data: bytes) -> Iterable[str]:
    if len(data) > _LARGEST:
        return
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError):
        return
    for section in _SECTIONS:
        named = manifest.get(section) if isinstance(manifest, dict) else None
        if isinstance(named, dict):
            yield from named
