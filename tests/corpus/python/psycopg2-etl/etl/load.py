import csv

import psycopg2

from .database import Database, PooledDatabase


def acquire(pool):
    return pool.getconn()  # site: correct library=psycopg2


def give_back(pool, conn):
    pool.putconn(conn)


def load(path, dsn):
    db = Database(dsn)
    try:
        with open(path) as f:
            for row in csv.reader(f):
                db.query("INSERT INTO rows VALUES (%s, %s) RETURNING 1", *row)
    finally:
        db.close()


def sync(source, target):
    src = psycopg2.connect(source)  # site: leak PGC102 library=psycopg2 category=on-error
    dst = psycopg2.connect(target)  # site: leak PGC102 library=psycopg2 category=on-error
    rows = read_all(src)
    write_all(dst, rows)
    src.close()
    dst.close()


def sync_well(source, target):
    src = psycopg2.connect(source)  # site: correct library=psycopg2
    try:
        dst = psycopg2.connect(target)  # site: correct library=psycopg2
        try:
            write_all(dst, read_all(src))
        finally:
            dst.close()
    finally:
        src.close()


def sync_nearly(source, target):
    src = psycopg2.connect(source)  # site: leak PGC102 library=psycopg2 category=on-error
    dst = psycopg2.connect(target)  # site: correct library=psycopg2
    try:
        write_all(dst, read_all(src))
    finally:
        dst.close()
        src.close()


def read_all(conn):
    with conn.cursor() as cur:
        cur.execute("SELECT * FROM rows")
        return cur.fetchall()


def write_all(conn, rows):
    with conn, conn.cursor() as cur:
        cur.executemany("INSERT INTO rows VALUES (%s, %s)", rows)


def stream(dsn):
    conn = psycopg2.connect(dsn)  # site: correct library=psycopg2
    try:
        with conn.cursor("rows") as cur:
            cur.execute("SELECT * FROM rows")
            yield from cur
    finally:
        conn.close()


def stream_badly(dsn):
    conn = psycopg2.connect(dsn)  # site: leak PGC102 library=psycopg2 category=on-error
    cur = conn.cursor("rows")
    cur.execute("SELECT * FROM rows")
    for row in cur:
        yield row
    conn.close()


def check(dsn):
    conn = psycopg2.connect(dsn)  # site: leak PGC103 library=psycopg2 category=early-exit
    cur = conn.cursor()
    try:
        cur.execute("SELECT count(*) FROM rows")
        (count,) = cur.fetchone()
    finally:
        cur.close()
    if count > 1_000_000:
        return "big"
    conn.close()
    return "small"


def reconnect(dsn):
    conn = psycopg2.connect(dsn)  # site: leak PGC104 library=psycopg2 category=overwritten
    if not healthy(conn):
        conn = psycopg2.connect(dsn, options="-c statement_timeout=5s")  # site: correct library=psycopg2
    try:
        return read_all(conn)
    finally:
        conn.close()


def healthy(conn):
    try:
        conn.cursor().execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True


def with_helper(pool):
    conn = acquire(pool)
    try:
        return read_all(conn)
    finally:
        give_back(pool, conn)


def fetch(dsn, sql):
    conn = psycopg2.connect(dsn)  # site: leak PGC102 library=psycopg2 category=on-error
    cur = conn.cursor()
    cur.execute(sql)
    return conn, cur


def both(dsn):
    conn, cur = fetch(dsn, "SELECT 1")
    try:
        return cur.fetchall()
    finally:
        conn.close()


def pooled_report(dsn):
    db = PooledDatabase(dsn)
    try:
        return db.query("SELECT 1")
    finally:
        db.close()
