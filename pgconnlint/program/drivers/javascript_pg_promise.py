"""pg-promise 12 as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Again, Kind, Operation

_QUERIES = Operation(
    "query",
    also=(
        "any", "one", "none", "many", "oneOrNone", "manyOrNone", "result", "func", "proc", "multi", "multiResult",
        "each", "map", "stream",
    ),
    awaited=True,
)  # fmt: skip
_SHARED = (
    _QUERIES,
    Operation("task", also=("tx",), awaited=True, callback=-1, callback_kinds=("pg-promise.Task",)),
    Operation("taskIf", also=("txIf",), awaited=True, callback=-1, callback_kinds=("pg-promise.Task",)),
)

KINDS = (
    Kind(
        "pg-promise.Main",
        "pg-promise",
        "javascript",
        "library",
        names=("pg-promise:IMain",),
        methods=(Operation("end", safe=True),),
        factory=Operation("database", returns="pg-promise.Database", safe=True),
        resource=False,
        source="pg-promise 12.7.1",
    ),
    Kind(
        "pg-promise.Database",
        "pg-promise",
        "javascript",
        "database",
        names=("pg-promise:IDatabase",),
        methods=(
            Operation("connect", returns="pg-promise.Connected", acquires=True, awaited=True),
            *_SHARED,
        ),
        fields={"$pool": "pg.Pool"},
        release="await {value}.$pool.end()",
        pool=True,
        source="pg-promise 12.7.1; run against PostgreSQL 15",
    ),
    Kind(
        "pg-promise.Connected",
        "pg-promise",
        "javascript",
        "connection",
        names=("pg-promise:IConnected",),
        methods=(Operation("done", releases="self", safe=True), *_SHARED),
        release="{value}.done()",
        again=Again.RAISES,
        source="pg-promise 12.7.1; run against PostgreSQL 15",
    ),
    Kind(
        "pg-promise.Task",
        "pg-promise",
        "javascript",
        "task",
        names=("pg-promise:ITask",),
        methods=_SHARED,
        resource=False,
        source="pg-promise 12.7.1; run against PostgreSQL 15",
    ),
)

FUNCTIONS = (Operation("pg-promise:default", also=("pg-promise:*",), returns="pg-promise.Main", safe=True),)
