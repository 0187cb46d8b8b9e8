from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

engine = create_engine("postgresql+psycopg2://app@db/app")  # site: correct library=sqlalchemy
SessionLocal = sessionmaker(bind=engine, autoflush=False)
Registry = scoped_session(sessionmaker(bind=engine))


def get_db():
    db = SessionLocal()  # site: correct library=sqlalchemy
    try:
        yield db
    finally:
        db.close()


def get_db_careless():
    db = SessionLocal()  # site: leak PGC102 library=sqlalchemy category=on-error
    yield db
    db.close()


def get_db_with():
    with SessionLocal() as db:  # site: correct library=sqlalchemy
        yield db


def get_session() -> Session:
    return SessionLocal()  # site: correct library=sqlalchemy


@contextmanager
def session_scope():
    session = SessionLocal()  # site: correct library=sqlalchemy
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


@contextmanager
def session_scope_without_close():
    session = SessionLocal()  # site: correct library=sqlalchemy
    try:
        yield session
        session.commit()
    except:
        session.rollback()
        raise
