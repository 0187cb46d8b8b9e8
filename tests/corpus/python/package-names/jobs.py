"""A package that names a function like the module it comes from."""

from store import connect


async def first_item():
    conn = await connect()  # site: leak PGC102 library=psycopg category=on-error
    async with conn.cursor() as cursor:
        await cursor.execute("select * from item")
        row = await cursor.fetchone()
    await conn.close()
    return row


async def last_item():
    async with await connect() as conn, conn.cursor() as cursor:  # site: correct library=psycopg
        await cursor.execute("select * from item order by id desc")
        return await cursor.fetchone()
