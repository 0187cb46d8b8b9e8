"""Airflow's PostgreSQL hook: `get_conn` hands out a raw driver connection."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Leaving, Operation

_HOOKS = (
    "airflow.providers.postgres.hooks.postgres.PostgresHook",
    "airflow.hooks.postgres_hook.PostgresHook",
    "airflow.providers.postgres.hooks.PostgresHook",
)

KINDS = (
    Kind(
        "airflow.connection",
        "psycopg2 (Airflow's PostgresHook)",
        "python",
        "connection",
        extends="psycopg2.connection",
        methods=(Operation("close", releases="self", safe=True),),
        release="{value}.close()",
        leaving=Leaving.KEEPS,
        pooled=False,
        collected=True,
        source="apache-airflow-providers-postgres 7.1.1: `with hook.get_conn()` has psycopg2's semantics",
    ),
    Kind(
        "airflow.PostgresHook",
        "Airflow",
        "python",
        "hook",
        names=_HOOKS,
        methods=(
            Operation("get_conn", returns="airflow.connection", acquires=True),
            Operation("get_sqlalchemy_engine", returns="sqlalchemy.Engine"),
            Operation("get_cursor", returns="psycopg2.cursor"),
        ),
        resource=False,
        source="apache-airflow-providers-postgres 7.1.1: run, get_records and the like close by themselves",
    ),
)

FUNCTIONS = (Operation(_HOOKS[0], also=_HOOKS[1:], returns="airflow.PostgresHook", safe=True),)
