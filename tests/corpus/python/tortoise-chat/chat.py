from fastapi import FastAPI
from tortoise import Tortoise, connections, run_async
from tortoise.transactions import in_transaction

app = FastAPI()


async def init():
    await Tortoise.init(db_url="postgres://chat@db/chat", modules={"models": ["models"]})  # site: correct library=tortoise
    await Tortoise.generate_schemas()


@app.on_event("startup")
async def startup():
    await init()


@app.on_event("shutdown")
async def shutdown():
    await Tortoise.close_connections()


async def transfer():
    async with in_transaction() as conn:  # site: correct library=tortoise
        await conn.execute_query("SELECT 1")


async def raw():
    async with connections.get("default").acquire_connection() as conn:  # site: correct library=tortoise
        await conn.fetch("SELECT 1")


async def script():
    await Tortoise.init(db_url="postgres://chat@db/chat", modules={"models": ["models"]})  # site: correct library=tortoise
    try:
        await Tortoise.generate_schemas()
    finally:
        await Tortoise.close_connections()


if __name__ == "__main__":
    run_async(script())
