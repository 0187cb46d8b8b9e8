"""node-postgres: `pg` 8, `pg-pool` 3 and the drivers shaped like it (facts/drivers.md, sections 9 and 12)."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Again, Kind, Operation

_LOOK_ALIKES = ("pg", "@neondatabase/serverless", "@vercel/postgres")


def _paths(name: str, *more: str) -> tuple[str, ...]:
    return (*(f"{module}:{name}" for module in _LOOK_ALIKES), *more)


_ON = Operation(
    "on", also=("once", "off", "removeListener", "removeAllListeners", "setMaxListeners"), safe=True, idle=True
)

KINDS = (
    Kind(
        "pg.Client",
        "pg",
        "javascript",
        "client",
        names=_paths("Client", "pg:ClientBase", "@vercel/postgres:VercelClient"),
        methods=(
            Operation("connect", awaited=True, opens=True),
            Operation("query", awaited=True),
            Operation("end", releases="self", safe=True),
            _ON,
        ),
        release="await {value}.end()",
        lazy="connect",
        pooled=False,
        source="drivers.md 9",
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
            Operation("end", safe=True),
            _ON,
        ),
        release="{value}.release()",
        again=Again.RAISES,
        source="drivers.md 9",
    ),
    Kind(
        "pg.Pool",
        "pg",
        "javascript",
        "pool",
        names=_paths("Pool", "pg-pool:default", "pg-pool:*", "@vercel/postgres:VercelPool"),
        methods=(
            Operation("connect", returns="pg.PoolClient", acquires=True, awaited=True, node_callback=True),
            Operation("query", awaited=True),
            Operation("end", releases="all", safe=True),
            _ON,
        ),
        release="await {value}.end()",
        pool=True,
        source="drivers.md 9",
    ),
)

FUNCTIONS = (
    Operation("pg:Pool", also=(*_paths("Pool")[1:], "pg-pool:default", "pg-pool:*"), returns="pg.Pool"),
    Operation("@vercel/postgres:createPool", returns="pg.Pool"),
    Operation("pg:Client", also=_paths("Client")[1:], returns="pg.Client", acquires=True),
    Operation("@vercel/postgres:createClient", returns="pg.Client", acquires=True),
)
