"""psycopg2 2.9: connections, its pools and cursors as released and documented in November 2026."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Again, Kind, Leaving, Operation

_CURSOR_METHODS = (
    Operation("close", safe=True, idle=True),
    Operation("fetchone"),
    Operation("fetchall"),
    Operation("execute"),
)

_CONNECTION_METHODS = (
    Operation("cursor", returns="psycopg2.cursor", safe=True),
    Operation("commit"),
    Operation("rollback"),
    Operation("set_isolation_level", safe=True),
    Operation("set_session", safe=True),
    Operation("set_client_encoding", safe=True),
    Operation("get_backend_pid", safe=True),
)

KINDS = (
    Kind(
        "psycopg2.connection",
        "psycopg2",
        "python",
        "connection",
        names=("psycopg2.extensions.connection", "psycopg2._psycopg.connection", "psycopg2.connection"),
        methods=(*_CONNECTION_METHODS, Operation("close", releases="self", safe=True)),
        release="{value}.close()",
        leaving=Leaving.KEEPS,
        pooled=False,
        collected=True,
        source="psycopg2 2.9.13; run against PostgreSQL 15",
    ),
    Kind(
        "psycopg2.pool.connection",
        "psycopg2",
        "python",
        "connection",
        methods=(*_CONNECTION_METHODS, Operation("close", safe=True)),
        release="{owner}.putconn({value})",
        leaving=Leaving.KEEPS,
        again=Again.RAISES,
        usable_after=False,
        source="psycopg2 2.9.13: close() of a pooled connection does not free the slot",
    ),
    Kind("psycopg2.cursor", "psycopg2", "python", "cursor", methods=_CURSOR_METHODS, leaving=Leaving.CLOSES),
    Kind(
        "psycopg2.Pool",
        "psycopg2",
        "python",
        "pool",
        names=(
            "psycopg2.pool.AbstractConnectionPool",
            "psycopg2.pool.SimpleConnectionPool",
            "psycopg2.pool.ThreadedConnectionPool",
            "psycopg2.pool.PersistentConnectionPool",
        ),
        methods=(
            Operation("getconn", returns="psycopg2.pool.connection", acquires=True),
            Operation("putconn", releases="argument", safe=True),
            Operation("closeall", releases="all", safe=True),
        ),
        release="{value}.closeall()",
        pool=True,
        source="psycopg2 2.9.13",
    ),
)

FUNCTIONS = (
    Operation("psycopg2.connect", returns="psycopg2.connection", acquires=True, source="psycopg2 2.9.13"),
    Operation(
        "psycopg2.pool.ThreadedConnectionPool",
        also=(
            "psycopg2.pool.SimpleConnectionPool",
            "psycopg2.pool.AbstractConnectionPool",
            "psycopg2.pool.PersistentConnectionPool",
        ),
        returns="psycopg2.Pool",
        source="psycopg2 2.9.13",
    ),
)
