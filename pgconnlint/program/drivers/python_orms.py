"""peewee, tortoise, databases, records as released and documented in November 2026.

peewee's and databases' connections belong to the thread or task, not to a value: opening one is no site of
its own, so that `connect` before and `close` after a request stay silent.
"""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Leaving, Operation

_PEEWEE = (
    "peewee.PostgresqlDatabase",
    "playhouse.postgres_ext.PostgresqlExtDatabase",
    "playhouse.cockroachdb.CockroachDatabase",
)
_PEEWEE_POOLS = (
    "playhouse.pool.PooledPostgresqlDatabase",
    "playhouse.pool.PooledPostgresqlExtDatabase",
    "playhouse.pool.PooledPsycopg3Database",
)
_PEEWEE_METHODS = (
    Operation("connect"),
    Operation("close", safe=True),
    Operation("atomic", also=("transaction", "connection_context"), manager=True),
)

KINDS = (
    Kind(
        "peewee.Database",
        "peewee",
        "python",
        "database",
        names=_PEEWEE,
        methods=_PEEWEE_METHODS,
        leaving=Leaving.CLOSES,
        pool=True,
        resource=False,
        source="peewee 4.5.3, databases 0.9.0, records 0.6.0: one connection per thread",
    ),
    Kind(
        "peewee.PooledDatabase",
        "peewee",
        "python",
        "pooled database",
        names=_PEEWEE_POOLS,
        methods=(*_PEEWEE_METHODS, Operation("close_all", also=("close_idle", "manual_close"), safe=True)),
        leaving=Leaving.CLOSES,
        pool=True,
        resource=False,
        source="peewee 4.5.3, databases 0.9.0, records 0.6.0",
    ),
    Kind(
        "databases.Database",
        "databases",
        "python",
        "database",
        names=("databases.Database", "databases.core.Database"),
        methods=(
            Operation("connect", awaited=True),
            Operation("disconnect", awaited=True, safe=True),
            Operation("connection", manager=True),
            Operation("transaction", manager=True),
        ),
        release="await {value}.disconnect()",
        leaving=Leaving.CLOSES,
        pool=True,
        resource=False,
        source="peewee 4.5.3, databases 0.9.0, records 0.6.0",
    ),
    Kind(
        "records.Connection",
        "records",
        "python",
        "connection",
        names=("records.Connection",),
        methods=(Operation("close", releases="self", safe=True),),
        release="{value}.close()",
        leaving=Leaving.CLOSES,
        source="peewee 4.5.3, databases 0.9.0, records 0.6.0",
    ),
    Kind(
        "records.Database",
        "records",
        "python",
        "database",
        names=("records.Database",),
        methods=(
            Operation("get_connection", returns="records.Connection", acquires=True, manager=True),
            Operation("close", releases="all", safe=True),
            Operation("transaction", manager=True),
        ),
        release="{value}.close()",
        leaving=Leaving.CLOSES,
        pool=True,
        source="peewee 4.5.3, databases 0.9.0, records 0.6.0",
    ),
)

FUNCTIONS = (
    Operation(_PEEWEE[0], also=_PEEWEE[1:], returns="peewee.Database"),
    Operation(_PEEWEE_POOLS[0], also=_PEEWEE_POOLS[1:], returns="peewee.PooledDatabase"),
    Operation("databases.Database", also=("databases.core.Database",), returns="databases.Database"),
    Operation("records.Database", returns="records.Database"),
    Operation("tortoise.transactions.in_transaction", manager=True, safe=True),
    Operation("tortoise.Tortoise.init", also=("tortoise.contrib.fastapi.register_tortoise",), awaited=True),
    Operation("tortoise.Tortoise.close_connections", also=("tortoise.connections.close_all",), awaited=True, safe=True),
)
