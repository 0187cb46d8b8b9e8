from contextlib import closing, contextmanager

import psycopg2
from psycopg2.extras import RealDictCursor

from shop.db import POOL

DSN = "postgresql://shop@db/shop"


@contextmanager
def pooled():
    conn = POOL.getconn()  # site: correct library=psycopg2
    try:
        yield conn
        conn.commit()
    except Exception:
        conn.rollback()
        raise
    finally:
        POOL.putconn(conn)


@contextmanager
def forgetful():
    conn = POOL.getconn()  # site: leak PGC102 library=psycopg2 category=on-error
    yield conn
    POOL.putconn(conn)


def stock(sku):
    with pooled() as conn, conn.cursor() as cur:
        cur.execute("SELECT amount FROM stock WHERE sku = %s", (sku,))
        return cur.fetchone()


def stock_dict(sku):
    with closing(psycopg2.connect(DSN)) as conn:  # site: correct library=psycopg2
        with conn.cursor(cursor_factory=RealDictCursor) as cur:
            cur.execute("SELECT * FROM stock WHERE sku = %s", (sku,))
            return cur.fetchone()


def stock_sum():
    with psycopg2.connect(DSN) as conn:  # site: leak PGC107 library=psycopg2 category=with-does-not-close
        with conn.cursor() as cur:
            cur.execute("SELECT sum(amount) FROM stock")
            return cur.fetchone()[0]


def stock_sum_closed():
    conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
    try:
        with conn:
            with conn.cursor() as cur:
                cur.execute("SELECT sum(amount) FROM stock")
                return cur.fetchone()[0]
    finally:
        conn.close()


def reserve(sku, amount):
    conn = psycopg2.connect(DSN)  # site: leak PGC102 library=psycopg2 category=on-error
    with conn:
        with conn.cursor() as cur:
            cur.execute("UPDATE stock SET reserved = reserved + %s WHERE sku = %s", (amount, sku))
    conn.close()


def release(sku):
    conn = psycopg2.connect(DSN)  # site: leak PGC101 library=psycopg2 category=never-released
    cur = conn.cursor()
    cur.execute("UPDATE stock SET reserved = 0 WHERE sku = %s", (sku,))
    conn.commit()
    cur.close()


def levels(skus):
    result = {}
    conn = None
    for sku in skus:
        conn = psycopg2.connect(DSN)  # site: leak PGC104 library=psycopg2 category=overwritten
        cur = conn.cursor()
        cur.execute("SELECT amount FROM stock WHERE sku = %s", (sku,))
        result[sku] = cur.fetchone()
    if conn is not None:
        conn.close()
    return result


def level(sku):
    conn = psycopg2.connect(DSN)  # site: leak PGC103 library=psycopg2 category=early-exit
    cur = conn.cursor()
    try:
        cur.execute("SELECT amount FROM stock WHERE sku = %s", (sku,))
    except psycopg2.Error:
        conn.close()
        raise
    row = cur.fetchone()
    if not row:
        return 0
    conn.close()
    return row[0]


def tables():
    conn = psycopg2.connect(DSN)  # site: leak PGC106 library=psycopg2 category=used-after-release
    cur = conn.cursor()
    try:
        cur.execute("SELECT tablename FROM pg_tables")
    finally:
        conn.close()
    cur2 = conn.cursor()
    return cur2.fetchall()


def ping():
    try:
        conn = psycopg2.connect(DSN, connect_timeout=2)  # site: correct library=psycopg2
    except psycopg2.OperationalError:
        return False
    conn.close()
    return True


def guarded(sku):
    conn = None
    try:
        conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
        with conn.cursor() as cur:
            cur.execute("DELETE FROM stock WHERE sku = %s", (sku,))
        conn.commit()
    except psycopg2.DatabaseError as error:
        print(error)
        if conn:
            conn.rollback()
    finally:
        if conn is not None:
            conn.close()


def swallowed(sku):
    try:
        conn = psycopg2.connect(DSN)  # site: leak PGC102 library=psycopg2 category=on-error
        cur = conn.cursor()
        cur.execute("DELETE FROM stock WHERE sku = %s", (sku,))
        conn.commit()
        conn.close()
    except psycopg2.Error as error:
        print("could not delete", error)


def closed_in_both(sku):
    conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
    try:
        cur = conn.cursor()
        cur.execute("DELETE FROM stock WHERE sku = %s", (sku,))
        conn.commit()
    except Exception:
        conn.rollback()
        conn.close()
        raise
    else:
        conn.close()


def close_twice(sku):
    conn = psycopg2.connect(DSN)  # site: correct library=psycopg2
    try:
        cur = conn.cursor()
        cur.execute("DELETE FROM stock WHERE sku = %s", (sku,))
        conn.close()
    finally:
        conn.close()


def pooled_closed(sku):
    conn = POOL.getconn()  # site: leak PGC101 library=psycopg2 category=never-released
    try:
        with conn.cursor() as cur:
            cur.execute("SELECT 1 FROM stock WHERE sku = %s", (sku,))
            return cur.fetchone()
    finally:
        conn.close()
