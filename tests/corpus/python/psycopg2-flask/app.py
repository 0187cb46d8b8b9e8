import psycopg2
import psycopg2.extras
from flask import Flask, g, jsonify, request
from psycopg2.pool import SimpleConnectionPool

app = Flask(__name__)
pool = SimpleConnectionPool(minconn=1, maxconn=5, dsn="dbname=todo")  # site: correct library=psycopg2


def get_db():
    if "db" not in g:
        g.db = psycopg2.connect("dbname=todo")  # site: correct library=psycopg2
    return g.db


@app.teardown_appcontext
def close_db(exc):
    db = g.pop("db", None)
    if db is not None:
        db.close()


@app.route("/todos")
def todos():
    cur = get_db().cursor()
    cur.execute("SELECT * FROM todos")
    return jsonify(cur.fetchall())


@app.route("/todos/<int:id>")
def todo(id):
    conn = pool.getconn()  # site: leak PGC103 library=psycopg2 category=early-exit
    cur = conn.cursor()
    cur.execute("SELECT * FROM todos WHERE id = %s", (id,))
    row = cur.fetchone()
    if row is None:
        return jsonify({"error": "not found"}), 404
    pool.putconn(conn)
    return jsonify(row)


@app.route("/todos", methods=["POST"])
def create():
    conn = pool.getconn()  # site: correct library=psycopg2
    try:
        cur = conn.cursor()
        cur.execute("INSERT INTO todos (title) VALUES (%s) RETURNING id", (request.json["title"],))
        conn.commit()
        return jsonify({"id": cur.fetchone()[0]}), 201
    except psycopg2.Error:
        conn.rollback()
        return jsonify({"error": "failed"}), 500
    finally:
        pool.putconn(conn)


@app.route("/todos/<int:id>", methods=["DELETE"])
def delete(id):
    conn = pool.getconn()  # site: leak PGC102 library=psycopg2 category=on-error
    try:
        cur = conn.cursor()
        cur.execute("DELETE FROM todos WHERE id = %s", (id,))
        conn.commit()
        pool.putconn(conn)
        return "", 204
    except psycopg2.Error as e:
        return jsonify({"error": str(e)}), 500


@app.route("/stats")
def stats():
    stats_pool = SimpleConnectionPool(1, 5, dsn="dbname=stats")  # site: leak PGC108 library=psycopg2 category=pool-per-call
    conn = stats_pool.getconn()
    try:
        cur = conn.cursor(cursor_factory=psycopg2.extras.DictCursor)
        cur.execute("SELECT * FROM stats")
        return jsonify(cur.fetchall())
    finally:
        stats_pool.putconn(conn)


@app.route("/health")
def health():
    try:
        conn = psycopg2.connect("dbname=todo", connect_timeout=1)  # site: leak PGC101 library=psycopg2 category=never-released
        conn.cursor().execute("SELECT 1")
        return "ok"
    except psycopg2.OperationalError:
        return "down", 503


@app.route("/done/<int:id>")
def done(id):
    connection = get_connection()  # site: leak PGC102 library=psycopg2 category=on-error
    if connection:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE todos SET done = true WHERE id = %s", (id,))
        connection.commit()
        connection.close()
    return "", 204


def get_connection():
    try:
        return psycopg2.connect("dbname=todo")  # site: correct library=psycopg2
    except psycopg2.Error:
        return None


def run_query(query, params=None):
    conn = psycopg2.connect("dbname=todo")  # site: leak PGC101 library=psycopg2 category=never-released
    cur = conn.cursor()
    cur.execute(query, params)
    rows = cur.fetchall()
    cur.close()
    return rows


def run_safely(query, params=None, conn=None):
    own = conn is None
    if own:
        conn = psycopg2.connect("dbname=todo")  # site: correct library=psycopg2
    try:
        cur = conn.cursor()
        cur.execute(query, params)
        return cur.fetchall()
    finally:
        if own:
            conn.close()
