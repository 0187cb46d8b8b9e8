import psycopg2

from lib.connections import (
    ManagedConnection,
    checkin,
    checkout,
    close_quietly,
    connected,
    cursor,
    with_connection,
)


def count():
    return with_connection(lambda conn: conn.cursor().execute("SELECT 1"))


@connected
def rows(conn, table):
    cur = conn.cursor()
    cur.execute(f"SELECT * FROM {table}")
    return cur.fetchall()


def managed():
    with ManagedConnection("dbname=w") as conn:  # site: correct library=psycopg2
        conn.cursor().execute("SELECT 1")


def through_cursor():
    with cursor() as cur:
        cur.execute("SELECT 1")


def quiet():
    conn = psycopg2.connect("dbname=w")  # site: correct library=psycopg2
    try:
        conn.cursor().execute("SELECT 1")
    finally:
        close_quietly(conn)


def quiet_error():
    conn = psycopg2.connect("dbname=w")  # site: leak PGC102 library=psycopg2 category=on-error
    conn.cursor().execute("SELECT 1")
    close_quietly(conn)


def broken_flag():
    conn = checkout()  # site: correct library=psycopg2
    broken = False
    try:
        conn.cursor().execute("SELECT 1")
    except psycopg2.OperationalError:
        broken = True
        raise
    finally:
        checkin(conn, broken=broken)


def in_dict():
    state = {"conn": checkout()}  # site: correct library=psycopg2
    try:
        state["conn"].cursor().execute("SELECT 1")
    finally:
        checkin(state["conn"])


def nested():
    def finish():
        checkin(conn)

    conn = checkout()  # site: correct library=psycopg2
    try:
        conn.cursor().execute("SELECT 1")
    finally:
        finish()


def conditional(use):
    conn = checkout() if use else None  # site: correct library=psycopg2
    try:
        if conn is not None:
            conn.cursor().execute("SELECT 1")
    finally:
        if conn is not None:
            checkin(conn)


def conditional_leak(use):
    conn = checkout()  # site: leak PGC103 library=psycopg2 category=early-exit
    try:
        conn.cursor().execute("SELECT 1")
    except psycopg2.Error:
        checkin(conn, broken=True)
        raise
    if use:
        checkin(conn)


def only_on_error():
    conn = checkout()  # site: leak PGC103 library=psycopg2 category=early-exit
    try:
        conn.cursor().execute("SELECT 1")
    except psycopg2.Error:
        checkin(conn, broken=True)
        raise


def handed_on(queue):
    conn = checkout()  # site: correct library=psycopg2
    queue.put(conn)


def handed_to_job(scheduler):
    conn = psycopg2.connect("dbname=w")  # site: correct library=psycopg2
    scheduler.add_job(print, args=[conn])


def tuple_returned():
    conn = checkout()  # site: correct library=psycopg2
    return conn, conn.cursor()


def walrus():
    if (conn := checkout()) is not None:  # site: leak PGC102 library=psycopg2 category=on-error
        conn.cursor().execute("SELECT 1")
        checkin(conn)


def else_clause():
    conn = checkout()  # site: correct library=psycopg2
    try:
        conn.cursor().execute("SELECT 1")
    except psycopg2.Error:
        checkin(conn, broken=True)
    else:
        checkin(conn)


def while_loop(stop):
    while not stop():
        conn = checkout()  # site: leak PGC102 library=psycopg2 category=on-error
        conn.cursor().execute("SELECT 1")
        checkin(conn)


def while_finally(stop):
    while not stop():
        conn = checkout()  # site: correct library=psycopg2
        try:
            conn.cursor().execute("SELECT 1")
        finally:
            checkin(conn)


def break_out(items):
    for item in items:
        conn = checkout()  # site: leak PGC103 library=psycopg2 category=early-exit
        try:
            conn.cursor().execute("SELECT 1")
        except psycopg2.Error:
            checkin(conn)
            continue
        if item == "stop":
            break
        checkin(conn)
