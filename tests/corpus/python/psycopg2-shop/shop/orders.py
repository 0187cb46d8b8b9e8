from shop.db import POOL, get_conn, open_connection, put_conn


def find_order(order_id):
    conn = get_conn()  # site: correct library=psycopg2
    try:
        with conn.cursor() as cur:
            cur.execute("SELECT * FROM orders WHERE id = %s", (order_id,))
            return cur.fetchone()
    finally:
        put_conn(conn)


def list_orders(customer):
    conn = get_conn()  # site: leak PGC102 library=psycopg2 category=on-error
    cur = conn.cursor()
    cur.execute("SELECT * FROM orders WHERE customer = %s", (customer,))
    rows = cur.fetchall()
    put_conn(conn)
    return rows


def count_orders():
    conn = get_conn()  # site: leak PGC101 library=psycopg2 category=never-released
    cur = conn.cursor()
    cur.execute("SELECT count(*) FROM orders")
    return cur.fetchone()[0]


def cancel_order(order_id):
    conn = POOL.getconn()  # site: leak PGC103 library=psycopg2 category=early-exit
    try:
        cur = conn.cursor()
        cur.execute("SELECT state FROM orders WHERE id = %s", (order_id,))
        row = cur.fetchone()
    except Exception:
        POOL.putconn(conn)
        raise
    if row is None:
        return False
    try:
        cur.execute("UPDATE orders SET state = 'cancelled' WHERE id = %s", (order_id,))
        conn.commit()
    finally:
        POOL.putconn(conn)
    return True


def ship_order(order_id):
    conn = POOL.getconn()  # site: leak PGC105 library=psycopg2 category=released-twice
    try:
        cur = conn.cursor()
        cur.execute("UPDATE orders SET state = 'shipped' WHERE id = %s", (order_id,))
        conn.commit()
        POOL.putconn(conn)
    finally:
        POOL.putconn(conn)


def refund(order_id):
    conn = POOL.getconn()  # site: leak PGC106 library=psycopg2 category=used-after-release
    POOL.putconn(conn)
    cur = conn.cursor()
    cur.execute("UPDATE orders SET refunded = true WHERE id = %s", (order_id,))


def export_orders(path):
    conn = open_connection()  # site: leak PGC102 library=psycopg2 category=on-error
    cur = conn.cursor()
    with open(path, "w") as out:
        cur.copy_expert("COPY orders TO STDOUT", out)
    conn.close()


def import_orders(path):
    conn = open_connection()  # site: correct library=psycopg2
    try:
        with open(path) as source, conn, conn.cursor() as cur:
            cur.copy_expert("COPY orders FROM STDIN", source)
    finally:
        conn.close()


def order_total(order_id):
    with POOL.getconn() as conn:  # site: leak PGC107 library=psycopg2 category=with-does-not-close
        with conn.cursor() as cur:
            cur.execute("SELECT sum(price) FROM lines WHERE order_id = %s", (order_id,))
            return cur.fetchone()[0]


def retry_order(order_id):
    for attempt in range(3):
        conn = POOL.getconn()  # site: leak PGC104 library=psycopg2 category=overwritten
        try:
            cur = conn.cursor()
            cur.execute("SELECT * FROM orders WHERE id = %s FOR UPDATE NOWAIT", (order_id,))
            row = cur.fetchone()
        except Exception as error:
            print("locked, trying again", attempt, error)
            continue
        POOL.putconn(conn)
        return row
    return None
