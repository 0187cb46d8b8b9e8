import os

from sqlalchemy import create_engine

engine = create_engine(os.environ["DATABASE_URL"], pool_size=5, max_overflow=5)  # site: correct library=sqlalchemy


def get_engine():
    return engine


def make_connection():
    return engine.connect()  # site: correct library=sqlalchemy
