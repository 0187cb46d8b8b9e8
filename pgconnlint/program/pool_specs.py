"""Every constructor of a pool, engine or client with a pool inside: option names, defaults, units.

Sizes and times as the released sources have them (November 2026); each row names the measurement or source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """One library's pool.

    ``paths``: constructors as lowering resolves them; ``kind``: with ``paths`` empty, calling a value of that kind.
    ``size``: option names in the order they win; ``positions``: positional parameters by name (Python).
    ``default``: connections when nothing is written, None when the library asks for a number.
    ``overflow``: (option, default). ``unlimited``: sizes that mean no limit. ``ignored``: sizes that mean the default.
    ``nested``: keys of objects that hold the options, looked at before the object itself (`pool`, `extra`).
    ``arguments``: positions of option objects (JavaScript). ``url``: names of options with the connection string;
    ``url_position``: its position. ``url_size``: URL parameters that set the size.
    ``timeout``: option that limits waiting for a connection, its default in ``unit`` (None: for ever).
    ``idle``: option after which idle connections close; ``forever``: its values that keep them for ever.
    ``closers``: methods that close it. ``dialect``: option that names the database; a value that is not PostgreSQL
    takes the pool out.
    """

    library: str
    language: Literal["python", "javascript"]
    row: str
    paths: tuple[str, ...]
    what: str = "pool"
    kind: str = ""
    size: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    default: int | None = 10
    overflow: tuple[str, int] | None = None
    unlimited: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()
    nested: tuple[str, ...] = ()
    arguments: tuple[int, ...] = (0,)
    url: tuple[str, ...] = ()
    url_position: int | None = None
    url_size: tuple[str, ...] = ()
    timeout: str = ""
    timeout_default: float | None = None
    unit: Literal["s", "ms"] = "s"
    idle: str = ""
    forever: tuple[int, ...] = ()
    closers: tuple[str, ...] = ()
    dialect: str = ""
    borrowed: tuple[str, ...] = ()  # options that hand in somebody else's pool: no pool of its own
    factories: tuple[str, ...] = ()  # options whose function, or whose class by a method, returns the pool's options
    note: str = ""
    source: str = ""


_ENGINE_CLOSERS = ("dispose",)

_WRITTEN: tuple[PoolSpec, ...] = (
    PoolSpec(
        "SQLAlchemy", "python", "sqlalchemy.create_engine",
        ("sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlalchemy.future.create_engine",
         "sqlmodel.create_engine", "sqlalchemy.ext.asyncio.create_async_engine",
         "sqlalchemy.ext.asyncio.engine.create_async_engine"),
        what="engine", size=("pool_size",), positions=("url",), default=5, overflow=("max_overflow", 10),
        unlimited=(0,), url=("url",), url_position=0, timeout="pool_timeout", timeout_default=30,
        closers=_ENGINE_CLOSERS, source="X:S0, S11, S13",
    ),
    PoolSpec(
        "SQLAlchemy", "python", "sqlalchemy.engine_from_config", ("sqlalchemy.engine_from_config",),
        what="engine", size=("pool_size",), default=None, closers=_ENGINE_CLOSERS, source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    PoolSpec(
        "psycopg2", "python", "psycopg2.pool.ThreadedConnectionPool",
        ("psycopg2.pool.ThreadedConnectionPool", "psycopg2.pool.SimpleConnectionPool",
         "psycopg2.pool.AbstractConnectionPool", "psycopg2.pool.PersistentConnectionPool"),
        size=("maxconn",), positions=("minconn", "maxconn", "dsn"), default=None, url=("dsn",), url_position=2,
        timeout="", timeout_default=0, closers=("closeall",), source="X:P4",
    ),
    PoolSpec(
        "psycopg_pool", "python", "psycopg_pool.ConnectionPool",
        ("psycopg_pool.ConnectionPool", "psycopg_pool.AsyncConnectionPool"),
        size=("max_size", "min_size"), positions=("conninfo",), default=4, url=("conninfo",), url_position=0,
        timeout="timeout", timeout_default=30, idle="max_idle", closers=("close",), source="X:P5j",
    ),
    PoolSpec(
        "psycopg_pool", "python", "psycopg_pool.NullConnectionPool",
        ("psycopg_pool.NullConnectionPool", "psycopg_pool.AsyncNullConnectionPool"),
        size=("max_size",), positions=("conninfo",), default=None, url=("conninfo",), url_position=0,
        timeout="timeout", timeout_default=30, closers=("close",), source="documentation and source of each library",
    ),
    PoolSpec(
        "asyncpg", "python", "asyncpg.create_pool", ("asyncpg.create_pool", "asyncpg.pool.create_pool"),
        size=("max_size",), positions=("dsn",), default=10, url=("dsn",), url_position=0,
        idle="max_inactive_connection_lifetime", forever=(0,), closers=("close", "terminate"), source="X:A11",
    ),
    PoolSpec(
        "aiopg", "python", "aiopg.create_pool",
        ("aiopg.create_pool", "aiopg.pool.create_pool", "aiopg.sa.create_engine", "aiopg.sa.engine.create_engine"),
        size=("maxsize",), positions=("dsn",), default=10, unlimited=(0,), url=("dsn",), url_position=0,
        timeout="timeout", timeout_default=60, closers=("close", "terminate"), source="aiopg 1.4.0",
    ),
    PoolSpec(
        "peewee", "python", "playhouse.pool.PooledPostgresqlDatabase",
        ("playhouse.pool.PooledPostgresqlDatabase", "playhouse.pool.PooledPostgresqlExtDatabase",
         "playhouse.pool.PooledPsycopg3Database"),
        what="database", size=("max_connections",), positions=("database", "max_connections"), default=20,
        idle="stale_timeout", timeout="timeout", timeout_default=0, closers=("close_all",), source="X:PW5b",
    ),
    PoolSpec(
        "databases", "python", "databases.Database", ("databases.Database", "databases.core.Database"),
        what="database", size=("max_size",), positions=("url",), default=10, url=("url",), url_position=0,
        url_size=("max_size",), closers=("disconnect",), source="X:DB2",
    ),
    PoolSpec(
        "records", "python", "records.Database", ("records.Database",),
        what="database", size=("pool_size",), positions=("db_url",), default=5, overflow=("max_overflow", 10),
        url=("db_url",), url_position=0, closers=("close",), source="the library as released",
    ),
    PoolSpec(
        "Tortoise ORM", "python", "tortoise.Tortoise.init",
        ("tortoise.Tortoise.init", "tortoise.contrib.fastapi.register_tortoise",
         "tortoise.contrib.sanic.register_tortoise", "tortoise.contrib.fastapi.RegisterTortoise"),
        what="connection pool", default=5, url=("db_url",), url_size=("maxsize",), closers=("close_connections",),
        source="X:TT1",
    ),
    PoolSpec(
        "Flask-SQLAlchemy", "python", "flask_sqlalchemy.SQLAlchemy",
        ("flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.extension.SQLAlchemy"),
        what="extension", size=("pool_size",), default=5, overflow=("max_overflow", 10), nested=("engine_options",),
        timeout="pool_timeout", timeout_default=30, closers=_ENGINE_CLOSERS, source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    PoolSpec(
        "pg", "javascript", "pg.Pool",
        ("pg:Pool", "pg-pool:default", "pg-pool:*", "@neondatabase/serverless:Pool", "@vercel/postgres:createPool",
         "@vercel/postgres:VercelPool", "pg:native.Pool"),
        size=("max", "poolSize"), default=10, ignored=(0,), url=("connectionString",),
        timeout="connectionTimeoutMillis", unit="ms", idle="idleTimeoutMillis", forever=(0,), closers=("end",),
        source="X:N14, N20",
    ),
    PoolSpec(
        "pg-promise", "javascript", "pg-promise.database", (), kind="pg-promise.Main",
        what="database object", size=("max", "poolSize"), default=10, url=("connectionString",), url_position=0,
        timeout="connectionTimeoutMillis", unit="ms", idle="idleTimeoutMillis", forever=(0,), closers=("end",),
        source="X:PP1",
    ),
    PoolSpec(
        "postgres.js", "javascript", "postgres", ("postgres:default", "postgres:*"),
        what="pool", size=("max",), default=10, arguments=(1, 0), url_position=0,
        idle="idle_timeout", unit="s", closers=("end", "close"), source="X:J6, J7",
    ),
    PoolSpec(
        "TypeORM", "javascript", "typeorm.DataSource",
        ("typeorm:DataSource", "typeorm:createConnection", "typeorm:Connection",
         "@nestjs/typeorm:TypeOrmModule.forRoot"),
        what="data source", size=("max", "poolSize"), default=10, nested=("extra",), url=("url",),
        timeout="connectionTimeoutMillis", unit="ms", idle="idleTimeoutMillis", forever=(0,),
        closers=("destroy", "close"), dialect="type", source="X:TO11",
    ),
    PoolSpec(
        "Sequelize", "javascript", "sequelize.Sequelize",
        ("sequelize:Sequelize", "sequelize:default", "sequelize:*", "sequelize-typescript:Sequelize",
         "@nestjs/sequelize:SequelizeModule.forRoot"),
        what="Sequelize instance", size=("max",), default=5, nested=("pool",), arguments=(0, 1, 3), url_position=0,
        timeout="acquire", timeout_default=60000, unit="ms", idle="idle", closers=("close",), dialect="dialect",
        source="X:SQ7",
    ),
    PoolSpec(
        "Knex", "javascript", "knex", ("knex:default", "knex:*", "knex:knex", "knex:Knex"),
        what="Knex instance", size=("max",), default=10, nested=("pool",), url=("connection",),
        timeout="acquireConnectionTimeout", timeout_default=60000, unit="ms", idle="idleTimeoutMillis",
        closers=("destroy",), dialect="client", source="X:K9",
    ),
    PoolSpec(
        "Prisma", "javascript", "prisma.PrismaClient", ("@prisma/client:PrismaClient",),
        what="PrismaClient", default=None, url=("datasourceUrl",), url_size=("connection_limit",),
        closers=("$disconnect",), borrowed=("adapter",), source="Prisma 7.10",
    ),
    PoolSpec(
        "Prisma (adapter-pg)", "javascript", "prisma.PrismaPg", ("@prisma/adapter-pg:PrismaPg",),
        what="adapter", size=("max",), default=10, url=("connectionString",), timeout="connectionTimeoutMillis",
        unit="ms", idle="idleTimeoutMillis", forever=(0,), source="X:PR4",
    ),
    PoolSpec(
        "Drizzle", "javascript", "drizzle", ("drizzle-orm/node-postgres:drizzle",),
        what="hidden pool", size=("max",), default=10, nested=("connection",), url=("connectionString", "connection"),
        url_position=0, unit="ms", timeout="connectionTimeoutMillis", idle="idleTimeoutMillis", forever=(0,),
        closers=("end",), borrowed=("client",), source="X:D4",
    ),
    PoolSpec(
        "Slonik", "javascript", "slonik.createPool", ("slonik:createPool",),
        size=("maximumPoolSize",), default=10, arguments=(1,), url_position=0, unit="ms",
        idle="idleTimeout", closers=("end",), source="slonik 47.3.2",
    ),
    PoolSpec(
        "MikroORM", "javascript", "mikro-orm.init",
        ("@mikro-orm/core:MikroORM.init", "@mikro-orm/postgresql:MikroORM.init",
         "@mikro-orm/nestjs:MikroOrmModule.forRoot"),
        what="MikroORM instance", size=("max",), default=10, nested=("pool",), url=("clientUrl",),
        closers=("close",), dialect="type", source="X:K9",
    ),
)  # fmt: skip

_ASYNC = {
    "typeorm.DataSource": ("@nestjs/typeorm:TypeOrmModule.forRootAsync", "createTypeOrmOptions"),
    "sequelize.Sequelize": ("@nestjs/sequelize:SequelizeModule.forRootAsync", "createSequelizeOptions"),
    "mikro-orm.init": ("@mikro-orm/nestjs:MikroOrmModule.forRootAsync", "createMikroOrmOptions"),
}
"""NestJS makes the pool when it starts, of what `useFactory` or the method of `useClass` returns."""

SPECS = (
    *_WRITTEN,
    *(
        replace(
            spec, row=f"{spec.row}.async", paths=(_ASYNC[spec.row][0],), factories=("useFactory", _ASYNC[spec.row][1]),
            arguments=(0,), timeout="", idle="", note="@nestjs/typeorm 11, @nestjs/sequelize 11, @mikro-orm/nestjs 6",
        )
        for spec in _WRITTEN
        if spec.row in _ASYNC
    ),
)  # fmt: skip


def by_path() -> dict[str, PoolSpec]:
    return {path: spec for spec in SPECS for path in spec.paths}


def by_kind() -> dict[str, PoolSpec]:
    return {spec.kind: spec for spec in SPECS if spec.kind}
