"""Which databases a project can talk to at all: the drivers that its manifests ask for."""

from __future__ import annotations

import json
import posixpath
import re
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

_PRISMA = frozenset({"prisma"})
_PRISMA_THEIRS = frozenset({b"mysql", b"sqlite", b"sqlserver", b"mongodb"})
_PROVIDER = re.compile(rb"\bdatasource\s+\w+\s*(?=\{)[^}]*?[\n{]\s*provider\s*=\s*[\"']?(\w+)")

_SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_LARGEST = 1_000_000
_PYTHON_MANIFEST = re.compile(
    r"(requirements[\w.-]*\.(txt|in)|pyproject\.toml|Pipfile|setup\.(py|cfg)|environment[\w.-]*\.ya?ml)$"
    r"|(^|/)requirements/[\w.-]+\.(txt|in)$"
)
_PYTHON_DRIVER = re.compile(
    rb"(?<![\w./-])(psycopg[23]?(-(binary|pool|c))?|asyncpg|pg8000|aiopg)(?=[\s\"'\[=<>~!;,]|$)", re.IGNORECASE
)
_VARIABLES = re.compile(r"(^|/)(\.env[\w.-]*|[\w.-]*\.env|[\w.-]*compose[\w.-]*\.ya?ml)$")
_URL = re.compile(rb"postgres(ql)?(\+\w+)?://")


def declares_postgres(files: Files, packages: frozenset[str]) -> bool:
    """Whether a manifest asks for a driver of PostgreSQL, or a file of variables or a Compose file names a server."""
    for path in files.paths:
        sign = _PYTHON_DRIVER if _PYTHON_MANIFEST.search(path) else _URL if _VARIABLES.search(path) else None
        if sign is not None and len(data := files.data(path) or b"") <= _LARGEST and sign.search(data):
            return True
    return not _OURS.isdisjoint(packages)


def elsewhere(files: Files, packages: frozenset[str]) -> frozenset[str]:
    """The families that are of other databases: a driver of those is declared somewhere, one of PostgreSQL nowhere."""
    found = NEUTRAL if packages & _THEIRS and not packages & _OURS else frozenset()
    return found | _PRISMA if _prisma_elsewhere(files) else found


def _prisma_elsewhere(files: Files) -> bool:
    """Every data source of the project's Prisma schemas is of another database."""
    providers = {
        one[1]
        for path in files.of("prisma")
        if len(data := files.data(path) or b"") <= _LARGEST
        for one in _PROVIDER.finditer(data)
    }
    return bool(providers) and providers <= _PRISMA_THEIRS


def packages(files: Files) -> frozenset[str]:
    """What every `package.json` of the project asks for."""
    found: set[str] = set()
    for path in files.paths:
        if posixpath.basename(path) == "package.json" and "node_modules/" not in path:
            found.update(_declared(files.data(path) or b""))
    return frozenset(found)


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
