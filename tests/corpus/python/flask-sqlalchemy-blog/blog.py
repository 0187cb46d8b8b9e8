import threading

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://blog@db/blog"
db = SQLAlchemy(app)  # site: correct library=flask_sqlalchemy


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String)


@app.get("/posts")
def posts():
    return [post.title for post in db.session.query(Post).all()]


@app.get("/posts/<int:id>")
def post(id):
    row = db.session.get(Post, id)
    if row is None:
        return "", 404
    db.session.commit()
    return row.title


@app.get("/raw")
def raw():
    conn = db.engine.connect()  # site: leak PGC101 library=flask_sqlalchemy category=never-released
    return [row[0] for row in conn.execute(text("SELECT title FROM post"))]


@app.get("/raw2")
def raw2():
    with db.engine.connect() as conn:  # site: correct library=flask_sqlalchemy
        return [row[0] for row in conn.execute(text("SELECT title FROM post"))]


@app.get("/raw3")
def raw3():
    conn = db.engine.raw_connection()  # site: leak PGC102 library=flask_sqlalchemy category=on-error
    cursor = conn.cursor()
    cursor.execute("SELECT title FROM post")
    rows = cursor.fetchall()
    conn.close()
    return rows


@app.get("/own")
def own():
    session = sessionmaker(bind=db.engine)()  # site: leak PGC101 library=flask_sqlalchemy category=never-released
    return [row.title for row in session.query(Post)]


@app.get("/own2")
def own2():
    session = sessionmaker(bind=db.engine)()  # site: correct library=flask_sqlalchemy
    try:
        return [row.title for row in session.query(Post)]
    finally:
        session.close()
