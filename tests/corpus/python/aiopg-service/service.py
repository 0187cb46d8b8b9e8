import aiopg
import psycopg2
from aiohttp import web

DSN = "dbname=service"


async def init(app):
    app["pool"] = await aiopg.create_pool(DSN, maxsize=5)  # site: correct library=aiopg
    yield
    app["pool"].close()
    await app["pool"].wait_closed()


async def users(request):
    async with request.app["pool"].acquire() as conn:  # site: correct library=aiopg
        async with conn.cursor() as cur:
            await cur.execute("SELECT * FROM users")
            return web.json_response(await cur.fetchall())


async def read(pool: aiopg.Pool):
    conn = await pool.acquire()  # site: correct library=aiopg
    try:
        async with conn.cursor() as cur:
            await cur.execute("SELECT 1")
    finally:
        pool.release(conn)


async def error(pool: aiopg.Pool):
    conn = await pool.acquire()  # site: leak PGC102 library=aiopg category=on-error
    cur = await conn.cursor()
    await cur.execute("SELECT 1")
    pool.release(conn)


async def never(pool: aiopg.Pool):
    conn = await pool.acquire()  # site: leak PGC101 library=aiopg category=never-released
    cur = await conn.cursor()
    await cur.execute("SELECT 1")
    return await cur.fetchone()


async def twice(pool: aiopg.Pool):
    conn = await pool.acquire()  # site: leak PGC105 library=aiopg category=released-twice
    try:
        async with conn.cursor() as cur:
            await cur.execute("SELECT 1")
        pool.release(conn)
    finally:
        pool.release(conn)


async def early(pool: aiopg.Pool, id):
    conn = await pool.acquire()  # site: leak PGC103 library=aiopg category=early-exit
    try:
        cur = await conn.cursor()
        await cur.execute("SELECT * FROM users WHERE id = %s", (id,))
        row = await cur.fetchone()
    except psycopg2.Error:
        pool.release(conn)
        raise
    if not row:
        return None
    pool.release(conn)
    return row


async def single():
    async with aiopg.connect(DSN) as conn:  # site: correct library=aiopg
        async with conn.cursor() as cur:
            await cur.execute("SELECT 1")


async def single_error():
    conn = await aiopg.connect(DSN)  # site: leak PGC102 library=aiopg category=on-error
    cur = await conn.cursor()
    await cur.execute("SELECT 1")
    await conn.close()


async def pool_block():
    async with aiopg.create_pool(DSN) as pool:  # site: correct library=aiopg
        async with pool.acquire() as conn:  # site: correct library=aiopg
            async with conn.cursor() as cur:
                await cur.execute("SELECT 1")


async def per_request(request):
    pool = await aiopg.create_pool(DSN)  # site: leak PGC108 library=aiopg category=pool-per-call
    async with pool.acquire() as conn:  # site: correct library=aiopg
        async with conn.cursor() as cur:
            await cur.execute("SELECT 1")
    return web.Response(text="ok")


app = web.Application()
app.cleanup_ctx.append(init)
app.router.add_get("/users", users)
app.router.add_get("/per", per_request)
