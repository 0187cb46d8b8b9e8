"""The arithmetic against real servers: fleets of real pools, counted in pg_stat_activity.

PostgreSQL and PgBouncer on loopback; psycopg_pool, SQLAlchemy and node-postgres as processes. Predicted and
measured worst case must agree exactly; the over-budget fleet must be refused with SQLSTATE 53300 and the
suggested pooler must cure it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgconnlint.budget.arithmetic import PoolLine, pooler_process_connections, process_pool_connections, rollout_pods
from tests.infra.servers import folder, program, run

FLEET = Path(__file__).with_name("fleet.py")
NODE_FLEET = Path(__file__).with_name("fleet.js")
HOLD_SECONDS = 3.0


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


@contextmanager
def _server(max_connections: int) -> Iterator[str]:
    """A PostgreSQL on loopback with 3 reserved slots; yields host:port."""
    initdb, postgres = program("initdb"), program("postgres")
    with folder() as place:
        made = run(
            [initdb, "-D", str(place / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], place
        )
        assert made.returncode == 0, made.stderr
        port = _port()
        command = [
            postgres, "-D", str(place / "data"), "-p", str(port), "-k", str(place), "-h", "127.0.0.1", "-F",
            "-c", f"max_connections={max_connections}", "-c", "autovacuum=off",
        ]  # fmt: skip
        with open(place / "log", "wb") as log:
            process = subprocess.Popen(command, cwd=place, user=_user(), stdout=log, stderr=log)
        try:
            _wait(port)
            for name in ("app", "other"):
                _sql(port, f"CREATE ROLE {name} LOGIN")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int) -> None:
    psql = program("psql")
    for _ in range(100):
        done = run([psql, "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-Atc", "SELECT 1"], Path("/"))
        if done.returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError(f"no server on port {port}: {done.stderr}")


def _sql(port: int, statement: str) -> str:
    command = [program("psql"), "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-Atc", statement]
    done = run(command, Path("/"))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def _pgbouncer(server: str, pool: int, reserve: int) -> Iterator[str]:
    """A PgBouncer in transaction mode in front of ``server``."""
    binary = program("pgbouncer")
    host, _, port = server.partition(":")
    own = _port()
    with folder() as place:
        (place / "users.txt").write_text('"app" ""\n"other" ""\n')
        (place / "pgbouncer.ini").write_text(
            f"[databases]\npostgres = host={host} port={port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {own}\nauth_type = trust\nauth_file = {place}/users.txt\npool_mode = transaction\n"
            f"default_pool_size = {pool}\nreserve_pool_size = {reserve}\nreserve_pool_timeout = 0.2\n"
            f"max_client_conn = 500\nunix_socket_dir =\nlogfile = {place}/log\n"
        )
        for file in place.iterdir():
            file.chmod(0o644)
        process = subprocess.Popen(
            [binary, str(place / "pgbouncer.ini")], cwd=place, user=_user(), stdout=-3, stderr=-3
        )
        try:
            _listening(own)
            yield f"127.0.0.1:{own}"
        finally:
            process.kill()
            process.wait(20)


def _listening(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


@dataclass(frozen=True)
class Fleet:
    """Processes of one library, each with a pool of size + overflow, as one database user."""

    library: str
    processes: int
    size: int
    overflow: int = 0
    user: str = "app"

    @property
    def predicted(self) -> int:
        return self.processes * process_pool_connections(self.size, self.overflow)


def _measure(server: str, target: str, fleets: list[Fleet]) -> tuple[int, str]:
    """(the most client connections seen on the server at once, everything the fleets printed)."""
    processes = [
        subprocess.Popen(_command(fleet, target), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment())
        for fleet in fleets
        for _ in range(fleet.processes)
    ]
    port = int(server.rpartition(":")[2])
    most = 0
    deadline = time.monotonic() + 60
    while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
        counted = "SELECT count(*) FROM pg_stat_activity WHERE usename IN ('app', 'other')"
        most = max(most, int(_sql(port, counted)))
        time.sleep(0.1)
    return most, "".join(process.communicate()[0].decode() for process in processes)


def _environment() -> dict[str, str]:
    modules = os.environ.get("PGCONNLINT_NODE_MODULES", "")
    return {**os.environ, "NODE_PATH": modules}


def _command(fleet: Fleet, target: str) -> list[str]:
    url = f"postgresql://{fleet.user}@{target}/postgres"
    words = [url, str(fleet.size), str(fleet.overflow), str(HOLD_SECONDS)]
    if fleet.library == "pg":
        return [program("node"), str(NODE_FLEET), *words]
    return [sys.executable, str(FLEET), fleet.library, *words]


def _needs(library: str) -> None:
    if library == "pg":
        program("node")
        modules = os.environ.get("PGCONNLINT_NODE_MODULES", "")
        if not (Path(modules) / "pg").is_dir():
            pytest.skip("needs node-postgres (npm package `pg`): `make test` installs it")
        return
    pytest.importorskip(library)


@pytest.mark.parametrize(
    "fleet",
    [
        Fleet("psycopg_pool", processes=3, size=4),
        Fleet("sqlalchemy", processes=2, size=3, overflow=2),
        Fleet("pg", processes=2, size=5),
        Fleet("psycopg_pool", processes=rollout_pods(4, "RollingUpdate", "25%"), size=3),
    ],
    ids=["pool", "overflow", "node", "rollout overlap"],
)
def test_direct_clients(fleet: Fleet) -> None:
    _needs(fleet.library)
    with _server(60) as server:
        most, printed = _measure(server, server, [fleet])
        assert most == fleet.predicted, printed


@pytest.mark.parametrize(("pool", "reserve", "users"), [(3, 0, 1), (3, 2, 1), (3, 1, 2)])
def test_through_a_pooler(pool: int, reserve: int, users: int) -> None:
    _needs("sqlalchemy")
    fleets = [Fleet("sqlalchemy", 2, 5, user=user) for user in ("app", "other")[:users]]
    predicted = pooler_process_connections([PoolLine(pool, reserve, users)])
    with _server(60) as server, _pgbouncer(server, pool, reserve) as pooler:
        assert _measure(server, pooler, fleets)[0] == predicted


def test_over_budget_is_refused_and_the_pooler_cures_it() -> None:
    _needs("sqlalchemy")
    fleet = Fleet("sqlalchemy", processes=4, size=6)
    with _server(20) as server:
        assert fleet.predicted > 17
        _, printed = _measure(server, server, [fleet])
        assert "53300" in printed or "too many clients" in printed or "remaining connection slots" in printed, printed
        with _pgbouncer(server, 8, 2) as pooler:
            most, printed = _measure(server, pooler, [fleet])
            assert most == pooler_process_connections([PoolLine(8, 2)])
            refused = [word for word in ("too many clients", "remaining connection slots") if word in printed]
            assert not refused, printed
