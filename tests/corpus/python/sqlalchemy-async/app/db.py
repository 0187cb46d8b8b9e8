from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("postgresql+asyncpg://app@db/app")  # site: correct library=sqlalchemy
Session = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:  # site: correct library=sqlalchemy
        yield session


async def get_session_finally():
    session = Session()  # site: correct library=sqlalchemy
    try:
        yield session
    finally:
        await session.close()


async def get_session_careless():
    session = Session()  # site: leak PGC102 library=sqlalchemy category=on-error
    yield session
    await session.close()


async def get_session_returned():
    return Session()  # site: correct library=sqlalchemy


@asynccontextmanager
async def transaction():
    async with Session.begin() as session:  # site: correct library=sqlalchemy
        yield session


async def ping():
    async with engine.connect() as conn:  # site: correct library=sqlalchemy
        await conn.execute(text("SELECT 1"))


async def migrate():
    async with engine.begin() as conn:  # site: correct library=sqlalchemy
        await conn.execute(text("CREATE TABLE t ()"))


async def never():
    conn = await engine.connect()  # site: leak PGC101 library=sqlalchemy category=never-released
    return (await conn.execute(text("SELECT 1"))).all()


async def error():
    conn = await engine.connect()  # site: leak PGC102 library=sqlalchemy category=on-error
    rows = (await conn.execute(text("SELECT 1"))).all()
    await conn.close()
    return rows


async def finally_():
    conn = await engine.connect()  # site: correct library=sqlalchemy
    try:
        return (await conn.execute(text("SELECT 1"))).all()
    finally:
        await conn.close()


async def session_never():
    session = AsyncSession(engine)  # site: leak PGC101 library=sqlalchemy category=never-released
    result = await session.execute(text("SELECT 1"))
    return result.all()


async def session_error():
    session = Session()  # site: leak PGC102 library=sqlalchemy category=on-error
    result = await session.execute(text("SELECT 1"))
    await session.close()
    return result.all()


async def session_early(flag):
    session = Session()  # site: leak PGC103 library=sqlalchemy category=early-exit
    try:
        result = await session.execute(text("SELECT 1"))
    except Exception:
        await session.close()
        raise
    if flag:
        return None
    await session.close()
    return result.all()


async def session_caller():
    session = await get_session_returned()  # site: leak PGC101 library=sqlalchemy category=never-released
    return (await session.execute(text("SELECT 1"))).all()


async def session_caller_with():
    async with await get_session_returned() as session:  # site: correct library=sqlalchemy
        return (await session.execute(text("SELECT 1"))).all()


async def not_awaited():
    session = Session()
    try:
        await session.execute(text("SELECT 1"))
    finally:
        session.close()  # site: leak PGC117 library=sqlalchemy category=release-not-awaited


router = APIRouter()


@router.get("/one")
async def one(session: AsyncSession = Depends(get_session_careless)):
    return (await session.execute(text("SELECT 1"))).all()


@router.get("/two")
async def two(session: AsyncSession = Depends(get_session_finally)):
    return (await session.execute(text("SELECT 1"))).all()


async def anext_used():
    async for session in get_session():  # site: correct library=sqlalchemy
        return (await session.execute(text("SELECT 1"))).all()
