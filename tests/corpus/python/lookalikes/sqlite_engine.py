from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///local.db")


def rows():
    with engine.connect() as conn:  # site: correct library=other
        return conn.execute(text("SELECT 1")).all()
