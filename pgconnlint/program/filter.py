"""Which files are worth parsing: a scan of the bytes for names that can matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from pgconnlint.program.drivers import Tables

SIZE_LIMIT = 2_000_000
_GENERATED = re.compile(r"(\.min\.|\.bundle\.|(^|/)(node_modules|site-packages|\.venv|bower_components|\.next)/)")
_GENERIC = frozenset({"execute", "transaction", "start", "begin", "connect", "query", "()"})


def pattern(tables: Tables) -> re.Pattern[bytes]:
    """Matches a file that imports a driver or names one of its acquiring methods."""
    heads = {_head(path) for path in (*tables.functions, *tables.classes)}
    acquiring = {
        name
        for kind in tables.kinds.values()
        for operation in kind.methods
        if operation.acquires or operation.manager
        for name in operation.names
        if name not in _GENERIC
    }
    quoted = [re.escape(head) for head in sorted(heads) if head]
    methods = [rf"\.{re.escape(name)}\b" for name in sorted(acquiring)]
    imports = rf"(?:import|from)\s+(?:{'|'.join(quoted)})\b|[\"'`](?:{'|'.join(quoted)})(?:[\"'`/])"
    # Django's settings, clients generated into the project, settings classes that pools read
    settings = r"\bDATABASES\s*(?::[^=\n]*)?=|:PrismaClient\b|\bPrismaClient\(|\bBaseSettings\b|[pP]ool\??\.connect\("
    return re.compile(f"(?:{imports}|{'|'.join(methods)}|{settings})".encode())


def _head(path: str) -> str:
    """The library: "psycopg2.pool.X" -> "psycopg2", "pg:Pool" -> "pg"."""
    return path.rpartition(":")[0] if ":" in path else path.split(".", 1)[0]


def readable(path: str, data: bytes) -> bool:
    """Neither vendored nor generated nor enormous."""
    return len(data) <= SIZE_LIMIT and _GENERATED.search(path) is None and not _minified(data)


def _minified(data: bytes) -> bool:
    lines = data.count(b"\n") + 1
    return len(data) > 50_000 and len(data) / lines > 400


def mentioning(names: Mapping[str, Iterable[str]]) -> Callable[[bytes], bool]:
    """Whether a file names one of the project's files (by ``stem``) and something that is defined there."""
    patterns = [
        (stem.encode(), re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, words)))})\b".encode()))
        for stem, words in sorted(names.items())
    ]
    return lambda data: any(stem in data and words.search(data) is not None for stem, words in patterns)
