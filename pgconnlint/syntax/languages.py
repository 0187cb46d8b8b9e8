"""Which language a path is written in, by its name alone."""

from __future__ import annotations

import re

SOURCE = frozenset({"python", "javascript", "typescript", "tsx"})

_BY_SUFFIX = {
    ".py": "python", ".pyi": "python", ".pyw": "python",
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx",
    ".tf": "hcl", ".tofu": "hcl", ".tfvars": "hcl", ".hcl": "hcl",
    ".yaml": "yaml", ".yml": "yaml",
    ".tpl": "helm",
    ".tftpl": "text",
    ".json": "json",
    ".toml": "toml",
    ".ini": "ini",
    ".conf": "conf",
    ".env": "dotenv",
    ".prisma": "prisma",
    ".rules": "yaml",
    ".service": "ini",
    ".sh": "shell", ".bash": "shell",
}  # fmt: skip
_BY_NAME = {
    "Dockerfile": "dockerfile",
    "Containerfile": "dockerfile",
    "Procfile": "procfile",
    "Kustomization": "yaml",
    "Pipfile": "toml",
    "poetry.lock": "toml",
    "uv.lock": "toml",
    "Pipfile.lock": "json",
    "yarn.lock": "text",
    "pgbouncer.ini": "pgbouncer",
    "userlist.txt": "text",
}
_DOTENV = re.compile(r"\.env(\.[\w.-]+)?$")
_REQUIREMENTS = re.compile(r"(requirements|constraints)[\w.-]*\.(txt|in)$")
_POSTGRES_CONF = re.compile(r"(postgresql|postgres|custom-postgres|pg)[\w.-]*\.conf(\.[\w-]+)?$")
_PGBOUNCER = re.compile(r"pgbouncer[\w.-]*\.ini(\.[\w-]+)?$|^pgbouncer[\w-]*\.conf$")
_DOCKERFILE = re.compile(r"(Dockerfile|Containerfile)([.-][\w.-]+)?$|[\w.-]+\.[Dd]ockerfile$")


def language_of(path: str) -> str | None:
    """The language of ``path``, or None when nothing in it can matter.

    Values: python, javascript, typescript, tsx, hcl, yaml, helm, json, toml, ini, conf,
    pgbouncer, postgres (a server's configuration), dotenv, prisma, dockerfile, procfile, shell,
    requirements, text.
    """
    name = path.rsplit("/", 1)[-1]
    if name in _BY_NAME:
        return _BY_NAME[name]
    if _PGBOUNCER.search(name):
        return "pgbouncer"
    if _POSTGRES_CONF.match(name):
        return "postgres"
    if _DOCKERFILE.match(name):
        return "dockerfile"
    if _DOTENV.search(name):
        return "dotenv"
    if _REQUIREMENTS.search(name):
        return "requirements"
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot >= 0 else ""
    if suffix == ".j2" or suffix in (".template", ".tmpl"):
        return None
    return _BY_SUFFIX.get(suffix)
