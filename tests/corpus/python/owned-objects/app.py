"""Objects that take a connection when they are made, or when they are told to."""

from contextlib import closing

import psycopg2
from flask import Flask

app = Flask(__name__)


class Ledger:
    def __init__(self, dsn):
        self.conn = psycopg2.connect(dsn)  # site: correct library=psycopg2
        self.cur = self.conn.cursor()

    def lines(self, sql):
        self.cur.execute(sql)
        return self.cur.fetchall()

    def close(self):
        self.cur.close()
        self.conn.close()


class Archive:
    def __enter__(self):
        self.conn = psycopg2.connect("dbname=archive")  # site: correct library=psycopg2
        return self

    def boxes(self):
        with self.conn.cursor() as cursor:
            cursor.execute("select * from box")
            return cursor.fetchall()

    def __exit__(self, *exc):
        self.conn.close()


class Registry:
    def __init__(self):
        self.link = None

    def open(self):
        self.link = psycopg2.connect("dbname=registry")  # site: correct library=psycopg2

    def entries(self):
        cursor = self.link.cursor()
        cursor.execute("select * from entry")
        return cursor.fetchall()

    def shut(self):
        if self.link:
            self.link.close()


class Diary:
    def __init__(self):
        self.conn = psycopg2.connect("dbname=diary")  # site: correct library=psycopg2

    def pages(self):
        return self.conn.cursor().fetchall()

    def __del__(self):
        self.conn.close()


@app.route("/dropped")
def dropped():
    ledger = Ledger("dbname=x")  # site: leak PGC101 library=psycopg2 category=never-released
    return ledger.lines("select 1")


@app.route("/error")
def error():
    ledger = Ledger("dbname=x")  # site: leak PGC102 library=psycopg2 category=on-error
    found = ledger.lines("select 1")
    ledger.close()
    return found


@app.route("/early")
def early():
    ledger = Ledger("dbname=x")  # site: leak PGC103 library=psycopg2 category=early-exit
    found = ledger.lines("select 1")
    if not found:
        return "none"
    ledger.close()
    return found


@app.route("/opened")
def opened():
    registry = Registry()
    registry.open()  # site: leak PGC102 library=psycopg2 category=on-error
    found = registry.entries()
    registry.shut()
    return found


@app.route("/finally")
def finally_closed():
    ledger = Ledger("dbname=x")  # site: correct library=psycopg2
    try:
        return ledger.lines("select 1")
    finally:
        ledger.close()


@app.route("/closing")
def closing_closed():
    with closing(Ledger("dbname=x")) as ledger:  # site: correct library=psycopg2
        return ledger.lines("select 1")


@app.route("/managed")
def managed():
    with Archive() as archive:  # site: correct library=psycopg2
        return archive.boxes()


@app.route("/opened-and-shut")
def opened_and_shut():
    registry = Registry()
    try:
        registry.open()  # site: correct library=psycopg2
        return registry.entries()
    finally:
        registry.shut()


@app.route("/collected")
def collected():
    diary = Diary()  # site: correct library=psycopg2
    return diary.pages()


@app.route("/inner")
def inner():
    ledger = Ledger("dbname=x")  # site: correct library=psycopg2
    try:
        return ledger.lines("select 1")
    finally:
        ledger.conn.close()


class Till:
    def __init__(self):
        self.conn = psycopg2.connect("dbname=till")  # site: correct library=psycopg2

    def ring(self, amount):
        self.conn.cursor().execute("insert into sale values (%s)", (amount,))
        self.conn.commit()

    def ring_quietly(self, amount):
        try:
            self.conn.cursor().execute("insert into sale values (%s)", (amount,))
            self.conn.commit()
        except psycopg2.OperationalError:
            return False
        except Exception as error:
            print(error)
            return False
        return True

    def close(self):
        self.conn.close()


@app.route("/committed")
def committed():
    till = Till()  # site: leak PGC102 library=psycopg2 category=on-error
    till.ring(5)
    till.close()
    return "ok"


@app.route("/tested")
def tested():
    registry = Registry()
    registry.open()  # site: correct library=psycopg2
    try:
        return registry.entries()
    finally:
        if registry.link:
            registry.shut()


@app.route("/quiet")
def quiet():
    till = Till()  # site: correct library=psycopg2
    done = till.ring_quietly(5)
    till.close()
    return str(done)
