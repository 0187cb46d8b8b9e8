from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from .db import SessionLocal, engine, get_db, get_db_careless, get_session, session_scope
from .models import User

router = APIRouter()


@router.get("/users")
def users(db: Session = Depends(get_db)):
    return db.scalars(select(User)).all()


@router.get("/careless")
def careless(db: Session = Depends(get_db_careless)):
    return db.scalars(select(User)).all()


@router.get("/users/{id}")
def user(id: int):
    db = SessionLocal()  # site: leak PGC103 library=sqlalchemy category=early-exit
    row = db.get(User, id)
    if row is None:
        raise HTTPException(404, "no such user")
    db.close()
    return row


@router.get("/count")
def count():
    session = get_session()  # site: leak PGC101 library=sqlalchemy category=never-released
    return session.query(User).count()


@router.get("/count2")
def count2():
    with get_session() as session:  # site: correct library=sqlalchemy
        return session.query(User).count()


@router.post("/users")
def create(name: str):
    with session_scope() as session:
        session.add(User(name=name))


@router.get("/report")
def report():
    report_engine = create_engine("postgresql://report@db/report")  # site: leak PGC108 library=sqlalchemy category=pool-per-call
    with report_engine.connect() as conn:  # site: correct library=sqlalchemy
        return conn.execute(text("SELECT * FROM report")).all()


@router.get("/report2")
def report2():
    report_engine = create_engine("postgresql://report@db/report")  # site: leak PGC108 library=sqlalchemy category=pool-per-call
    Maker = sessionmaker(bind=report_engine)
    session = Maker()  # site: correct library=sqlalchemy
    try:
        return session.execute(text("SELECT * FROM report")).all()
    finally:
        session.close()


@router.get("/first")
def first():
    session = Session(engine)  # site: leak PGC102 library=sqlalchemy category=on-error
    row = session.execute(select(User)).first()
    session.close()
    return row


@router.get("/begin")
def begin():
    with SessionLocal.begin() as session:  # site: correct library=sqlalchemy
        session.execute(text("UPDATE users SET seen = now()"))


@router.get("/next")
def via_next():
    db = next(get_db())  # site: leak PGC101 library=sqlalchemy category=never-released
    return db.scalars(select(User)).all()
