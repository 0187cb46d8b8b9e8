"""psycopg 3 and psycopg_pool as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Again, Kind, Leaving, Operation

_POOLS = ("ConnectionPool", "NullConnectionPool")
_ASYNC_POOLS = ("AsyncConnectionPool", "AsyncNullConnectionPool")

_METHODS = (Operation("cursor", safe=True, manager=True), Operation("transaction", safe=True, manager=True))

KINDS = (
    Kind(
        "psycopg.Connection",
        "psycopg",
        "python",
        "connection",
        names=("psycopg.Connection", "psycopg.connection.Connection"),
        methods=(
            Operation("connect", returns="psycopg.Connection", acquires=True),
            Operation("close", releases="self", safe=True),
            *_METHODS,
        ),
        release="{value}.close()",
        leaving=Leaving.CLOSES,
        pooled=False,
        collected=True,
        source="psycopg 3.3.9, psycopg-pool 3.3.3",
    ),
    Kind(
        "psycopg.AsyncConnection",
        "psycopg",
        "python",
        "connection",
        names=("psycopg.AsyncConnection", "psycopg.connection_async.AsyncConnection"),
        methods=(
            Operation("connect", returns="psycopg.AsyncConnection", acquires=True, awaited=True),
            Operation("close", awaited=True, releases="self", safe=True),
            *_METHODS,
        ),
        release="await {value}.close()",
        leaving=Leaving.CLOSES,
        pooled=False,
        collected=True,
        source="psycopg 3.3.9, psycopg-pool 3.3.3",
    ),
    Kind(
        "psycopg_pool.connection",
        "psycopg_pool",
        "python",
        "connection",
        methods=(Operation("close", safe=True), *_METHODS),
        release="{owner}.putconn({value})",
        leaving=Leaving.KEEPS,
        again=Again.RAISES,
        source="psycopg 3.3.9, psycopg-pool 3.3.3: neither with nor close() returns a pooled connection",
    ),
    Kind(
        "psycopg_pool.Pool",
        "psycopg_pool",
        "python",
        "pool",
        names=tuple(f"psycopg_pool.{name}" for name in _POOLS),
        methods=(
            Operation("connection", returns="psycopg.Connection", manager=True),
            Operation("getconn", returns="psycopg_pool.connection", acquires=True),
            Operation("putconn", releases="argument", safe=True),
            Operation("close", releases="all", safe=True),
        ),
        release="{value}.close()",
        leaving=Leaving.CLOSES,
        pool=True,
        source="psycopg 3.3.9, psycopg-pool 3.3.3",
    ),
    Kind(
        "psycopg_pool.AsyncPool",
        "psycopg_pool",
        "python",
        "pool",
        names=tuple(f"psycopg_pool.{name}" for name in _ASYNC_POOLS),
        methods=(
            Operation("connection", returns="psycopg.AsyncConnection", manager=True),
            Operation("getconn", returns="psycopg_pool.connection", acquires=True, awaited=True),
            Operation("putconn", releases="argument", awaited=True, safe=True),
            Operation("close", awaited=True, releases="all", safe=True),
        ),
        release="await {value}.close()",
        leaving=Leaving.CLOSES,
        pool=True,
        source="psycopg 3.3.9, psycopg-pool 3.3.3",
    ),
)

FUNCTIONS = (
    Operation("psycopg.connect", also=("psycopg.Connection.connect",), returns="psycopg.Connection", acquires=True),
    Operation("psycopg.AsyncConnection.connect", returns="psycopg.AsyncConnection", acquires=True, awaited=True),
    Operation("psycopg_pool.ConnectionPool", also=("psycopg_pool.NullConnectionPool",), returns="psycopg_pool.Pool"),
    Operation(
        "psycopg_pool.AsyncConnectionPool",
        also=("psycopg_pool.AsyncNullConnectionPool",),
        returns="psycopg_pool.AsyncPool",
    ),
)
