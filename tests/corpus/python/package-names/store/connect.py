import psycopg


async def connect():
    return await psycopg.AsyncConnection.connect("dbname=store")  # site: correct library=psycopg
