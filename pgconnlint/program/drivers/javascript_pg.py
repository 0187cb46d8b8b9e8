"""node-postgres: `pg` 8, `pg-pool` 3, cursors and streams, and the drivers shaped like it (facts, 9 and 12)."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Again, Kind, Operation

_LOOK_ALIKES = ("pg", "@neondatabase/serverless", "@vercel/postgres")
_POOLS = ("pg-pool:default", "pg-pool:*", "pg-pool:Pool")


def _paths(name: str, *more: str) -> tuple[str, ...]:
    return (*(f"{module}:{name}" for module in _LOOK_ALIKES), *more)


_EVENTS = (
    Operation(
        "on",
        also=(
            "once", "off", "addListener", "removeListener", "removeAllListeners", "setMaxListeners", "emit",
            "escapeIdentifier", "escapeLiteral", "setTypeParser", "getTypeParser", "ref", "unref",
        ),
        safe=True,
        idle=True,
    ),
)  # fmt: skip

KINDS = (
    Kind(
        "pg.Client",
        "pg",
        "javascript",
        "client",
        names=_paths("Client", "@vercel/postgres:VercelClient"),
        methods=(
            Operation("connect", awaited=True, opens=True),
            Operation("query", awaited=True),
            Operation("end", also=("$end",), releases="self", safe=True),
            *_EVENTS,
        ),
        release="await {value}.end()",
        lazy="connect",
        pooled=False,
        source="pg 8.23.1, pg-pool 3.14.0: constructing alone opens nothing; run against PostgreSQL 15",
    ),
    Kind(
        "pg.PoolClient",
        "pg",
        "javascript",
        "client",
        names=_paths("PoolClient", "@vercel/postgres:VercelPoolClient"),
        methods=(
            Operation("query", awaited=True),
            Operation("release", releases="self", safe=True),
            Operation(
                "end",
                safe=True,
                source="pg 8.23.1, pg-pool 3.14.0: never gives the slot back, run against PostgreSQL 15",
            ),
            *_EVENTS,
        ),
        release="{value}.release()",
        again=Again.RAISES,
        source="pg 8.23.1, pg-pool 3.14.0; run against PostgreSQL 15: a second release throws",
    ),
    Kind(
        "pg.Pool",
        "pg",
        "javascript",
        "pool",
        names=_paths("Pool", *_POOLS, "@vercel/postgres:VercelPool"),
        methods=(
            Operation("connect", returns="pg.PoolClient", acquires=True, awaited=True, node_callback=True),
            Operation("query", awaited=True),
            Operation("end", releases="all", safe=True),
            *_EVENTS,
        ),
        release="await {value}.end()",
        pool=True,
        source="pg 8.23.1, pg-pool 3.14.0; pool.query gives back by itself, run against PostgreSQL 15",
    ),
    Kind(
        "pg.Cursor",
        "pg",
        "javascript",
        "cursor",
        names=("pg-cursor:default", "pg-cursor:*", "pg-cursor:Cursor", "pg:Cursor"),
        methods=(
            Operation("read", awaited=True),
            Operation("close", awaited=True, releases="self", safe=True),
        ),
        release="await {value}.close()",
        resource=False,
        source="pg 8.23.1, pg-pool 3.14.0: close before release, run against PostgreSQL 15",
    ),
    Kind(
        "pg.QueryStream",
        "pg",
        "javascript",
        "stream",
        names=("pg-query-stream:default", "pg-query-stream:*", "pg-query-stream:QueryStream"),
        methods=(Operation("destroy", releases="self", safe=True),),
        release="{value}.destroy()",
        resource=False,
        source="pg 8.23.1, pg-pool 3.14.0: release in 'close', run against PostgreSQL 15",
    ),
)

FUNCTIONS = (
    Operation("pg:Pool", also=(*_paths("Pool")[1:], *_POOLS), returns="pg.Pool", safe=True),
    Operation(
        "pg:connect",
        returns="pg.PoolClient",
        acquires=True,
        node_callback=True,
        source="pg before 7: the module's own pool, given back by done()",
    ),
    Operation("@vercel/postgres:createPool", returns="pg.Pool", safe=True),
    Operation(
        "@vercel/postgres:db.connect",
        also=("@vercel/postgres:sql.connect",),
        returns="pg.PoolClient",
        acquires=True,
        awaited=True,
        source="@neondatabase/serverless 1.2.0, @vercel/postgres 0.10.0",
    ),
    Operation("pg:Client", also=_paths("Client")[1:], returns="pg.Client", acquires=True, safe=True),
    Operation("@vercel/postgres:createClient", returns="pg.Client", acquires=True, safe=True),
    Operation("pg-cursor:default", also=("pg-cursor:*",), returns="pg.Cursor", safe=True),
    Operation("pg-query-stream:default", also=("pg-query-stream:*",), returns="pg.QueryStream", safe=True),
)
