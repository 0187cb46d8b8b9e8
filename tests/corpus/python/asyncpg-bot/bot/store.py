import asyncpg


class Store:
    def __init__(self, dsn):
        self.dsn = dsn
        self.pool = None

    async def start(self):
        self.pool = await asyncpg.create_pool(self.dsn, min_size=1, max_size=5)  # site: correct library=asyncpg

    async def stop(self):
        await self.pool.close()

    async def user(self, id):
        async with self.pool.acquire() as conn:  # site: correct library=asyncpg
            return await conn.fetchrow("SELECT * FROM users WHERE id = $1", id)

    async def add(self, name):
        conn = await self.pool.acquire()  # site: correct library=asyncpg
        try:
            return await conn.fetchval("INSERT INTO users (name) VALUES ($1) RETURNING id", name)
        finally:
            await self.pool.release(conn)

    async def remove(self, id):
        conn = await self.pool.acquire()  # site: leak PGC102 library=asyncpg category=on-error
        await conn.execute("DELETE FROM users WHERE id = $1", id)
        await self.pool.release(conn)

    async def points(self, id):
        conn = await self.pool.acquire()  # site: leak PGC101 library=asyncpg category=never-released
        return await conn.fetchval("SELECT points FROM users WHERE id = $1", id)

    async def give(self, id, points):
        conn = await self.pool.acquire()  # site: leak PGC103 library=asyncpg category=early-exit
        try:
            row = await conn.fetchrow("SELECT * FROM users WHERE id = $1", id)
        except asyncpg.PostgresError:
            await self.pool.release(conn)
            raise
        if row is None:
            return False
        try:
            async with conn.transaction():
                await conn.execute("UPDATE users SET points = points + $1 WHERE id = $2", points, id)
        finally:
            await self.pool.release(conn)
        return True

    async def twice(self, id):
        conn = await self.pool.acquire()  # site: correct library=asyncpg
        try:
            await conn.execute("SELECT 1")
            await self.pool.release(conn)
        finally:
            await self.pool.release(conn)

    async def closed(self, id):
        conn = await self.pool.acquire()  # site: correct library=asyncpg
        try:
            await conn.execute("SELECT 1")
        finally:
            await conn.close()

    async def after(self, id):
        conn = await self.pool.acquire()  # site: leak PGC106 library=asyncpg category=used-after-release
        try:
            user = await conn.fetchrow("SELECT * FROM users WHERE id = $1", id)
        finally:
            await self.pool.release(conn)
        await conn.execute("UPDATE users SET seen = now() WHERE id = $1", id)
        return user

    async def try_again(self, id):
        conn = None
        for _ in range(3):
            conn = await self.pool.acquire()  # site: leak PGC104 library=asyncpg category=overwritten
            try:
                return await conn.fetchval("SELECT 1")
            except asyncpg.PostgresError:
                continue
        if conn:
            await self.pool.release(conn)
        return None

    async def one_shot(self, id):
        return await self.pool.fetchval("SELECT 1")

    async def borrow(self):
        return await self.pool.acquire()  # site: correct library=asyncpg

    async def give_back(self, conn):
        await self.pool.release(conn)


async def borrower(store: Store):
    conn = await store.borrow()  # site: correct library=asyncpg
    try:
        await conn.execute("SELECT 1")
    finally:
        await store.give_back(conn)


async def bad_borrower(store: Store):
    conn = await store.borrow()  # site: leak PGC102 library=asyncpg category=on-error
    await conn.execute("SELECT 1")
    await store.give_back(conn)


async def worse_borrower(store: Store):
    conn = await store.borrow()  # site: leak PGC101 library=asyncpg category=never-released
    await conn.execute("SELECT 1")
