import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from asyncpg import Connection, connect, create_pool

DSN = "postgresql://bot@db/bot"


async def nightly():
    conn = await asyncpg.connect(DSN)  # site: correct library=asyncpg
    try:
        await conn.execute("SELECT nightly()")
    finally:
        await conn.close()


async def hourly():
    conn = await connect(DSN)  # site: leak PGC102 library=asyncpg category=on-error
    await conn.execute("SELECT hourly()")
    await conn.close()


async def weekly():
    conn: Connection = await connect(DSN)  # site: leak PGC101 library=asyncpg category=never-released
    await conn.execute("SELECT weekly()")


async def monthly(force):
    conn = await asyncpg.connect(DSN)  # site: leak PGC103 library=asyncpg category=early-exit
    try:
        due = await conn.fetchval("SELECT due()")
    except Exception:
        conn.terminate()
        raise
    if not due and not force:
        return
    try:
        await conn.execute("SELECT monthly()")
    finally:
        await conn.close()


async def with_pool():
    async with asyncpg.create_pool(DSN, max_size=2) as pool:  # site: correct library=asyncpg
        async with pool.acquire() as conn:  # site: correct library=asyncpg
            await conn.execute("SELECT 1")


async def with_pool_timeout():
    pool = await create_pool(DSN, max_size=2)  # site: correct library=asyncpg
    try:
        async with pool.acquire(timeout=5) as conn, conn.transaction():  # site: correct library=asyncpg
            await conn.execute("SELECT 1")
    finally:
        await pool.close()


@asynccontextmanager
async def connection():
    conn = await asyncpg.connect(DSN)  # site: correct library=asyncpg
    try:
        yield conn
    finally:
        await conn.close()


@asynccontextmanager
async def careless():
    conn = await asyncpg.connect(DSN)  # site: leak PGC102 library=asyncpg category=on-error
    yield conn
    await conn.close()


async def stacked(pool):
    async with AsyncExitStack() as stack:
        conn = await stack.enter_async_context(pool.acquire())
        await conn.execute("SELECT 1")


async def stacked_callback():
    async with AsyncExitStack() as stack:
        conn = await asyncpg.connect(DSN)  # site: correct library=asyncpg
        stack.push_async_callback(conn.close)
        await conn.execute("SELECT 1")


async def not_awaited(pool: asyncpg.Pool):
    conn = await pool.acquire()
    try:
        await conn.execute("SELECT 1")
    finally:
        pool.release(conn)  # site: leak PGC117 library=asyncpg category=release-not-awaited


async def typed(pool: asyncpg.Pool) -> int:
    conn = await pool.acquire()  # site: leak PGC102 library=asyncpg category=on-error
    value = await conn.fetchval("SELECT 1")
    await pool.release(conn)
    return value


async def transaction(pool: asyncpg.Pool):
    conn = await pool.acquire()  # site: leak PGC102 library=asyncpg category=on-error
    tr = conn.transaction()
    await tr.start()
    try:
        await conn.execute("SELECT 1")
    except Exception:
        await tr.rollback()
        raise
    else:
        await tr.commit()
    await pool.release(conn)


async def transaction_well(pool: asyncpg.Pool):
    conn = await pool.acquire()  # site: correct library=asyncpg
    tr = conn.transaction()
    await tr.start()
    try:
        await conn.execute("SELECT 1")
    except Exception:
        await tr.rollback()
        raise
    else:
        await tr.commit()
    finally:
        await pool.release(conn)


async def listener(queue: asyncio.Queue):
    conn = await asyncpg.connect(DSN)  # site: correct library=asyncpg
    await conn.add_listener("jobs", lambda *args: queue.put_nowait(args))
    try:
        await asyncio.Event().wait()
    finally:
        await conn.remove_listener("jobs", queue.put_nowait)
        await conn.close()


async def shielded(pool: asyncpg.Pool):
    conn = await pool.acquire()  # site: correct library=asyncpg
    try:
        await conn.execute("SELECT 1")
    finally:
        await asyncio.shield(pool.release(conn))


async def main():
    conn = await asyncpg.connect(DSN)  # site: correct library=asyncpg
    print(await conn.fetch("SELECT 1"))
    await conn.close()


if __name__ == "__main__":
    asyncio.run(main())
