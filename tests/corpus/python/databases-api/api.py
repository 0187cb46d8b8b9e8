from databases import Database
from fastapi import FastAPI

database = Database("postgresql://api@db/api")  # site: correct library=databases
app = FastAPI()


@app.on_event("startup")
async def startup():
    await database.connect()  # site: correct library=databases


@app.on_event("shutdown")
async def shutdown():
    await database.disconnect()


@app.get("/rows")
async def rows():
    return await database.fetch_all("SELECT * FROM rows")


@app.get("/block")
async def block():
    async with database.connection() as connection:  # site: correct library=databases
        return await connection.fetch_all("SELECT * FROM rows")


@app.get("/per-request")
async def per_request():
    db = Database("postgresql://api@db/other")  # site: leak PGC108 library=databases category=pool-per-call
    await db.connect()
    rows = await db.fetch_all("SELECT * FROM rows")
    return rows


async def once():
    async with Database("postgresql://api@db/api") as db:  # site: correct library=databases
        await db.execute("DELETE FROM rows")


async def job():
    db = Database("postgresql://api@db/api")
    await db.connect()  # site: leak PGC102 library=databases category=on-error
    await db.execute("DELETE FROM rows")
    await db.disconnect()


async def job_finally():
    db = Database("postgresql://api@db/api")
    await db.connect()  # site: correct library=databases
    try:
        await db.execute("DELETE FROM rows")
    finally:
        await db.disconnect()
