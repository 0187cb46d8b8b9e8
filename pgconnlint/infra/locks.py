"""Lock files and manifests: which versions of PostgreSQL drivers and their pools are installed.

Only exact versions are read: a range says nothing about what runs. A manifest with a lock file of its own
ecosystem beside it is left to that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname

from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.resource import Known, Mapping, Resource
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

KIND = "lock.package"

PYTHON = frozenset({
    "asyncpg", "psycopg", "psycopg-binary", "psycopg-pool", "psycopg2", "psycopg2-binary", "sqlalchemy", "django",
    "aiopg", "databases", "tortoise-orm", "peewee", "sqlmodel",
})  # fmt: skip
JAVASCRIPT = frozenset({
    "pg", "pg-pool", "pg-native", "pg-promise", "postgres", "knex", "sequelize", "typeorm", "prisma",
    "@prisma/client", "drizzle-orm", "slonik", "kysely", "tarn", "@mikro-orm/postgresql",
})  # fmt: skip

_NPM = "|".join(sorted(re.escape(name) for name in JAVASCRIPT))
_VERSION = r"(?P<version>\d[\w.+-]*)"
_REQUIREMENT = re.compile(
    rf"(?m)^[ \t]*(?P<name>[A-Za-z][\w.-]*)(?:\[[^\]\n]*\])?[ \t]*===?[ \t]*{_VERSION}(?=[ \t]*(?:[;#\\\r\n]|--|$))"
)
_LOCKED_TABLE = re.compile(rf'(?m)^\[\[package\]\]\r?\nname = "(?P<name>[\w.-]+)"\r?\nversion = "{_VERSION}"')
_PIPFILE_LOCK = re.compile(rf'"(?P<name>[\w.-]+)"\s*:\s*\{{[^{{}}]*?"version"\s*:\s*"==={{0,1}}{_VERSION}"')
_PACKAGE_LOCK = re.compile(rf'"(?:[^"\n]*node_modules/)?(?P<name>{_NPM})"\s*:\s*\{{\s*"version"\s*:\s*"{_VERSION}"')
_YARN = re.compile(rf'(?m)^"?(?P<name>{_NPM})@[^\n]*:\r?\n[ \t]+version:?[ \t]+"?{_VERSION}"?')
_PNPM = re.compile(rf"(?m)^  ['\"]?/?(?P<name>{_NPM})[@/]{_VERSION}(?:[(_][^\n]*)?['\"]?:")
_PACKAGE_JSON = re.compile(rf'"(?P<name>{_NPM})"\s*:\s*"=?v?{_VERSION}"')
_POETRY = re.compile(rf"""(?m)^(?P<name>[\w.-]+)\s*=\s*(?:\{{[^}}\n]*version\s*=\s*)?["']={{0,2}}{_VERSION}["']""")
_QUOTED = re.compile(rf"""["'](?P<name>[\w.-]+)(?:\[[^\]\n]*\])?\s*===?\s*{_VERSION}\s*(?:;[^"'\n]*)?["']""")

_Forms = tuple[str, tuple[re.Pattern[str], ...]]
_LOCKS: dict[str, _Forms] = {
    "poetry.lock": ("pypi", (_LOCKED_TABLE,)),
    "uv.lock": ("pypi", (_LOCKED_TABLE,)),
    "Pipfile.lock": ("pypi", (_PIPFILE_LOCK,)),
    "package-lock.json": ("npm", (_PACKAGE_LOCK,)),
    "npm-shrinkwrap.json": ("npm", (_PACKAGE_LOCK,)),
    "yarn.lock": ("npm", (_YARN,)),
    "pnpm-lock.yaml": ("npm", (_PNPM,)),
}
_MANIFESTS: dict[str, _Forms] = {
    "package.json": ("npm", (_PACKAGE_JSON,)),
    "pyproject.toml": ("pypi", (_POETRY, _QUOTED)),
    "Pipfile": ("pypi", (_POETRY,)),
}
"""File names to their ecosystem and the forms in which they pin a version."""


def read(files: Files, config: Config) -> Infrastructure:
    """One Resource of kind KIND for each pinned driver: name, version, ecosystem. Each version once per file."""
    found: list[Resource] = []
    names = {path: path.rsplit("/", 1)[-1] for path in files.paths}
    locked = {(dirname(path), _LOCKS[name][0]) for path, name in names.items() if name in _LOCKS}
    requirements = set(files.of("requirements"))
    for path, name in names.items():
        if name in _LOCKS:
            ecosystem, forms = _LOCKS[name]
        elif name in _MANIFESTS and (dirname(path), _MANIFESTS[name][0]) not in locked:
            ecosystem, forms = _MANIFESTS[name]
        elif path in requirements and name != "constraints.txt":
            ecosystem, forms = "pypi", (_REQUIREMENT,)
        else:
            continue
        document = files.document(path)
        if document is not None:
            found.extend(_packages(document, ecosystem, forms))
    return Infrastructure(resources=tuple(found))


def _packages(document: Document, ecosystem: str, forms: tuple[re.Pattern[str], ...]) -> Iterator[Resource]:
    known = PYTHON if ecosystem == "pypi" else JAVASCRIPT
    seen: set[tuple[str, str]] = set()
    for form in forms:
        for found in form.finditer(document.text):
            name = _normal(found["name"]) if ecosystem == "pypi" else found["name"]
            version = found["version"]
            if name in known and (name, version) not in seen:
                seen.add((name, version))
                yield _package(document, name, version, ecosystem, found.span("name"), found.span("version"))


def _package(
    document: Document, name: str, version: str, ecosystem: str, named: tuple[int, int], at: tuple[int, int]
) -> Resource:
    place = document.at(*at)
    attributes = Mapping(
        {
            "name": Known(name, document.at(*named)),
            "version": Known(version, place),
            "ecosystem": Known(ecosystem, place),
        },
        place,
    )
    return Resource(KIND, name, attributes, place, "lock", f"{name} {version}", origin=document.path)


def _normal(name: str) -> str:
    """PEP 503: case and the kind of separator do not matter."""
    return re.sub(r"[-_.]+", "-", name).lower()
