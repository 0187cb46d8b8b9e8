import records


def report():
    db = records.Database("postgresql://r@db/r")
    conn = db.get_connection()  # site: leak PGC101 library=records category=never-released
    rows = conn.query("SELECT * FROM r").all()
    return rows


def report_error():
    db = records.Database("postgresql://r@db/r")
    conn = db.get_connection()  # site: leak PGC102 library=records category=on-error
    rows = conn.query("SELECT * FROM r").all()
    conn.close()
    db.close()
    return rows


def report_with():
    with records.Database("postgresql://r@db/r") as db:
        with db.get_connection() as conn:  # site: correct library=records
            return conn.query("SELECT * FROM r").all()


def report_finally():
    db = records.Database("postgresql://r@db/r")
    conn = db.get_connection()  # site: correct library=records
    try:
        return conn.query("SELECT * FROM r").all()
    finally:
        conn.close()
        db.close()
