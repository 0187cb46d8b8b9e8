"""Sequelize 6 as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Operation

_CLASSES = ("sequelize:Sequelize", "sequelize:default", "sequelize:*", "sequelize-typescript:Sequelize")

KINDS = (
    Kind(
        "sequelize.Sequelize",
        "sequelize",
        "javascript",
        "sequelize",
        names=_CLASSES,
        methods=(
            Operation(
                "transaction",
                returns="sequelize.Transaction",
                acquires=True,
                awaited=True,
                callback=-1,
                callback_kinds=("sequelize.ManagedTransaction",),
            ),
            Operation("query", also=("authenticate", "sync", "drop", "truncate"), awaited=True),
            Operation("define", also=("import", "model", "models", "getDialect", "addModels"), safe=True),
            Operation("close", awaited=True, releases="all", safe=True),
        ),
        fields={"connectionManager": "sequelize.ConnectionManager"},
        release="await {value}.close()",
        pool=True,
        source="Sequelize 6.37.8; run against PostgreSQL 15",
    ),
    Kind(
        "sequelize.Transaction",
        "sequelize",
        "javascript",
        "transaction",
        names=("sequelize:Transaction", "sequelize-typescript:Transaction"),
        methods=(
            Operation("commit", also=("rollback",), awaited=True, releases="self"),
            Operation("afterCommit", also=("afterRollback",), safe=True, idle=True),
        ),
        release="await {value}.rollback()",
        released_when=("finished",),
        lent=("transaction",),
        source="Sequelize 6.37.8: a commit or rollback that fails destroys the connection, the slot is free",
    ),
    Kind(
        "sequelize.ManagedTransaction",
        "sequelize",
        "javascript",
        "transaction",
        methods=(Operation("afterCommit", safe=True),),
        resource=False,
        source="Sequelize 6.37.8; run against PostgreSQL 15: ended by Sequelize when the callback settles",
    ),
    Kind(
        "sequelize.ConnectionManager",
        "sequelize",
        "javascript",
        "connection manager",
        methods=(
            Operation("getConnection", returns="sequelize.Connection", acquires=True, awaited=True),
            Operation("releaseConnection", also=("destroyConnection",), releases="argument", safe=True),
        ),
        resource=False,
        source="Sequelize 6.37.8; run against PostgreSQL 15",
    ),
    Kind(
        "sequelize.Connection",
        "sequelize",
        "javascript",
        "connection",
        release="{owner}.releaseConnection({value})",
        source="Sequelize 6.37.8; run against PostgreSQL 15",
    ),
)

FUNCTIONS = (Operation(_CLASSES[0], also=_CLASSES[1:], returns="sequelize.Sequelize", safe=True),)
