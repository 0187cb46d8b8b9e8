import os

import psycopg2
from psycopg2 import pool

POOL = pool.ThreadedConnectionPool(1, 10, dsn=os.environ["DATABASE_URL"])  # site: correct library=psycopg2


def get_conn():
    """Callers put it back with put_conn."""
    return POOL.getconn()  # site: correct library=psycopg2


def put_conn(conn):
    POOL.putconn(conn)


def open_connection():
    return psycopg2.connect(os.environ["DATABASE_URL"])  # site: correct library=psycopg2
