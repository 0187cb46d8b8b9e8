import pg8000
import pg8000.dbapi
import pg8000.native


def good():
    conn = pg8000.dbapi.connect(user="tool", password="x")  # site: correct library=pg8000
    try:
        cur = conn.cursor()
        cur.execute("SELECT 1")
        return cur.fetchall()
    finally:
        conn.close()


def with_closes():
    with pg8000.connect(user="tool") as conn:  # site: correct library=pg8000
        cur = conn.cursor()
        cur.execute("SELECT 1")


def native():
    con = pg8000.native.Connection("tool", database="x")  # site: correct library=pg8000
    try:
        return con.run("SELECT 1")
    finally:
        con.close()


def native_error():
    con = pg8000.native.Connection("tool", database="x")  # site: leak PGC102 library=pg8000 category=on-error
    rows = con.run("SELECT 1")
    con.close()
    return rows


def never():
    conn = pg8000.connect(user="tool", host="db")  # site: leak PGC101 library=pg8000 category=never-released
    cur = conn.cursor()
    cur.execute("SELECT 1")
    return cur.fetchall()


def early(flag):
    conn = pg8000.dbapi.connect(user="tool")  # site: leak PGC103 library=pg8000 category=early-exit
    cur = conn.cursor()
    try:
        cur.execute("SELECT 1")
    except pg8000.dbapi.DatabaseError:
        conn.close()
        raise
    if flag:
        return None
    conn.close()
    return 1


def after():
    conn = pg8000.dbapi.connect(user="tool")  # site: leak PGC106 library=pg8000 category=used-after-release
    conn.close()
    conn.cursor().execute("SELECT 1")
