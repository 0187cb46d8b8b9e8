import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from .engine import engine, get_engine, make_connection


def ok():
    with engine.connect() as conn:  # site: correct library=sqlalchemy
        return conn.execute(text("SELECT 1")).scalar()


def ok_begin():
    with engine.begin() as conn:  # site: correct library=sqlalchemy
        conn.execute(text("DELETE FROM t"))


def ok_getter():
    with get_engine().connect() as conn:  # site: correct library=sqlalchemy
        return conn.execute(text("SELECT 1")).scalar()


def ok_finally():
    conn = engine.connect()  # site: correct library=sqlalchemy
    try:
        return conn.execute(text("SELECT 1")).all()
    finally:
        conn.close()


def ok_helper():
    with make_connection() as conn:  # site: correct library=sqlalchemy
        return conn.execute(text("SELECT 1")).all()


def ok_raw():
    raw = engine.raw_connection()  # site: correct library=sqlalchemy
    try:
        cursor = raw.cursor()
        cursor.execute("SELECT 1")
        return cursor.fetchall()
    finally:
        raw.close()


def never():
    conn = engine.connect()  # site: leak PGC101 library=sqlalchemy category=never-released
    return conn.execute(text("SELECT 1")).all()


def never_chained():
    return engine.connect().execute(text("SELECT 1")).fetchall()  # site: leak PGC101 library=sqlalchemy category=never-released


def never_committed():
    conn = engine.connect()  # site: leak PGC101 library=sqlalchemy category=never-released
    tx = conn.begin()
    conn.execute(text("DELETE FROM t"))
    tx.commit()


def never_begin_block():
    conn = engine.connect()  # site: leak PGC101 library=sqlalchemy category=never-released
    with conn.begin():
        conn.execute(text("DELETE FROM t"))


def error():
    conn = engine.connect()  # site: leak PGC102 library=sqlalchemy category=on-error
    rows = conn.execute(text("SELECT 1")).all()
    conn.close()
    return rows


def error_helper():
    conn = make_connection()  # site: leak PGC102 library=sqlalchemy category=on-error
    rows = conn.execute(text("SELECT 1")).all()
    conn.close()
    return rows


def error_raw():
    raw = engine.raw_connection()  # site: leak PGC102 library=sqlalchemy category=on-error
    cursor = raw.cursor()
    cursor.execute("COPY t FROM STDIN")
    raw.commit()
    raw.close()


def error_caught():
    conn = engine.connect()  # site: leak PGC102 library=sqlalchemy category=on-error
    tx = conn.begin()
    try:
        conn.execute(text("DELETE FROM t"))
        tx.commit()
        conn.close()
    except SQLAlchemyError:
        tx.rollback()
        raise


def early(flag):
    conn = engine.connect()  # site: leak PGC103 library=sqlalchemy category=early-exit
    row = conn.execute(text("SELECT 1")).first()
    if row is None:
        return None
    conn.close()
    return row


def early_loop(names):
    for name in names:
        conn = engine.connect()  # site: leak PGC103 library=sqlalchemy category=early-exit
        row = conn.execute(text("SELECT 1 WHERE :n = 'x'"), {"n": name}).first()
        if row:
            return row
        conn.close()
    return None


def overwritten(urls):
    conn = None
    for url in urls:
        conn = sa.create_engine(url).connect()  # site: leak PGC104 library=sqlalchemy category=overwritten
        conn.execute(text("SELECT 1"))
    conn.close()


def close_twice():
    conn = engine.connect()  # site: correct library=sqlalchemy
    try:
        conn.execute(text("SELECT 1"))
        conn.close()
    finally:
        conn.close()


def after():
    conn = engine.connect()  # site: leak PGC106 library=sqlalchemy category=used-after-release
    conn.close()
    return conn.execute(text("SELECT 1")).all()


def ok_options():
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:  # site: correct library=sqlalchemy
        conn.execute(text("VACUUM"))


def generator():
    with engine.connect() as conn:  # site: correct library=sqlalchemy
        yield from conn.execute(text("SELECT 1"))


class Repository:
    def __init__(self):
        self.conn = engine.connect()  # site: correct library=sqlalchemy

    def all(self):
        return self.conn.execute(text("SELECT 1")).all()

    def close(self):
        self.conn.close()
