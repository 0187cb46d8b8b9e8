"""Helpers that other modules of the project acquire and release through."""

import functools
from contextlib import contextmanager

import psycopg2
from psycopg2.pool import ThreadedConnectionPool

_pool = None


def pool():
    global _pool
    if _pool is None:
        _pool = ThreadedConnectionPool(1, 10, "dbname=w")  # site: correct library=psycopg2
    return _pool


def checkout():
    return pool().getconn()  # site: correct library=psycopg2


def checkin(conn, *, broken=False):
    pool().putconn(conn, close=broken)


def close_quietly(conn):
    try:
        conn.close()
    except psycopg2.Error:
        pass


def with_connection(fn):
    conn = checkout()  # site: correct library=psycopg2
    try:
        return fn(conn)
    finally:
        checkin(conn)


def with_connection_leaky(fn):
    conn = checkout()  # site: leak PGC102 library=psycopg2 category=on-error
    result = fn(conn)
    checkin(conn)
    return result


def connected(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        conn = checkout()  # site: correct library=psycopg2
        try:
            return fn(conn, *args, **kwargs)
        finally:
            checkin(conn)

    return wrapper


def connected_leaky(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        conn = checkout()  # site: leak PGC102 library=psycopg2 category=on-error
        result = fn(conn, *args, **kwargs)
        checkin(conn)
        return result

    return wrapper


class ManagedConnection:
    def __init__(self, dsn):
        self.dsn = dsn
        self.conn = None

    def __enter__(self):
        self.conn = psycopg2.connect(self.dsn)  # site: correct library=psycopg2
        return self.conn

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.conn.commit()
        else:
            self.conn.rollback()
        self.conn.close()


class UnmanagedConnection:
    def __enter__(self):
        self.conn = checkout()  # site: leak PGC101 library=psycopg2 category=never-released
        return self.conn

    def __exit__(self, kind, value, trace):
        self.conn.commit()


@contextmanager
def cursor():
    conn = checkout()  # site: correct library=psycopg2
    try:
        with conn.cursor() as cur:
            yield cur
        conn.commit()
    finally:
        checkin(conn)
