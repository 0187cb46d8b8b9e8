"""Which files are worth parsing: a scan of the bytes for names that can matter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from pgconnlint.program.drivers import Tables

SIZE_LIMIT = 2_000_000
_GENERATED = re.compile(r"(\.min\.|\.bundle\.|(^|/)(node_modules|site-packages|\.venv|bower_components|\.next)/)")
_THREADS = re.compile(rb"\bthreading\b|\bThreadPool|\brun_in_executor\b|\bmultiprocessing\b|\bfork\b")
"""What makes a file with an ORM (or Django's managers) worth reading although it names no connection."""
_SETTINGS = (
    (b"DATABASES", re.compile(rb"\bDATABASES\s*(?::[^=\n]*)?=")),
    (b"PrismaClient", re.compile(rb":PrismaClient\b|\bPrismaClient\(")),
    (b"BaseSettings", re.compile(rb"\bBaseSettings\b")),
    (b"connect(", re.compile(rb"([pP]ool|\.pg)\??\.connect\(")),
    (b"connect(", re.compile(rb"\.connect\([^()]*?(?:function\s*\w*\s*)?\(\s*e\w*\s*,\s*\w+\s*,\s*\w+\s*\)")),
    (b"require(", re.compile(rb"\w\s*=\s*require\([\"'`]pg[\"'`]\)")),
    (b"release(", re.compile(rb"\b(?:get|acquire|checkout)\w*(?:Client|Connection)\(")),
    (b".release(", re.compile(rb"\.connect\(\s*\)")),
    (b"conn", re.compile(rb"^from .*import .*\b(?:get|create|open)_(?:db_|pg_|database_)?conn(?:ection)?\b", re.M)),
    (b"SessionLocal", re.compile(rb"^from .*import .*\b(?:Async)?SessionLocal\b", re.M)),
    (b".forRoot", re.compile(rb"\b(?:TypeOrm|Sequelize|MikroOrm)Module\.forRoot")),
    (b"pg", re.compile(rb"\bclient[\"']?\s*:\s*[\"'`]pg[\"'`]")),
    (b"postgres", re.compile(rb"\b(?:client|dialect|type)[\"']?\s*:\s*[\"'`]postgres(?:ql)?[\"'`]")),
    (b"fastify", re.compile(rb"[\"'`](?:@fastify/|fastify-)postgres[\"'`]")),
)
"""Django's settings, clients generated into the project, settings classes that pools read, pools and clients of
somebody else (see program.guessing), Fastify's plugin, `request.db = pg`, files of options (knexfile.js)."""
_GENERIC = frozenset({"execute", "transaction", "start", "begin", "connect", "query", "()"})


def relevant(tables: Tables) -> Callable[[bytes], bool]:
    """Whether a file names something of a driver, or one of the methods that acquire.

    Importing an ORM's models is not enough: one of the names that the tables know must be there, word for word.
    """
    needed: dict[str, set[tuple[bytes, ...]]] = defaultdict(set)
    for path in (*tables.functions, *tables.classes):
        head = _head(path)
        if head:
            needed[head].add(_parts(path[len(head) + 1 :]))
    acquiring = {
        name
        for kind in tables.kinds.values()
        for operation in kind.methods
        if operation.acquires or operation.manager
        for name in operation.names
        if name not in _GENERIC
    }
    # one expression for each first character: the search for a literal is fast, for an alternation it is not
    heads = "|".join(re.escape(head) for head in sorted(needed))
    method = re.compile(rf"\.(?:{'|'.join(re.escape(name) for name in sorted(acquiring))})\b".encode())
    imports = (
        re.compile(rf"import\s+({heads})\b".encode()),
        re.compile(rf"from\s+({heads})\b".encode()),
        *(re.compile(rf"{quote}({heads})(?:[\"'`/])".encode()) for quote in "\"'`"),
    )

    def wanted(data: bytes) -> bool:
        if method.search(data) is not None or any(word in data and it.search(data) for word, it in _SETTINGS):
            return True
        found = {one[1].decode() for pattern in imports for one in pattern.finditer(data)}
        if (found or b".objects." in data) and _THREADS.search(data) is not None:
            return True
        return any(all(part in data for part in parts) for head in found for parts in needed[head])

    return wanted


def _parts(rest: str) -> tuple[bytes, ...]:
    """What a file must write to mean a path: "db.connection.cursor" takes all three words."""
    return tuple(part.encode() for part in rest.split(".") if part not in ("*", "default", ""))


def _head(path: str) -> str:
    """The library: "psycopg2.pool.X" -> "psycopg2", "pg:Pool" -> "pg"."""
    return path.rpartition(":")[0] if ":" in path else path.split(".", 1)[0]


def readable(path: str, data: bytes) -> bool:
    """Neither vendored nor generated nor enormous."""
    return len(data) <= SIZE_LIMIT and _GENERATED.search(path) is None and not _minified(data)


def _minified(data: bytes) -> bool:
    lines = data.count(b"\n") + 1
    return len(data) > 50_000 and len(data) / lines > 400


def naming(words: Iterable[str]) -> Callable[[bytes], bool]:
    """Whether a file has one of the words in it."""
    pattern = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, words)))})\b".encode())
    return lambda data: pattern.search(data) is not None
