"""A script that ends with its session, whatever happens."""

from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

Maker = sessionmaker(bind=create_engine("postgresql://db/shop"))


def repair():
    session = Maker()  # site: correct library=sqlalchemy
    rows = session.execute(text("select * from broken")).fetchall()
    if not rows:
        return
    for row in rows:
        print(row)
    session.close()


if __name__ == "__main__":
    repair()
