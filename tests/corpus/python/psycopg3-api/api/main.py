from contextlib import asynccontextmanager

import psycopg
from fastapi import Depends, FastAPI, Request
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from .db import DSN, apool


@asynccontextmanager
async def lifespan(app: FastAPI):
    await apool.open()
    async with AsyncConnectionPool(DSN, open=False) as readers:  # site: correct library=psycopg_pool
        app.state.readers = readers
        yield
    await apool.close()


app = FastAPI(lifespan=lifespan)


async def get_conn():
    async with apool.connection() as conn:  # site: correct library=psycopg_pool
        yield conn


async def get_raw():
    conn = await apool.getconn()  # site: leak PGC102 library=psycopg_pool category=on-error
    yield conn
    await apool.putconn(conn)


def get_sync():
    conn = psycopg.connect(DSN)  # site: correct library=psycopg
    try:
        yield conn
    finally:
        conn.close()


def get_returned():
    with psycopg.connect(DSN) as conn:  # site: correct library=psycopg
        yield conn


@app.get("/a")
async def a(conn=Depends(get_conn)):
    cur = await conn.execute("SELECT 1")
    return await cur.fetchone()


@app.get("/raw")
async def raw(conn=Depends(get_raw), other=Depends(get_sync), third=Depends(get_returned)):
    cur = await conn.execute("SELECT 1")
    return await cur.fetchone(), other.execute("SELECT 2").fetchone(), third.execute("SELECT 3").fetchone()


@app.get("/b")
async def b(request: Request):
    async with request.app.state.readers.connection() as conn:  # site: correct library=psycopg_pool
        cur = await conn.execute("SELECT 1")
        return await cur.fetchone()


@app.get("/c")
def c():
    pool = ConnectionPool(DSN, min_size=1, max_size=2)  # site: leak PGC108 library=psycopg_pool category=pool-per-call
    with pool.connection() as conn:  # site: correct library=psycopg_pool
        return conn.execute("SELECT 1").fetchone()


@app.get("/d")
async def d():
    pool = AsyncConnectionPool(DSN, open=False)  # site: leak PGC108 library=psycopg_pool category=pool-per-call
    await pool.open()
    async with pool.connection() as conn:  # site: correct library=psycopg_pool
        cur = await conn.execute("SELECT 1")
        return await cur.fetchone()
