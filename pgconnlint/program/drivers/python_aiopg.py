"""aiopg 1.4 as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Again, Kind, Leaving, Operation

KINDS = (
    Kind(
        "aiopg.Connection",
        "aiopg",
        "python",
        "connection",
        names=("aiopg.Connection", "aiopg.connection.Connection"),
        methods=(
            Operation("close", releases="self", safe=True),
            Operation("cursor", awaited=True, manager=True),
        ),
        release="await {value}.close()",
        leaving=Leaving.CLOSES,
        pooled=False,
        collected=True,
        source="aiopg 1.4.0: closed in __del__ too",
    ),
    Kind(
        "aiopg.PoolConnection",
        "aiopg",
        "python",
        "connection",
        names=("aiopg.sa.SAConnection", "aiopg.sa.connection.SAConnection"),
        methods=(
            Operation("cursor", awaited=True, manager=True),
            Operation("close", releases="self", safe=True),
        ),
        release="{owner}.release({value})",
        again=Again.RAISES,
        source="aiopg 1.4.0: releasing twice asserts",
    ),
    Kind(
        "aiopg.Pool",
        "aiopg",
        "python",
        "pool",
        names=("aiopg.Pool", "aiopg.pool.Pool", "aiopg.sa.Engine", "aiopg.sa.engine.Engine"),
        methods=(
            Operation("acquire", returns="aiopg.PoolConnection", acquires=True, awaited=True, manager=True),
            Operation("cursor", manager=True),
            Operation("release", releases="argument", safe=True),
            Operation("close", also=("terminate",), releases="all", safe=True),
            Operation("wait_closed", awaited=True, safe=True),
        ),
        release="{value}.close(); await {value}.wait_closed()",
        leaving=Leaving.CLOSES,
        pool=True,
        source="aiopg 1.4.0",
    ),
)

FUNCTIONS = (
    Operation(
        "aiopg.connect",
        also=("aiopg.connection.connect",),
        returns="aiopg.Connection",
        acquires=True,
        awaited=True,
        manager=True,
    ),
    Operation("aiopg.create_pool", also=("aiopg.pool.create_pool",), returns="aiopg.Pool", awaited=True, manager=True),
    Operation(
        "aiopg.sa.create_engine",
        also=("aiopg.sa.engine.create_engine",),
        returns="aiopg.Pool",
        awaited=True,
        manager=True,
    ),
)
