"""TypeORM 0.3 and 1: data sources and query runners (facts/drivers.md, section 13.1)."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Leaving, Operation

KINDS = (
    Kind(
        "typeorm.DataSource",
        "typeorm",
        "javascript",
        "data source",
        names=("typeorm:DataSource", "typeorm:Connection"),
        methods=(
            Operation("createQueryRunner", returns="typeorm.QueryRunner", acquires=True, safe=True),
            Operation("transaction", awaited=True, callback=-1, callback_kinds=("typeorm.EntityManager",)),
            Operation("initialize", returns="self", awaited=True),
            Operation("destroy", awaited=True, releases="all"),
        ),
        fields={"manager": "typeorm.EntityManager"},
        release="await {value}.destroy()",
        pool=True,
        source="drivers.md 13.1",
    ),
    Kind(
        "typeorm.EntityManager",
        "typeorm",
        "javascript",
        "entity manager",
        names=("typeorm:EntityManager",),
        methods=(Operation("transaction", awaited=True, callback=-1, callback_kinds=("typeorm.EntityManager",)),),
        fields={"connection": "typeorm.DataSource", "dataSource": "typeorm.DataSource"},
    ),
    Kind(
        "typeorm.Repository",
        "typeorm",
        "javascript",
        "repository",
        names=("typeorm:Repository", "typeorm:TreeRepository"),
        fields={"manager": "typeorm.EntityManager"},
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
            Operation("query", awaited=True, opens=True),
            Operation("commitTransaction", awaited=True),
            Operation("rollbackTransaction", awaited=True),
            Operation("release", awaited=True, releases="self", safe=True),
        ),
        release="await {value}.release()",
        leaving=Leaving.CLOSES,
        lazy="use",
        source="drivers.md 13.1: connects on first use",
    ),
)

FUNCTIONS = (
    Operation("typeorm:DataSource", also=("typeorm:Connection",), returns="typeorm.DataSource"),
    Operation("typeorm:getConnection", also=("typeorm:createConnection",), returns="typeorm.DataSource"),
    Operation("typeorm:getManager", returns="typeorm.EntityManager"),
    Operation("typeorm:getRepository", returns="typeorm.Repository"),
)
