"""TypeORM 0.3 and 1: data sources and query runners as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Leaving, Operation

_MANAGER = "typeorm.EntityManager"
_TRANSACTION = Operation("transaction", awaited=True, callback=-1, callback_kinds=(_MANAGER,))
_REPOSITORIES = Operation(
    "getRepository",
    also=("getTreeRepository", "getMongoRepository", "getCustomRepository", "withRepository"),
    returns="typeorm.Repository",
    safe=True,
)

KINDS = (
    Kind(
        "typeorm.DataSource",
        "typeorm",
        "javascript",
        "data source",
        names=("typeorm:DataSource", "typeorm:Connection"),
        methods=(
            Operation("createQueryRunner", returns="typeorm.QueryRunner", acquires=True, safe=True),
            _TRANSACTION,
            Operation("initialize", also=("connect",), returns="self", awaited=True),
            Operation("query", also=("synchronize", "runMigrations", "dropDatabase"), awaited=True),
            Operation("createEntityManager", returns=_MANAGER, safe=True),
            Operation("createQueryBuilder", also=("getMetadata", "hasMetadata", "setOptions"), safe=True),
            _REPOSITORIES,
            Operation("destroy", also=("close",), awaited=True, releases="all", safe=True),
        ),
        fields={"manager": _MANAGER},
        release="await {value}.destroy()",
        pool=True,
        source="TypeORM 1.1.1 and 0.3.31; run against PostgreSQL 15",
    ),
    Kind(
        _MANAGER,
        "typeorm",
        "javascript",
        "entity manager",
        names=("typeorm:EntityManager",),
        methods=(_TRANSACTION, _REPOSITORIES, Operation("createQueryBuilder", also=("create", "merge"), safe=True)),
        fields={"connection": "typeorm.DataSource", "dataSource": "typeorm.DataSource"},
        resource=False,
        source="TypeORM 1.1.1 and 0.3.31",
    ),
    Kind(
        "typeorm.Repository",
        "typeorm",
        "javascript",
        "repository",
        names=("typeorm:Repository", "typeorm:TreeRepository", "typeorm:AbstractRepository"),
        methods=(Operation("createQueryBuilder", also=("create", "merge"), safe=True),),
        fields={"manager": _MANAGER},
        resource=False,
        source="TypeORM 1.1.1 and 0.3.31",
    ),
    Kind(
        "typeorm.QueryRunner",
        "typeorm",
        "javascript",
        "query runner",
        names=("typeorm:QueryRunner",),
        methods=(
            Operation("connect", awaited=True, opens=True),
            Operation("startTransaction", awaited=True, opens=True),
            Operation("query", also=("stream",), awaited=True, opens=True),
            Operation("commitTransaction", awaited=True),
            Operation("rollbackTransaction", awaited=True),
            Operation("release", awaited=True, releases="self", safe=True),
        ),
        fields={"manager": _MANAGER, "connection": "typeorm.DataSource"},
        release="await {value}.release()",
        leaving=Leaving.CLOSES,
        lazy="use",
        released_when=("isReleased",),
        source="TypeORM 1.1.1, 0.3.31, run: connects on first use; a second release does nothing",
    ),
    Kind(
        "typeorm.Transaction",
        "typeorm",
        "javascript",
        "transaction",
        methods=(
            Operation("startTransaction", awaited=True, acquires=True, on_self=True),
            Operation("commitTransaction", also=("rollbackTransaction",), awaited=True, releases="self"),
            Operation("release", awaited=True, idle=True, safe=True),
        ),
        fields={"manager": _MANAGER, "connection": "typeorm.DataSource"},
        usable_after=True,
        inside="typeorm.QueryRunner",
        source="TypeORM 0.3.31, run against PostgreSQL 15: release() ends no transaction",
    ),
)

FUNCTIONS = (
    Operation("typeorm:DataSource", also=("typeorm:Connection",), returns="typeorm.DataSource", safe=True),
    Operation("typeorm:createConnection", returns="typeorm.DataSource", awaited=True),
    Operation("typeorm:getConnection", returns="typeorm.DataSource", safe=True),
    Operation("typeorm:getManager", returns=_MANAGER, safe=True),
    Operation("typeorm:getRepository", also=("typeorm:getTreeRepository",), returns="typeorm.Repository", safe=True),
)
