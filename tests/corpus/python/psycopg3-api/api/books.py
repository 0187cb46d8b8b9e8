import psycopg
from psycopg.rows import dict_row

from .db import DSN, apool, connect, pool


def all_books():
    with pool.connection() as conn:  # site: correct library=psycopg_pool
        return conn.execute("SELECT * FROM books").fetchall()


def book(id):
    conn = pool.getconn()  # site: correct library=psycopg_pool
    try:
        return conn.execute("SELECT * FROM books WHERE id = %s", [id]).fetchone()
    finally:
        pool.putconn(conn)


def author(id):
    with pool.getconn() as conn:  # site: leak PGC107 library=psycopg_pool category=with-does-not-close
        return conn.execute("SELECT * FROM authors WHERE id = %s", [id]).fetchone()


def titles():
    conn = pool.getconn()  # site: leak PGC102 library=psycopg_pool category=on-error
    rows = conn.execute("SELECT title FROM books").fetchall()
    pool.putconn(conn)
    return rows


def genres():
    conn = pool.getconn()  # site: leak PGC101 library=psycopg_pool category=never-released
    return conn.execute("SELECT genre FROM books").fetchall()


def delete(id):
    conn = pool.getconn()  # site: leak PGC105 library=psycopg_pool category=released-twice
    try:
        conn.execute("DELETE FROM books WHERE id = %s", [id])
        conn.commit()
        pool.putconn(conn)
    finally:
        pool.putconn(conn)


def closed_instead(id):
    conn = pool.getconn()  # site: leak PGC101 library=psycopg_pool category=never-released
    try:
        conn.execute("DELETE FROM books WHERE id = %s", [id])
    finally:
        conn.close()


def find(title):
    conn = pool.getconn()  # site: leak PGC103 library=psycopg_pool category=early-exit
    row = conn.execute("SELECT * FROM books WHERE title = %s", [title]).fetchone()
    if row is None:
        return None
    pool.putconn(conn)
    return row


def direct():
    with psycopg.connect(DSN, row_factory=dict_row) as conn:  # site: correct library=psycopg
        return conn.execute("SELECT 1").fetchone()


def direct_helper():
    with connect() as conn:  # site: correct library=psycopg
        return conn.execute("SELECT 1").fetchone()


def direct_never():
    conn = psycopg.connect(DSN)  # site: leak PGC101 library=psycopg category=never-released
    return conn.execute("SELECT 1").fetchone()


def direct_cursor_only():
    conn = connect()  # site: leak PGC101 library=psycopg category=never-released
    with conn.cursor() as cur:
        cur.execute("SELECT 1")
        return cur.fetchone()


def direct_transaction_only():
    conn = psycopg.connect(DSN)  # site: leak PGC101 library=psycopg category=never-released
    with conn.transaction():
        conn.execute("UPDATE books SET price = price * 1.1")


def direct_error():
    conn = psycopg.connect(DSN)  # site: leak PGC102 library=psycopg category=on-error
    conn.execute("REFRESH MATERIALIZED VIEW best_sellers")
    conn.close()


def direct_with_later():
    conn = psycopg.connect(DSN, autocommit=True)  # site: correct library=psycopg
    with conn:
        conn.execute("VACUUM books")


def use_after():
    conn = psycopg.connect(DSN)  # site: leak PGC106 library=psycopg category=used-after-release
    with conn:
        conn.execute("SELECT 1")
    return conn.execute("SELECT 2").fetchone()


async def abook(id):
    async with apool.connection() as conn:  # site: correct library=psycopg_pool
        cur = await conn.execute("SELECT * FROM books WHERE id = %s", [id])
        return await cur.fetchone()


async def abook_get(id):
    conn = await apool.getconn()  # site: correct library=psycopg_pool
    try:
        cur = await conn.execute("SELECT * FROM books WHERE id = %s", [id])
        return await cur.fetchone()
    finally:
        await apool.putconn(conn)


async def abook_error(id):
    conn = await apool.getconn()  # site: leak PGC102 library=psycopg_pool category=on-error
    cur = await conn.execute("SELECT * FROM books WHERE id = %s", [id])
    row = await cur.fetchone()
    await apool.putconn(conn)
    return row


async def abook_never(id):
    conn = await apool.getconn()  # site: leak PGC101 library=psycopg_pool category=never-released
    cur = await conn.execute("SELECT * FROM books WHERE id = %s", [id])
    return await cur.fetchone()


async def adirect():
    async with await psycopg.AsyncConnection.connect(DSN) as conn:  # site: correct library=psycopg
        await conn.execute("SELECT 1")


async def adirect_error():
    conn = await psycopg.AsyncConnection.connect(DSN)  # site: leak PGC102 library=psycopg category=on-error
    await conn.execute("SELECT 1")
    await conn.close()


async def adirect_finally():
    aconn = await psycopg.AsyncConnection.connect(DSN, autocommit=True)  # site: correct library=psycopg
    try:
        async with aconn.cursor() as cur:
            await cur.execute("SELECT 1")
    finally:
        await aconn.close()


async def adirect_branch(flag):
    aconn = await psycopg.AsyncConnection.connect(DSN)  # site: leak PGC103 library=psycopg category=early-exit
    try:
        cur = await aconn.execute("SELECT 1")
        row = await cur.fetchone()
    except psycopg.Error:
        await aconn.close()
        raise
    if flag:
        return row
    await aconn.close()
    return None
