"""The file that opens connections was never committed."""

import psycopg2
from flask import Flask
from private.database import SessionLocal, get_db_connection
from private.sessions import open_connection
from sqlalchemy import text

app = Flask(__name__)


@app.route("/on-error")
def on_error():
    conn = get_db_connection()  # site: leak PGC102 library=psycopg2 category=on-error
    cursor = conn.cursor()
    cursor.execute("select 1")
    rows = cursor.fetchall()
    conn.close()
    return rows


@app.route("/never")
def never():
    conn = get_db_connection()  # site: leak PGC101 library=psycopg2 category=never-released
    cursor = conn.cursor()
    cursor.execute("select 1")
    return cursor.fetchall()


@app.route("/finally")
def in_finally():
    conn = get_db_connection()  # site: correct library=psycopg2
    try:
        cursor = conn.cursor()
        cursor.execute("select 1")
        return cursor.fetchall()
    except psycopg2.Error:
        return "failed"
    finally:
        conn.close()


@app.route("/with")
def in_with():
    with open_connection() as conn:  # site: correct library=psycopg2
        return conn.cursor().fetchall()


@app.route("/session")
def session():
    db = SessionLocal()  # site: leak PGC102 library=sqlalchemy category=on-error
    rows = db.execute(text("select 1")).fetchall()
    db.close()
    return rows
