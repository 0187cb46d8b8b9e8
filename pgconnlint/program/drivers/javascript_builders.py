"""Prisma, Drizzle, Kysely, Slonik and MikroORM as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Leaving, Operation

_MIKRO = ("core", "postgresql", "knex")
_DRIZZLE = (
    "drizzle-orm/node-postgres", "drizzle-orm/postgres-js", "drizzle-orm/neon-serverless",
    "drizzle-orm/vercel-postgres", "drizzle-orm/neon-http",
)  # fmt: skip
_KYSELY_BUILDER = Operation("setIsolationLevel", also=("setAccessMode",), returns="self", safe=True)

_PRISMA = (
    Kind(
        "prisma.PrismaClient",
        "@prisma/client",
        "javascript",
        "client",
        names=("@prisma/client:PrismaClient",),
        methods=(
            Operation("$transaction", awaited=True, callback=0, callback_kinds=("prisma.TransactionClient",)),
            Operation("$connect", also=("$queryRaw", "$executeRaw"), awaited=True),
            Operation("$on", also=("$use",), safe=True),
            Operation("$extends", returns="self", safe=True),
            Operation("$disconnect", awaited=True, releases="all", safe=True),
        ),
        release="await {value}.$disconnect()",
        pool=True,
        source="Prisma 7.10; run against PostgreSQL 15",
    ),
    Kind(
        "prisma.TransactionClient",
        "@prisma/client",
        "javascript",
        "transaction",
        names=("@prisma/client:Prisma.TransactionClient",),
        resource=False,
        source="Prisma 7.10",
    ),
)

_OTHERS = (
    Kind(
        "drizzle.Database",
        "drizzle-orm",
        "javascript",
        "database",
        names=("drizzle-orm/node-postgres:NodePgDatabase", "drizzle-orm/postgres-js:PostgresJsDatabase"),
        methods=(Operation("transaction", awaited=True, callback=0, callback_kinds=("drizzle.Transaction",)),),
        fields={"$client": "pg.Pool"},
        resource=False,
        source="drizzle-orm 0.45.4; run against PostgreSQL 15",
    ),
    Kind(
        "drizzle.Transaction", "drizzle-orm", "javascript", "transaction", resource=False, source="drizzle-orm 0.45.4"
    ),
    Kind(
        "slonik.Pool",
        "slonik",
        "javascript",
        "pool",
        names=("slonik:DatabasePool", "slonik:DatabasePoolType"),
        methods=(
            Operation(
                "connect", also=("transaction",), awaited=True, callback=0, callback_kinds=("slonik.Connection",)
            ),
            Operation("end", awaited=True, releases="all", safe=True),
        ),
        release="await {value}.end()",
        pool=True,
        source="slonik 47.3.2; run against PostgreSQL 15: handlers only",
    ),
    Kind(
        "slonik.Connection",
        "slonik",
        "javascript",
        "connection",
        names=("slonik:DatabasePoolConnection", "slonik:DatabaseTransactionConnection"),
        methods=(Operation("transaction", awaited=True, callback=0, callback_kinds=("slonik.Connection",)),),
        resource=False,
        source="slonik 47.3.2",
    ),
)

_KYSELY = (
    Kind(
        "kysely.Kysely",
        "kysely",
        "javascript",
        "database",
        names=("kysely:Kysely",),
        methods=(
            Operation("startTransaction", returns="kysely.ControlledTransactionBuilder", safe=True),
            Operation("transaction", also=("connection",), returns="kysely.TransactionBuilder", safe=True),
            Operation("destroy", awaited=True, releases="all", safe=True),
            Operation("withSchema", also=("withPlugin", "withoutPlugins", "withTables"), returns="self", safe=True),
        ),
        release="await {value}.destroy()",
        leaving=Leaving.CLOSES,
        pool=True,
        source="Kysely 0.28.18; run against PostgreSQL 15",
    ),
    Kind(
        "kysely.TransactionBuilder",
        "kysely",
        "javascript",
        "builder",
        methods=(
            Operation("execute", awaited=True, callback=0, callback_kinds=("kysely.Transaction",)),
            _KYSELY_BUILDER,
        ),
        resource=False,
        source="Kysely 0.28.18; run against PostgreSQL 15",
    ),
    Kind(
        "kysely.Transaction",
        "kysely",
        "javascript",
        "transaction",
        names=("kysely:Transaction",),
        resource=False,
        source="Kysely 0.28.18",
    ),
    Kind(
        "kysely.ControlledTransactionBuilder",
        "kysely",
        "javascript",
        "builder",
        methods=(
            Operation("execute", returns="kysely.ControlledTransaction", acquires=True, awaited=True),
            _KYSELY_BUILDER,
        ),
        resource=False,
        source="Kysely 0.28.18",
    ),
    Kind(
        "kysely.ControlledTransaction",
        "kysely",
        "javascript",
        "transaction",
        names=("kysely:ControlledTransaction",),
        methods=(
            Operation("commit", also=("rollback",), releases="self", release_needs="execute"),
            Operation("savepoint", also=("rollbackToSavepoint", "releaseSavepoint")),
        ),
        release="await {value}.rollback().execute()",
        released_when=("isCommitted", "isRolledBack"),
        source="Kysely 0.28.18; run against PostgreSQL 15",
    ),
)

_MIKRO_ORM = (
    Kind(
        "mikro-orm.MikroORM",
        "mikro-orm",
        "javascript",
        "ORM",
        names=tuple(f"@mikro-orm/{name}:MikroORM" for name in _MIKRO),
        methods=(Operation("close", awaited=True, releases="all", safe=True),),
        fields={"em": "mikro-orm.EntityManager"},
        release="await {value}.close()",
        pool=True,
        source="MikroORM 6.6.16, 7.2.1",
    ),
    Kind(
        "mikro-orm.EntityManager",
        "mikro-orm",
        "javascript",
        "entity manager",
        names=tuple(
            f"@mikro-orm/{module}:{name}" for module in _MIKRO for name in ("EntityManager", "SqlEntityManager")
        ),
        methods=(
            Operation("fork", returns="mikro-orm.EntityManager", safe=True),
            Operation("begin", awaited=True, acquires=True, on_self=True),
            Operation("commit", also=("rollback",), awaited=True, ends=True),
            Operation("transactional", awaited=True, callback=0, callback_kinds=("mikro-orm.EntityManager",)),
            Operation("persist", also=("create", "assign", "clear", "merge", "getReference"), safe=True, idle=True),
        ),
        release="await {value}.rollback()",
        usable_after=True,
        source="MikroORM 6.6.16, 7.2.1",
    ),
)

KINDS = (*_PRISMA, *_OTHERS, *_KYSELY, *_MIKRO_ORM)

FUNCTIONS = (
    Operation("@prisma/client:PrismaClient", returns="prisma.PrismaClient", safe=True),
    Operation(
        f"{_DRIZZLE[0]}:drizzle",
        also=tuple(f"{module}:drizzle" for module in _DRIZZLE[1:]),
        returns="drizzle.Database",
        safe=True,
    ),
    Operation("kysely:Kysely", returns="kysely.Kysely", safe=True),
    Operation("slonik:createPool", returns="slonik.Pool", awaited=True),
    Operation(
        "@mikro-orm/core:MikroORM.init",
        also=tuple(f"@mikro-orm/{name}:MikroORM.init" for name in _MIKRO[1:]),
        returns="mikro-orm.MikroORM",
        awaited=True,
    ),
    Operation(
        "@mikro-orm/core:MikroORM",
        also=tuple(f"@mikro-orm/{name}:MikroORM" for name in _MIKRO[1:]),
        returns="mikro-orm.MikroORM",
        safe=True,
    ),
)
