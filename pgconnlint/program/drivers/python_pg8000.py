"""pg8000 1.31 (facts/drivers.md, section 5): `with` closes, unlike psycopg2; no pool of its own."""

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
        source="drivers.md 5",
    ),
)

FUNCTIONS = (
    Operation(
        "pg8000.connect",
        also=("pg8000.dbapi.connect", "pg8000.legacy.connect", "pg8000.native.Connection"),
        returns="pg8000.Connection",
        acquires=True,
        source="drivers.md 5",
    ),
)
