"""pg8000 1.31 as released and documented in November 2026: `with` closes, unlike psycopg2; no pool of its own."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Leaving, Operation

KINDS = (
    Kind(
        "pg8000.Connection",
        "pg8000",
        "python",
        "connection",
        names=("pg8000.Connection", "pg8000.dbapi.Connection", "pg8000.native.Connection", "pg8000.legacy.Connection"),
        methods=(
            Operation("close", releases="self", safe=True),
            Operation("cursor", safe=True),
        ),
        release="{value}.close()",
        leaving=Leaving.CLOSES,
        pooled=False,
        collected=True,
        source="pg8000 1.31.6",
    ),
)

FUNCTIONS = (
    Operation(
        "pg8000.connect",
        also=("pg8000.dbapi.connect", "pg8000.legacy.connect", "pg8000.native.Connection"),
        returns="pg8000.Connection",
        acquires=True,
        source="pg8000 1.31.6",
    ),
)
