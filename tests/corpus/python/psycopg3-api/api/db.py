import os

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool

DSN = os.environ["DATABASE_URL"]
pool = ConnectionPool(DSN, min_size=1, max_size=5, open=True)  # site: correct library=psycopg_pool
apool = AsyncConnectionPool(DSN, open=False)  # site: correct library=psycopg_pool


def connect():
    return psycopg.connect(DSN)  # site: correct library=psycopg
