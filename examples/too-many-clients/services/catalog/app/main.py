import os

from fastapi import FastAPI, HTTPException
from sqlalchemy import create_engine, text

from app.stock import reserve

app = FastAPI()


@app.get("/products/{sku}")
def product(sku: str):
    engine = create_engine(os.environ["DATABASE_URL"])
    with engine.connect() as connection:
        row = connection.execute(text("SELECT sku, name, price FROM products WHERE sku = :sku"), {"sku": sku}).first()
    if row is None:
        raise HTTPException(404)
    return row._asdict()


@app.post("/products/{sku}/reservations")
def reservation(sku: str, quantity: int):
    return {"left": reserve(sku, quantity)}
