"""One process of a fleet: opens a real pool, asks it for more than it has, holds what it gets.

Run as a program: `python fleet.py LIBRARY URL SIZE OVERFLOW SECONDS`. Prints SQLSTATEs it met, one a line.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable


def psycopg_pool(url: str, size: int, overflow: int, seconds: float) -> Callable[[], None]:
    import psycopg
    from psycopg_pool import ConnectionPool

    pool = ConnectionPool(url, min_size=1, max_size=size + overflow, timeout=seconds, open=True)

    def hold() -> None:
        with pool.connection() as connection:
            connection.execute("SELECT pg_sleep(%s)", (seconds,))

    with psycopg.connect(url):  # a refusal shows here, with its SQLSTATE; the pool only retries
        pass
    return hold


def sqlalchemy(url: str, size: int, overflow: int, seconds: float) -> Callable[[], None]:
    from sqlalchemy import create_engine, text

    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"),
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=seconds,
        connect_args={"prepare_threshold": None},
    )

    def hold() -> None:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_sleep(:s)"), {"s": seconds})

    return hold


def main(library: str, url: str, size: int, overflow: int, seconds: float) -> None:
    """Ask for one connection more than the pool has, hold each for ``seconds``."""
    makers = {"psycopg_pool": psycopg_pool, "sqlalchemy": sqlalchemy}
    errors: list[str] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # whatever the driver raises: only its SQLSTATE is of interest
            cause = getattr(error, "orig", error)
            errors.append(
                str(getattr(cause, "sqlstate", None) or type(error).__name__) + " " + " ".join(str(error).split())[:400]
            )

    made: list[Callable[[], None]] = []
    guarded(lambda: made.append(makers[library](url, size, overflow, seconds)))
    for hold in made:
        threads = [threading.Thread(target=guarded, args=(hold,)) for _ in range(size + overflow + 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print("\n".join(errors))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
