import logging

import psycopg2
from psycopg2 import pool as pgpool

log = logging.getLogger(__name__)


class Database:
    """Owns one connection; callers close it."""

    def __init__(self, dsn):
        self.dsn = dsn
        self._conn = None

    def connect(self):
        if self._conn is None:
            self._conn = psycopg2.connect(self.dsn)  # site: correct library=psycopg2
        return self._conn

    def query(self, sql, *args):
        with self.connect().cursor() as cur:
            cur.execute(sql, args)
            return cur.fetchall()

    def close(self):
        if self._conn is not None:
            self._conn.close()
            self._conn = None


class PooledDatabase:
    def __init__(self, dsn):
        self.pool = pgpool.ThreadedConnectionPool(2, 8, dsn)  # site: correct library=psycopg2

    def query(self, sql, *args):
        conn = self.pool.getconn()  # site: correct library=psycopg2
        try:
            with conn, conn.cursor() as cur:
                cur.execute(sql, args)
                return cur.fetchall()
        finally:
            self.pool.putconn(conn)

    def execute(self, sql, *args):
        conn = self.pool.getconn()  # site: leak PGC102 library=psycopg2 category=on-error
        cur = conn.cursor()
        cur.execute(sql, args)
        conn.commit()
        self.pool.putconn(conn)

    def scalar(self, sql, *args):
        conn = self.pool.getconn()  # site: leak PGC101 library=psycopg2 category=never-released
        cur = conn.cursor()
        cur.execute(sql, args)
        return cur.fetchone()[0]

    def exists(self, sql, *args):
        conn = self.pool.getconn()  # site: leak PGC102 library=psycopg2 category=on-error
        try:
            cur = conn.cursor()
            cur.execute(sql, args)
            found = cur.fetchone() is not None
        except psycopg2.ProgrammingError:
            log.warning("bad query")
            self.pool.putconn(conn)
            return False
        self.pool.putconn(conn)
        return found

    def batch(self, sql, rows):
        conn = self.pool.getconn()  # site: leak PGC103 library=psycopg2 category=early-exit
        try:
            cur = conn.cursor()
            for row in rows:
                if not row:
                    return 0
                cur.execute(sql, row)
            conn.commit()
        except psycopg2.Error:
            self.pool.putconn(conn, close=True)
            raise
        self.pool.putconn(conn)
        return len(rows)

    def close(self):
        self.pool.closeall()
