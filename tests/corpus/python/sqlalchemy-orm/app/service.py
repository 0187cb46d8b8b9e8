from sqlalchemy import select
from sqlalchemy.orm import Session

from .db import Registry, SessionLocal, engine, get_session, session_scope
from .models import User


class UserService:
    def __init__(self, session: Session | None = None):
        self.session = session or SessionLocal()  # site: correct library=sqlalchemy

    def all(self):
        return self.session.scalars(select(User)).all()

    def close(self):
        self.session.close()


class UserReader:
    def __enter__(self):
        self.session = SessionLocal()  # site: correct library=sqlalchemy
        return self

    def __exit__(self, *args):
        self.session.close()


def rename(id, name):
    session = SessionLocal()  # site: correct library=sqlalchemy
    try:
        user = session.get(User, id)
        user.name = name
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


def rename_careless(id, name):
    session = SessionLocal()  # site: leak PGC102 library=sqlalchemy category=on-error
    user = session.get(User, id)
    user.name = name
    session.commit()
    session.close()


def names():
    session = SessionLocal()  # site: leak PGC101 library=sqlalchemy category=never-released
    return [user.name for user in session.scalars(select(User))]


def names_query():
    session = Session(bind=engine)  # site: leak PGC101 library=sqlalchemy category=never-released
    users = session.query(User).filter_by(name="x").all()
    return users


def committed(id):
    session = SessionLocal()  # site: correct library=sqlalchemy
    try:
        user = session.get(User, id)
        user.name = "x"
        session.commit()
    except Exception:
        session.rollback()
        raise


def find(id):
    session = get_session()  # site: leak PGC103 library=sqlalchemy category=early-exit
    try:
        user = session.get(User, id)
    except Exception:
        session.close()
        raise
    if not user:
        return None
    session.close()
    return user


def begin_block():
    session = SessionLocal()  # site: correct library=sqlalchemy
    with session.begin():
        session.add(User(name="x"))


def unused():
    session = SessionLocal()  # site: correct library=sqlalchemy
    return session.bind


def scope(names):
    with session_scope() as session:
        for name in names:
            session.add(User(name=name))


def registry():
    try:
        return Registry.query(User).all()
    finally:
        Registry.remove()


def per_item(ids):
    for id in ids:
        session = SessionLocal()  # site: leak PGC102 library=sqlalchemy category=on-error
        user = session.get(User, id)
        if user:
            session.delete(user)
        session.commit()
        session.close()


def given(session=None):
    own = session is None
    session = session or SessionLocal()  # site: correct library=sqlalchemy
    try:
        return session.scalars(select(User)).all()
    finally:
        if own:
            session.close()


def closing_twice():
    session = SessionLocal()  # site: correct library=sqlalchemy
    try:
        rows = session.scalars(select(User)).all()
        session.close()
        return rows
    finally:
        session.close()
