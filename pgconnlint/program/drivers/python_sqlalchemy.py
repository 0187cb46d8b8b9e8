"""SQLAlchemy 1.4 and 2, SQLModel as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Leaving, Operation

_SESSION_IDLE = (
    Operation("add", also=("add_all", "expunge", "expunge_all", "expire", "expire_all"), idle=True, safe=True),
    Operation("query", idle=True, safe=True),
    Operation("begin", also=("begin_nested",), manager=True, idle=True, safe=True),
)

KINDS = (
    Kind(
        "sqlalchemy.Engine",
        "SQLAlchemy",
        "python",
        "engine",
        names=(
            "sqlalchemy.Engine",
            "sqlalchemy.engine.Engine",
            "sqlalchemy.engine.base.Engine",
            "sqlalchemy.future.Engine",
            "sqlalchemy.future.engine.Engine",
        ),
        methods=(
            Operation(
                "execute", also=("scalar",), source="SQLAlchemy 2.0.58, 1.4.54: 1.4 only, given back when fully read"
            ),
            Operation("connect", returns="sqlalchemy.Connection", acquires=True, manager=True),
            Operation("raw_connection", returns="sqlalchemy.Connection", acquires=True, manager=True),
            Operation("begin", returns="sqlalchemy.Connection", manager=True),
            Operation("execution_options", returns="self", safe=True),
            Operation("dispose", releases="all", safe=True),
        ),
        release="{value}.dispose()",
        pool=True,
        source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    Kind(
        "sqlalchemy.AsyncEngine",
        "SQLAlchemy",
        "python",
        "engine",
        names=("sqlalchemy.ext.asyncio.AsyncEngine", "sqlalchemy.ext.asyncio.engine.AsyncEngine"),
        methods=(
            Operation("connect", returns="sqlalchemy.AsyncConnection", acquires=True, awaited=True, manager=True),
            Operation("begin", returns="sqlalchemy.AsyncConnection", manager=True),
            Operation("dispose", awaited=True, releases="all", safe=True),
        ),
        release="await {value}.dispose()",
        pool=True,
        source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    Kind(
        "sqlalchemy.Connection",
        "SQLAlchemy",
        "python",
        "connection",
        names=("sqlalchemy.Connection", "sqlalchemy.engine.Connection", "sqlalchemy.engine.base.Connection"),
        methods=(
            Operation("close", releases="self", safe=True),
            Operation("begin", manager=True, safe=True, source="SQLAlchemy 2.0.58: nothing is sent yet"),
            Operation("begin_nested", manager=True),
            Operation("execution_options", returns="self", safe=True),
            Operation("cursor", safe=True),
        ),
        release="{value}.close()",
        leaving=Leaving.CLOSES,
        source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    Kind(
        "sqlalchemy.AsyncConnection",
        "SQLAlchemy",
        "python",
        "connection",
        names=("sqlalchemy.ext.asyncio.AsyncConnection", "sqlalchemy.ext.asyncio.engine.AsyncConnection"),
        methods=(
            Operation("close", also=("aclose",), awaited=True, releases="self", safe=True),
            Operation("begin", manager=True, safe=True),
            Operation("begin_nested", manager=True),
        ),
        release="await {value}.close()",
        leaving=Leaving.CLOSES,
        source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    Kind(
        "sqlalchemy.Session",
        "SQLAlchemy",
        "python",
        "session",
        names=("sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlmodel.Session"),
        methods=(
            Operation("close", also=("close_all",), releases="self", safe=True),
            Operation("commit", ends=True),
            Operation("rollback", ends=True),
            *_SESSION_IDLE,
        ),
        release="{value}.close()",
        leaving=Leaving.CLOSES,
        lazy="use",
        usable_after=True,
        source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    Kind(
        "sqlalchemy.AsyncSession",
        "SQLAlchemy",
        "python",
        "session",
        names=(
            "sqlalchemy.ext.asyncio.AsyncSession",
            "sqlalchemy.ext.asyncio.session.AsyncSession",
            "sqlmodel.ext.asyncio.session.AsyncSession",
        ),
        methods=(
            Operation("close", also=("aclose",), awaited=True, releases="self", safe=True),
            Operation("commit", awaited=True, ends=True),
            Operation("rollback", awaited=True, ends=True),
            *_SESSION_IDLE,
        ),
        release="await {value}.close()",
        leaving=Leaving.CLOSES,
        lazy="use",
        usable_after=True,
        source="SQLAlchemy 2.0.58, 1.4.54",
    ),
    Kind(
        "sqlalchemy.sessionmaker",
        "SQLAlchemy",
        "python",
        "session factory",
        names=("sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.session.sessionmaker"),
        methods=(
            Operation("begin", returns="sqlalchemy.Session", manager=True),
            Operation("configure", safe=True),
        ),
        factory=Operation("()", returns="sqlalchemy.Session", acquires=True, manager=True, safe=True),
    ),
    Kind(
        "sqlalchemy.async_sessionmaker",
        "SQLAlchemy",
        "python",
        "session factory",
        names=("sqlalchemy.ext.asyncio.async_sessionmaker", "sqlalchemy.ext.asyncio.session.async_sessionmaker"),
        methods=(Operation("begin", returns="sqlalchemy.AsyncSession", manager=True),),
        factory=Operation("()", returns="sqlalchemy.AsyncSession", acquires=True, manager=True, safe=True),
    ),
    Kind(
        "sqlalchemy.scoped_session",
        "SQLAlchemy",
        "python",
        "session registry",
        names=("sqlalchemy.orm.scoped_session", "sqlalchemy.orm.scoping.scoped_session"),
        methods=(Operation("remove", releases="all", safe=True), Operation("close", safe=True)),
        factory=Operation("()", returns="sqlalchemy.registered_session", manager=True, safe=True),
        resource=False,
        source="SQLAlchemy 2.0.58, 1.4.54: the registry keeps the session; frameworks remove() it after a request",
    ),
    Kind(
        "sqlalchemy.registered_session",
        "SQLAlchemy",
        "python",
        "session",
        extends="sqlalchemy.Session",
        leaving=Leaving.CLOSES,
        usable_after=True,
        resource=False,
    ),
)

FUNCTIONS = (
    Operation(
        "sqlalchemy.create_engine",
        also=("sqlmodel.create_engine", "sqlalchemy.engine.create_engine", "sqlalchemy.future.create_engine"),
        returns="sqlalchemy.Engine",
    ),
    Operation("sqlalchemy.engine_from_config", returns="sqlalchemy.Engine"),
    Operation("sqlalchemy.ext.asyncio.create_async_engine", returns="sqlalchemy.AsyncEngine"),
    Operation(
        "sqlalchemy.orm.sessionmaker", also=("sqlalchemy.orm.session.sessionmaker",), returns="sqlalchemy.sessionmaker"
    ),
    Operation("sqlalchemy.ext.asyncio.async_sessionmaker", returns="sqlalchemy.async_sessionmaker"),
    Operation(
        "sqlalchemy.orm.scoped_session",
        also=("sqlalchemy.ext.asyncio.async_scoped_session",),
        returns="sqlalchemy.scoped_session",
    ),
    Operation(
        "sqlalchemy.orm.Session",
        also=("sqlmodel.Session",),
        returns="sqlalchemy.Session",
        acquires=True,
        manager=True,
        safe=True,
        given=True,
    ),
    Operation(
        "sqlalchemy.ext.asyncio.AsyncSession",
        also=("sqlmodel.ext.asyncio.session.AsyncSession",),
        returns="sqlalchemy.AsyncSession",
        acquires=True,
        manager=True,
        safe=True,
        given=True,
    ),
)
