"""What a pasted text is, told by what only one language says."""

from __future__ import annotations

import re

_SIGNS = (
    ("pgbouncer.ini", r"^\s*\[(?:pgbouncer|databases)\]"),
    ("pasted.tf", r"^\s*(?:resource|module|data|variable|provider)\s+\"[^\"]+\"[^\n]*\{"),
    ("pasted.py", r"^\s*(?:import\s+[\w.]+(?:\s+as\s+\w+)?\s*$|from\s+[\w.]+\s+import\s)"),
    ("pasted.py", r"^\s*(?:async\s+)?def\s+\w+\(.*:\s*$"),
    ("pasted.ts", r"(?:^|\W)(?:import\s+type\b|interface\s+\w+\s*\{|:\s*(?:Promise<|string\b|number\b|Pool\b))"),
    ("pasted.ts", r"(?:^|\W)import\s[^;\n]*\sfrom\s"),
    ("pasted.js", r"(?:^|\W)(?:const|let|var)\s+[\w{\[ ,}]+\s*=|require\(|=>|\bfunction\b"),
    ("postgresql.conf", r"^\s*(?:max_connections|shared_buffers|listen_addresses|\w+_reserved_connections)\s*=?\s*\S"),
    ("docker-compose.yml", r"^services\s*:"),
    ("pasted.yaml", r"^(?:apiVersion|kind|version|spec)\s*:"),
)  # fmt: skip


def likely_name(data: bytes) -> str:
    """A file name for a text whose name nobody gave: `pgbouncer.ini`, `pasted.tf` ...; `pasted.py` in doubt."""
    text = data.decode("utf-8", "replace")
    return next((name for name, sign in _SIGNS if re.search(sign, text, re.MULTILINE)), "pasted.py")


_PYTHON = (
    (r"\bpsycopg2\.", "import psycopg2"),
    (r"\bpsycopg\.", "import psycopg"),
    (r"\basyncpg\.", "import asyncpg"),
    (r"(?<![.\w])create_engine\(", "from sqlalchemy import create_engine"),
    (r"(?<![.\w])ThreadedConnectionPool\(", "from psycopg2.pool import ThreadedConnectionPool"),
    (r"(?<![.\w])ConnectionPool\(", "from psycopg_pool import ConnectionPool"),
)
_JAVASCRIPT = (
    (r"\bnew PrismaClient\(", "const { PrismaClient } = require('@prisma/client');"),
    (r"\bnew Pool\(", "const { Pool } = require('pg');"),
)
_LENDS = re.compile(r"\b(\w+)\.connect\(")
_POOL = "const {name} = new (require('pg').Pool)({{ connectionTimeoutMillis: 5000 }});"


def unsaid(name: str, data: bytes) -> bytes:
    """The imports that a pasted part of a file leaves out, as lines to read behind it; b"" when it imports anything."""
    text = data.decode("utf-8", "replace")
    if re.search(r"^\s*(?:import|from)\s|\brequire\(", text, re.MULTILINE):
        return b""
    table = _PYTHON if name == "pasted.py" else _JAVASCRIPT if name in ("pasted.js", "pasted.ts") else ()
    lines = [line for sign, line in table if re.search(sign, text)]
    lends = _LENDS.search(text) if table == _JAVASCRIPT and re.search(r"\.release\(|\bdone\(", text) else None
    if lends and not lines and not re.search(rf"\b(?:const|let|var)\s+{lends[1]}\b", text):
        lines = [_POOL.format(name=lends[1])]
    return "".join(f"\n{line}\n" for line in lines).encode()
