"""`pgconnlint fix -`: what people paste, with a name and without; what is secret stays out of messages."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from pgconnlint.cli.main import run
from pgconnlint.fix.guessing import likely_name, unsaid

HANDLER = """\
app.get('/orders', async (req, res) => {
  const client = await pool.connect();
  const { rows } = await client.query('SELECT * FROM orders');
  client.release();
  res.json(rows);
});
"""
POOL = """\
import { Pool } from 'pg';
export const pool = new Pool({
  connectionString: 'postgres://shop:hunter2@db/shop',
  password: 'hunter2',
  idleTimeoutMillis: 0, // kept
});
"""
PGBOUNCER = """\
[databases]
shop = host=db dbname=shop user=shop password=hunter2

[pgbouncer]
auth_type = trust
pool_mode = session
server_idle_timeout = 10s
query_wait_timeout = 0
"""
TERRAFORM = """\
resource "aws_db_parameter_group" "shop" {
  family = "postgres16"

  # password = "hunter2"
  parameter {
    name  = "max_connections"
    value = "500"
  }
}
"""
PYTHON = """\
def orders():
    conn = psycopg2.connect("dbname=shop password=hunter2")
    conn.cursor().execute("SELECT 1")
    conn.close()
"""
COMPOSE = """\
services:
  pooler:
    image: edoburu/pgbouncer
    environment:
      DATABASE_URL: postgres://shop:hunter2@db/shop
      AUTH_TYPE: trust
"""
PASTED = {
    "handler": (HANDLER, "pasted.js", ["  const { rows } = await pool.query('SELECT * FROM orders');\n"]),
    "pool": (POOL, "pasted.ts", ["  idleTimeoutMillis: 300000, // kept\n  connectionTimeoutMillis: 5000,\n"]),
    "pgbouncer": (
        PGBOUNCER,
        "pgbouncer.ini",
        ["auth_type = scram-sha-256\npool_mode = transaction\nserver_idle_timeout = 10\nquery_wait_timeout = 15\n"],
    ),
    "terraform": (TERRAFORM, "pasted.tf", ['    apply_method = "pending-reboot"\n']),
    "python": (PYTHON, "pasted.py", ["import contextlib\n\ndef orders():\n", "closing(psycopg2.connect("]),
    "compose": (COMPOSE, "docker-compose.yml", ["      AUTH_TYPE: scram-sha-256\n      POOL_MODE: transaction\n"]),
}


@pytest.fixture
def paste(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.chdir(tmp_path)

    def pasted(text: str, *arguments: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return run([*arguments])

    return pasted


WHOLE = [name for name, (text, path, _) in PASTED.items() if not unsaid(path, text.encode())]
"""The others leave out their imports: as files they could not be."""


@pytest.mark.parametrize(("name", "named"), [*((name, False) for name in PASTED), *((name, True) for name in WHOLE)])
def test_pasted(name: str, named: bool, paste: object, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    text, path, expected = PASTED[name]
    assert callable(paste)
    told = ["--stdin-filename", path] if named else []
    assert paste(text, "fix", "--no-cache", "--unsafe-fixes", "-v", *told, "-") == 0
    captured = capsysbinary.readouterr()
    for part in expected:
        assert part in captured.out.decode()
    assert captured.out.count(b"hunter2") == text.count("hunter2"), "what is pasted comes back"
    assert b"hunter2" not in captured.err


@pytest.mark.parametrize("name", WHOLE)
def test_check_with_fix(name: str, paste: object, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    text, path, expected = PASTED[name]
    assert callable(paste)
    paste(text, "check", "--no-cache", "--fix", "--unsafe-fixes", "--stdin-filename", path, "-")
    captured = capsysbinary.readouterr()
    for part in expected:
        assert part in captured.out.decode()
    assert b"hunter2" not in captured.err


@pytest.mark.parametrize("name", PASTED)
def test_the_language_is_guessed(name: str) -> None:
    text, path, _ = PASTED[name]
    assert likely_name(text.encode()) == path


def test_only_shown(paste: object, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert callable(paste)
    assert paste(HANDLER, "fix", "--no-cache", "--diff", "-") == 1
    shown = capsysbinary.readouterr().out.decode()
    assert "--- a/pasted.js" in shown
    assert "require('pg')" not in shown


def test_nothing_to_correct_comes_back_as_it_was(paste: object, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert callable(paste)
    assert paste("SELECT 1\r\n\x00", "fix", "--no-cache", "-") == 0
    assert capsysbinary.readouterr().out == b"SELECT 1\r\n\x00"
