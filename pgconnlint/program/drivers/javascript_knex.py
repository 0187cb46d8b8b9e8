"""knex 3, Objection 3 and Bookshelf 1 as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Operation

_TRX = "knex.Transaction"

KINDS = (
    Kind(
        "knex.Knex",
        "knex",
        "javascript",
        "knex",
        names=("knex:Knex", "knex:default", "knex:*", "knex:knex"),
        methods=(
            Operation(
                "transaction",
                returns=_TRX,
                acquires=True,
                awaited=True,
                callback=0,
                callback_kinds=("knex.ManagedTransaction",),
            ),
            Operation("transactionProvider", returns="knex.TransactionProvider", safe=True),
            Operation("destroy", awaited=True, releases="all", safe=True),
            Operation("ref", also=("fn", "isTransaction", "on"), safe=True),
        ),
        fields={"client": "knex.Client"},
        release="await {value}.destroy()",
        pool=True,
        source="knex 3.3.0, objection 3.1.5; run against PostgreSQL 15",
    ),
    Kind(
        _TRX,
        "knex",
        "javascript",
        "transaction",
        names=("knex:Knex.Transaction", "objection:Transaction", "objection:TransactionOrKnex"),
        methods=(
            Operation("commit", also=("rollback",), awaited=True, releases="self"),
            Operation("transaction", awaited=True, source="a savepoint on the same connection"),
            Operation("ref", also=("fn", "isTransaction", "isCompleted", "on"), safe=True, idle=True),
        ),
        release="await {value}.rollback()",
        released_when=("isCompleted",),
        lent=("query", "$query", "relatedQuery", "$relatedQuery", "transacting"),
        source="knex 3.3.0, objection 3.1.5; run against PostgreSQL 15",
    ),
    Kind(
        "knex.ManagedTransaction",
        "knex",
        "javascript",
        "transaction",
        methods=(Operation("commit", also=("rollback",), awaited=True),),
        resource=False,
        source="knex 3.3.0, objection 3.1.5; run against PostgreSQL 15: ended when the callback settles",
    ),
    Kind(
        "knex.TransactionProvider",
        "knex",
        "javascript",
        "transaction provider",
        factory=Operation("provide", returns=_TRX, acquires=True, awaited=True),
        resource=False,
        source="knex 3.3.0, objection 3.1.5; run against PostgreSQL 15",
    ),
    Kind(
        "knex.Client",
        "knex",
        "javascript",
        "client",
        methods=(
            Operation("acquireConnection", returns="knex.Connection", acquires=True, awaited=True),
            Operation("releaseConnection", also=("destroyRawConnection",), releases="argument", safe=True),
        ),
        resource=False,
        source="knex 3.3.0, objection 3.1.5; run against PostgreSQL 15",
    ),
    Kind(
        "knex.Connection",
        "knex",
        "javascript",
        "connection",
        release="await {owner}.releaseConnection({value})",
        source="knex 3.3.0, objection 3.1.5; run against PostgreSQL 15",
    ),
    Kind(
        "objection.Model",
        "objection",
        "javascript",
        "model",
        names=("objection:Model",),
        methods=(
            Operation("startTransaction", returns=_TRX, acquires=True, awaited=True),
            Operation("transaction", awaited=True, callback=-1, callback_kinds=("knex.ManagedTransaction",)),
            Operation("knex", returns="knex.Knex", safe=True),
        ),
        resource=False,
        source="knex 3.3.0, objection 3.1.5",
    ),
    Kind(
        "bookshelf.Bookshelf",
        "bookshelf",
        "javascript",
        "bookshelf",
        methods=(Operation("transaction", awaited=True, callback=0, callback_kinds=("knex.ManagedTransaction",)),),
        fields={"knex": "knex.Knex"},
        resource=False,
        source="knex 3.3.0, objection 3.1.5",
    ),
)

FUNCTIONS = (
    Operation("knex:default", also=("knex:*", "knex:knex", "knex:Knex"), returns="knex.Knex", safe=True),
    Operation(
        "objection:transaction.start", returns=_TRX, acquires=True, awaited=True, source="knex 3.3.0, objection 3.1.5"
    ),
    Operation(
        "objection:Model.startTransaction",
        returns=_TRX,
        acquires=True,
        awaited=True,
        source="knex 3.3.0, objection 3.1.5",
    ),
    Operation("objection:transaction", awaited=True, callback=-1, callback_kinds=("knex.ManagedTransaction",)),
    Operation("bookshelf:default", also=("bookshelf:*",), returns="bookshelf.Bookshelf", safe=True),
)
