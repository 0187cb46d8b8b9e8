"""postgres.js 3 as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Again, Kind, Operation

KINDS = (
    Kind(
        "postgres.Sql",
        "postgres",
        "javascript",
        "pool",
        names=("postgres:Sql",),
        methods=(
            Operation("reserve", returns="postgres.ReservedSql", acquires=True, awaited=True),
            Operation("begin", awaited=True, callback=-1, callback_kinds=("postgres.TransactionSql",)),
            Operation("unsafe", also=("file", "notify", "listen", "subscribe"), awaited=True),
            Operation("json", also=("array", "typed"), safe=True),
            Operation("end", also=("close",), releases="all", safe=True),
        ),
        release="await {value}.end()",
        pool=True,
        source="postgres 3.4.9; run against PostgreSQL 15",
    ),
    Kind(
        "postgres.ReservedSql",
        "postgres",
        "javascript",
        "connection",
        names=("postgres:ReservedSql",),
        methods=(
            Operation("release", releases="self", safe=True),
            Operation("unsafe", also=("file", "begin"), awaited=True),
        ),
        release="{value}.release()",
        again=Again.HARMFUL,
        source="postgres 3.4.9; run against PostgreSQL 15: a stale second release frees somebody else's connection",
    ),
    Kind(
        "postgres.TransactionSql",
        "postgres",
        "javascript",
        "transaction",
        names=("postgres:TransactionSql",),
        methods=(
            Operation("savepoint", awaited=True, callback=-1, callback_kinds=("postgres.TransactionSql",)),
            Operation("unsafe", also=("file",), awaited=True),
        ),
        resource=False,
        source="postgres 3.4.9; run against PostgreSQL 15",
    ),
)

FUNCTIONS = (Operation("postgres:default", also=("postgres:*",), returns="postgres.Sql", safe=True),)
