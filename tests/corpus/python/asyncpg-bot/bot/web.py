import asyncpg
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()


@app.on_event("startup")
async def startup():
    app.state.pool = await asyncpg.create_pool("postgresql://bot@db/bot")  # site: correct library=asyncpg


@app.on_event("shutdown")
async def shutdown():
    await app.state.pool.close()


async def db(request: Request):
    async with request.app.state.pool.acquire() as conn:  # site: correct library=asyncpg
        yield conn


async def db_bad(request: Request):
    conn = await request.app.state.pool.acquire()  # site: leak PGC102 library=asyncpg category=on-error
    yield conn
    await request.app.state.pool.release(conn)


async def db_good(request: Request):
    conn = await request.app.state.pool.acquire()  # site: correct library=asyncpg
    try:
        yield conn
    finally:
        await request.app.state.pool.release(conn)


@app.get("/items/{id}")
async def item(id: int, conn=Depends(db)):
    return await conn.fetchrow("SELECT * FROM items WHERE id = $1", id)


@app.get("/bad/{id}")
async def bad(id: int, conn=Depends(db_bad)):
    return await conn.fetchrow("SELECT * FROM items WHERE id = $1", id)


@app.get("/good/{id}")
async def good(id: int, conn=Depends(db_good)):
    return await conn.fetchrow("SELECT * FROM items WHERE id = $1", id)


@app.get("/raw/{id}")
async def raw(id: int):
    conn = await asyncpg.connect("postgresql://bot@db/bot")  # site: leak PGC103 library=asyncpg category=early-exit
    row = await conn.fetchrow("SELECT * FROM items WHERE id = $1", id)
    if row is None:
        raise HTTPException(404)
    await conn.close()
    return dict(row)


@app.get("/pool")
async def pool_per_request():
    pool = await asyncpg.create_pool("postgresql://bot@db/bot")  # site: leak PGC108 library=asyncpg category=pool-per-call
    return await pool.fetch("SELECT * FROM items")


@app.get("/pool2")
async def pool_closed():
    pool = await asyncpg.create_pool("postgresql://bot@db/bot")  # site: leak PGC108 library=asyncpg category=pool-per-call
    try:
        return await pool.fetch("SELECT * FROM items")
    finally:
        await pool.close()
