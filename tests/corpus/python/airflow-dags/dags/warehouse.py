from contextlib import closing
from datetime import datetime

from airflow.decorators import dag, task
from airflow.providers.postgres.hooks.postgres import PostgresHook


def extract():
    hook = PostgresHook(postgres_conn_id="warehouse")
    conn = hook.get_conn()  # site: leak PGC102 library=airflow category=on-error
    cursor = conn.cursor()
    cursor.execute("SELECT * FROM facts")
    rows = cursor.fetchall()
    cursor.close()
    conn.close()
    return rows


def extract_never():
    hook = PostgresHook(postgres_conn_id="warehouse")
    conn = hook.get_conn()  # site: leak PGC101 library=airflow category=never-released
    cursor = conn.cursor()
    cursor.execute("SELECT * FROM facts")
    return cursor.fetchall()


def extract_with():
    with PostgresHook(postgres_conn_id="warehouse").get_conn() as conn:  # site: leak PGC107 library=airflow category=with-does-not-close
        with conn.cursor() as cursor:
            cursor.execute("SELECT * FROM facts")
            return cursor.fetchall()


def extract_closing():
    hook = PostgresHook("warehouse")
    with closing(hook.get_conn()) as conn, closing(conn.cursor()) as cursor:  # site: correct library=airflow
        cursor.execute("SELECT * FROM facts")
        return cursor.fetchall()


def extract_finally():
    conn = PostgresHook("warehouse").get_conn()  # site: correct library=airflow
    try:
        with conn, conn.cursor() as cursor:
            cursor.execute("DELETE FROM staging")
    finally:
        conn.close()


def extract_records():
    return PostgresHook("warehouse").get_records("SELECT * FROM facts")


@dag(start_date=datetime(2024, 1, 1), schedule="@daily")
def warehouse():
    @task
    def load():
        hook = PostgresHook("warehouse")
        conn = hook.get_conn()  # site: leak PGC103 library=airflow category=early-exit
        cursor = conn.cursor()
        try:
            cursor.execute("SELECT count(*) FROM staging")
            (count,) = cursor.fetchone()
        except Exception:
            conn.close()
            raise
        if not count:
            return 0
        cursor.execute("INSERT INTO facts SELECT * FROM staging")
        conn.commit()
        conn.close()
        return count

    load()


warehouse()
