from sqlalchemy import text

from app.database import engine


def reserve(sku: str, quantity: int) -> int:
    with engine.begin() as connection:
        return connection.execute(
            text("UPDATE stock SET quantity = quantity - :n WHERE sku = :sku RETURNING quantity"),
            {"n": quantity, "sku": sku},
        ).scalar_one()
