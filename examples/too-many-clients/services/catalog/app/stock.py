import os

from psycopg2.pool import ThreadedConnectionPool

pool = ThreadedConnectionPool(1, 5, os.environ["DATABASE_URL"])


def reserve(sku: str, quantity: int) -> int:
    connection = pool.getconn()
    cursor = connection.cursor()
    cursor.execute(
        "UPDATE stock SET quantity = quantity - %s WHERE sku = %s RETURNING quantity",
        (quantity, sku),
    )
    (left,) = cursor.fetchone()
    connection.commit()
    pool.putconn(connection)
    return left
