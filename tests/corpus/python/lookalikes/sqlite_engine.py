from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///local.db")


def leaky():
    conn = engine.connect()  # site: correct library=other
    return conn.execute(text("SELECT 1")).all()


def rows():
    with engine.connect() as conn:  # site: correct library=other
        return conn.execute(text("SELECT 1")).all()
