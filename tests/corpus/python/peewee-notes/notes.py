from flask import Flask
from peewee import CharField, Model, PostgresqlDatabase
from playhouse.pool import PooledPostgresqlDatabase

db = PostgresqlDatabase("notes", user="notes")  # site: correct library=peewee
pooled = PooledPostgresqlDatabase("notes", max_connections=8, stale_timeout=300)  # site: correct library=peewee
app = Flask(__name__)


class Note(Model):
    text = CharField()

    class Meta:
        database = db


@app.before_request
def before():
    db.connect(reuse_if_open=True)  # site: correct library=peewee


@app.teardown_request
def teardown(exc):
    if not db.is_closed():
        db.close()


def with_db():
    with db:  # site: correct library=peewee
        return list(Note.select())


def with_context():
    with db.connection_context():  # site: correct library=peewee
        return list(Note.select())


def finally_():
    db.connect()  # site: correct library=peewee
    try:
        return list(Note.select())
    finally:
        db.close()


def pooled_error():
    pooled.connect()  # site: leak PGC102 library=peewee category=on-error
    rows = list(pooled.execute_sql("SELECT * FROM note"))
    pooled.close()
    return rows


def error():
    db.connect()  # site: leak PGC102 library=peewee category=on-error
    rows = list(Note.select())
    db.close()
    return rows


def early(id):
    db.connect()  # site: leak PGC103 library=peewee category=early-exit
    try:
        note = Note.get_or_none(id=id)
    except Exception:
        db.close()
        raise
    if note is None:
        return None
    db.close()
    return note


def setup():
    db.connect()  # site: correct library=peewee
    db.create_tables([Note])
    db.close()


if __name__ == "__main__":
    setup()
