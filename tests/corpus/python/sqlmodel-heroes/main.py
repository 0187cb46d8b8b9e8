from functools import lru_cache

from fastapi import Depends, FastAPI
from sqlmodel import Field, Session, SQLModel, create_engine, select

engine = create_engine("postgresql://heroes@db/heroes")  # site: correct library=sqlmodel
app = FastAPI()


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


def get_session():
    with Session(engine) as session:  # site: correct library=sqlmodel
        yield session


def get_session_open():
    session = Session(engine)  # site: leak PGC101 library=sqlmodel category=never-released
    yield session


@lru_cache
def reporting():
    return create_engine("postgresql://heroes@db/reports")  # site: correct library=sqlmodel


@app.get("/heroes")
def heroes(session: Session = Depends(get_session)):
    return session.exec(select(Hero)).all()


@app.get("/open")
def opened(session: Session = Depends(get_session_open)):
    return session.exec(select(Hero)).all()


@app.post("/heroes")
def create(hero: Hero):
    session = Session(engine)  # site: leak PGC102 library=sqlmodel category=on-error
    session.add(hero)
    session.commit()
    session.refresh(hero)
    session.close()
    return hero


@app.get("/heroes/{id}")
def one(id: int):
    session = Session(engine)  # site: leak PGC101 library=sqlmodel category=never-released
    return session.exec(select(Hero).where(Hero.id == id)).first()


@app.get("/tenant/{name}")
def tenant(name: str):
    tenant_engine = create_engine(f"postgresql://heroes@db/{name}")  # site: leak PGC108 library=sqlmodel category=pool-per-call
    with Session(tenant_engine) as session:  # site: correct library=sqlmodel
        return session.exec(select(Hero)).all()
