"""asyncpg 0.32 as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Operation

_METHODS = (
    Operation("transaction", safe=True, manager=True),
    Operation("is_closed", safe=True),
    Operation("terminate", releases="self", safe=True),
)

KINDS = (
    Kind(
        "asyncpg.Connection",
        "asyncpg",
        "python",
        "connection",
        names=("asyncpg.Connection", "asyncpg.connection.Connection"),
        methods=(Operation("close", awaited=True, releases="self", safe=True), *_METHODS),
        release="await {value}.close()",
        pooled=False,
        collected=True,
        source="asyncpg 0.32.0",
    ),
    Kind(
        "asyncpg.PoolConnection",
        "asyncpg",
        "python",
        "connection",
        names=("asyncpg.pool.PoolConnectionProxy",),
        methods=(Operation("close", awaited=True, releases="self", safe=True), *_METHODS),
        release="await {owner}.release({value})",
        source="asyncpg 0.32.0: closing an acquired connection frees the slot too",
    ),
    Kind(
        "asyncpg.Pool",
        "asyncpg",
        "python",
        "pool",
        names=("asyncpg.Pool", "asyncpg.pool.Pool"),
        methods=(
            Operation("acquire", returns="asyncpg.PoolConnection", acquires=True, awaited=True, manager=True),
            Operation("release", releases="argument", awaited=True, safe=True),
            Operation("close", awaited=True, releases="all", safe=True),
            Operation("terminate", releases="all", safe=True),
        ),
        release="await {value}.close()",
        pool=True,
        source="asyncpg 0.32.0",
    ),
)

FUNCTIONS = (
    Operation(
        "asyncpg.connect",
        also=("asyncpg.connection.connect",),
        returns="asyncpg.Connection",
        acquires=True,
        awaited=True,
    ),
    Operation(
        "asyncpg.create_pool", also=("asyncpg.pool.create_pool",), returns="asyncpg.Pool", awaited=True, manager=True
    ),
)
