import sys
from contextlib import ExitStack, closing

import psycopg2

from shop.stock import DSN


def run():
    with ExitStack() as stack:
        conn = stack.enter_context(closing(psycopg2.connect(DSN)))  # site: correct library=psycopg2
        cur = stack.enter_context(conn.cursor())
        cur.execute("SELECT 1")


def run_callback():
    with ExitStack() as stack:
        conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
        stack.callback(conn.close)
        conn.cursor().execute("SELECT 1")


def run_many(names):
    connections = []
    try:
        for name in names:
            connections.append(psycopg2.connect(DSN, dbname=name))  # site: correct library=psycopg2
        for conn in connections:
            conn.cursor().execute("VACUUM")
    finally:
        for conn in connections:
            conn.close()


class Listener:
    def __init__(self):
        self.conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
        self.conn.autocommit = True

    def listen(self, channel):
        self.conn.cursor().execute(f"LISTEN {channel}")

    def close(self):
        self.conn.close()


class Worker:
    def __enter__(self):
        self._conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
        return self

    def __exit__(self, *exc):
        self._conn.close()

    def work(self):
        self._conn.cursor().execute("SELECT next_job()")


class Job:
    def __init__(self, conn):
        self.conn = conn

    def run(self):
        try:
            self.conn.cursor().execute("SELECT run_job()")
        finally:
            self.conn.close()


def make_job():
    return Job(psycopg2.connect(DSN))  # site: correct library=psycopg2


def start_job():
    job = Job(psycopg2.connect(DSN))  # site: correct library=psycopg2
    job.run()


_cached = None


def cached():
    global _cached
    if _cached is None or _cached.closed:
        _cached = psycopg2.connect(DSN)  # site: correct library=psycopg2
    return _cached


def main():
    conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
    cur = conn.cursor()
    cur.execute("SELECT do_everything()")
    conn.commit()
    conn.close()
    sys.exit(0)


if __name__ == "__main__":
    main()
