"""Our reading of pgbouncer.ini against the real `pgbouncer`, started on a Unix socket and stopped at once."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from pgconnlint.config import Config
from pgconnlint.infra import pgbouncer
from pgconnlint.infra.resource import Resource, text
from pgconnlint.project import Project
from tests.infra.servers import folder, program, run

HEAD = "[pgbouncer]\nunix_socket_dir = {folder}\nlisten_port = 17432\nauth_type = any\n"

TABLE = [
    "default_pool_size = 30",
    "default_pool_size=30",
    "default_pool_size = 30 ; x",
    "default_pool_size = 30 # x",
    "default_pool_size = 30; x",
    "; a comment\n# another\n  ; indented\ndefault_pool_size = 30",
    "pool_mode = transaction ; x",
    "pool_mode = TRANSACTION",
    "pool_mode = transactional",
    "pool_mode = 'transaction'",
    "default_pool_size = '33'",
    "default_pool_size = 040",
    "default_pool_size = 0x20",
    "default_pool_size = 08",
    "default_pool_size = 20.5",
    "default_pool_size = -1",
    "default_pool_size =",
    "Default_Pool_Size = 30",
    "server_idle_timeout = 10s",
    "server_idle_timeout = 10.5",
    "server_idle_timeout = 1e2",
    "server_idle_timeout = -1",
    "server_idle_timeout = .5",
    "server_idle_timeout =",
    "log_connections = yes",
    "log_connections = 1",
    "unknown_key = 1",
    "max_prepared_statements = 10",
    "track_extra_parameters = IntervalStyle",
    "cancel_wait_timeout = 1",
    "default_pool_size : 30",
    "default_pool_size",
    "-- comment",
    "server_reset_query = DISCARD ALL; SELECT 1",
    "admin_users = a, b",
    "auth_type = scram",
    "server_tls_sslmode = prefer",
    "server_tls_sslmode = on",
    "[unknown]\nx = 1",
    "[peers]\n1 = host=/tmp",
    "[databases] ; comment\na = host=db",
    "[databases\na = host=db",
    "%included",
    "[databases]\nshop = host=db port=5432 dbname=x",
    "[databases]\nshop =",
    "[databases]\nshop = host=db ; comment",
    "[databases]\nshop = host=db pool_size=10 # x",
    "[databases]\nshop = host='db' password='it''s'",
    "[databases]\nshop = host=db password=",
    "[databases]\nshop = host=db password=''",
    "[databases]\nshop = postgres://a:b@c/d",
    "[databases]\nshop = postgres://a:b@c/d?sslmode=x",
    '[databases]\n"foo bar" = host=db',
    "[databases]\nfoo-bar.x_1* = host=db",
    "[databases]\nfoo/bar = host=db",
    "[databases]\nshop = host=db port=abc",
    "[databases]\nshop = host=db port=0",
    "[databases]\nshop = host=db port=5432x",
    "[databases]\nshop = host=db reserve_pool=5",
    "[databases]\nshop = host=db reserve_pool_size=5",
    "[databases]\nshop = host=db Pool_Size=5",
    "[databases]\nshop = host=db sslmode=require",
    "[databases]\nshop = host = db",
    "[databases]\nshop = host=db, port=5432",
    "[databases]\nshop = host=db pool_mode=TRANSACTION",
    "[databases]\nshop = host=db pool_mode=x",
    "[databases]\nshop = host=db pool_size=10s",
    "[databases]\npgbouncer = host=db",
    "[databases]\nshop = host=db auth_query=x",
    "[users]\nalice = pool_mode=session",
    "[users]\nalice = pool_size=5",
    "[users]\nalice = max_user_connections=5",
    "[users]\nalice = nothing=5",
]


def _problems(content: str) -> list[Resource]:
    """What stops PgBouncer 1.18; values that are only misread do not."""
    project = Project.from_memory({"pgbouncer.ini": content})
    document = project.document("pgbouncer.ini")
    assert document is not None
    found = pgbouncer.declarations(document, project.files, "", "pgbouncer.ini", "x", version=_version())
    return [one for one in found.resources if one.kind == pgbouncer.PROBLEM]


def _version() -> str:
    done = run([program("pgbouncer"), "--version"], Path("/"))
    found = re.search(r"PgBouncer (\S+)", done.stdout)
    assert found is not None
    return found[1]


def _starts(content: str) -> tuple[bool, str]:
    with folder() as place:
        file = place / "pgbouncer.ini"
        file.write_text(HEAD.format(folder=place) + content + "\n")
        user = "nobody" if os.geteuid() == 0 else None
        process = subprocess.Popen(
            [program("pgbouncer"), str(file)], cwd=place, user=user, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        try:
            deadline = time.monotonic() + 10
            while process.poll() is None and time.monotonic() < deadline:
                if (place / ".s.PGSQL.17432").exists():
                    return True, ""
                time.sleep(0.01)
            return False, (process.stderr.read() if process.stderr else b"").decode()
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("content", TABLE)
def test_agrees_with_pgbouncer(content: str) -> None:
    program("pgbouncer")
    started, said = _starts(content)
    problems = _problems(HEAD.format(folder="/run") + content + "\n")
    stopping = [text(one.attributes.get("message")) or "" for one in problems]
    stopping = [message for message in stopping if "not start" in message]
    assert started == (not stopping), (content, said, stopping)


@pytest.mark.parametrize(
    ("written", "size", "mode"),
    [
        ("default_pool_size = 040", 32, None),
        ("default_pool_size = 0x20\npool_mode = Transaction", 32, "transaction"),
        ("default_pool_size = 5\ndefault_pool_size = 6", 6, None),
        (
            "default_pool_size = 50\npool_mode = session\n[databases]\na = host=b\n[pgbouncer]\npool_mode = statement",
            None,
            "statement",
        ),
    ],
)
def test_effective_settings(written: str, size: int | None, mode: str | None) -> None:
    found = pgbouncer.read(Project.from_memory({"pgbouncer.ini": f"[pgbouncer]\n{written}\n"}).files, Config())
    (pooler,) = found.poolers
    assert (getattr(pooler.pool_size, "value", None), getattr(pooler.mode, "value", None)) == (size, mode)
