"""Files nobody should have: no traceback, no hang, and the rest is still reported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, Answer, write

Cli = Callable[..., Answer]
DEEP = 20_000
BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefghij", "bcdefghijk", strict=True)
)
CONNECT = "import psycopg2\n\n\ndef f():\n    conn = psycopg2.connect('')\n"
HOSTILE: dict[str, dict[str, str | bytes]] = {
    "broken python": {"x.py": CONNECT + "    return conn.cursor(((\n  def )\n", "y.py": "def f(:\n"},
    "broken javascript": {"x.js": "const { Pool } = require('pg'); function ( {{{ `${", "x.ts": "class { <T", "x.tsx": "<a><b"},
    "broken terraform": {"x.tf": 'resource "aws_db_instance" "a" {\n  x = "${${${\n', "y.tf": "<<EOF\nnever ends"},
    "broken yaml": {"x.yaml": "kind: Deployment\n  - : : [\n\t}", "docker-compose.yml": "services: [\n", "z.yml": "a: b: c"},
    "broken conf": {"pgbouncer.ini": "[databases\n= = =\n[\x01", "postgresql.conf": "max_connections = = '\n'"},
    "broken json and toml": {"package-lock.json": '{"a": [', "poetry.lock": "[[[", "pyproject.toml": "[tool", "uv.lock": "\x00"},
    "binary": {"x.py": os.urandom(5000), "x.yaml": bytes(range(256)) * 20, "x.tf": b"\x7fELF" + b"\x00" * 999},
    "empty": dict.fromkeys(("x.py", "x.js", "x.ts", "x.tf", "x.yaml", "x.json", "pgbouncer.ini", "docker-compose.yml"), ""),
    "blank": dict.fromkeys(("x.py", "x.js", "x.tf", "x.yaml", "pgbouncer.ini"), " \n\t\r\n\f\n"),
    "large": {"x.py": b"x = 1\n" * 3_500_000, "x.json": b"[" + b"1," * 9_000_000 + b"1]"},
    "deep python": {"x.py": CONNECT + "x = " + "(" * DEEP + ")" * DEEP, "y.py": CONNECT + "y = " + "-" * DEEP + "1"},
    "deep blocks": {"x.py": CONNECT + "".join(f"{' ' * n}if x:\n" for n in range(4, 900)) + " " * 900 + "pass\n"},
    "deep javascript": {
        "x.js": "const { Pool } = require('pg'); const p = new Pool(); x = " + "[" * DEEP + "]" * DEEP,
        "y.js": "const { Pool } = require('pg');" + "function f() { pool.connect();" * 5000 + "}" * 5000,
        "z.ts": "import { Pool } from 'pg'; const x = " + "a." * DEEP + "b",
    },
    "deep terraform": {"x.tf": "locals {\n  x = " + "[" * DEEP + "]" * DEEP + "\n}\n"},
    "deep yaml": {"x.yaml": "kind: Deployment\na: " + "[" * DEEP + "]" * DEEP, "y.yaml": "kind: A\nx: " + "{a: " * 5000},
    "deep json": {"x.json": "[" * DEEP + "]" * DEEP, "docker-compose.yml": "services: " + "{a: " * 3000 + "}" * 3000},
    "long lines": {"x.py": CONNECT + "x = '" + "a." * 400_000 + "'\n", "x.js": "require('pg');" + "a.b(c);" * 100_000},
    "nul bytes": {"x.py": b"import psycopg2\n\x00\nx = psycopg2.connect()\n", "x.yaml": b"kind: Pod\n\x00: 1\n"},
    "utf-16": {"x.py": CONNECT.encode("utf-16"), "x.yaml": "kind: Pod\n".encode("utf-16-be"), "y.py": b"\xff\xfex"},
    "latin-1": {"x.py": "# caf\xe9\nx = 1\n".encode("latin-1"), "x.tf": 'x = "\xfc"\n'.encode("latin-1")},
    "bom": {"x.py": b"\xef\xbb\xbf" + CONNECT.encode(), "x.yaml": b"\xef\xbb\xbfkind: Pod\n"},
    "crlf": {"x.py": CONNECT.replace("\n", "\r\n"), "y.py": CONNECT.replace("\n", "\r"), "x.yaml": "kind: Pod\r\na: b\r\n"},
    "surrogates": {"x.py": b"x = '\xed\xa0\x80'\n", "x.js": "x = '\\ud800'", "x.json": '"\\ud800"'},
    "alias bomb": {"x.yaml": BOMB, "docker-compose.yml": f"{BOMB}services: *k\n", "pgconnlint-x.yml": "a: &a [*a]\n"},
    "self reference": {"x.yaml": "kind: &a\n  b: *a\n", "docker-compose.yml": "services: &s\n  db: *s\n"},
    "unknown tags": {"x.yaml": "kind: !Ref X\na: !!python/object/apply:os.system ['exit 1']\nb: !GetAtt a.b\nc: !<tag:x> 1\n"},
    "helm braces": {
        "chart/Chart.yaml": "name: x\n",
        "chart/values.yaml": "a: {{ b }}\n",
        "chart/templates/x.yaml": "{{- if }}\nkind: {{ .Values.a.b | nope }}\n{{ range }}{{ end }}{{ end }}{{",
        "chart/templates/loop.yaml": '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
    },
    "strange names": {"sp ace.py": CONNECT, "per%cent.py": CONNECT, "new\nline.py": BAD, "quote'\".py": CONNECT},
    "recursive terraform": {"x.tf": 'locals {\n  a = local.b\n  b = local.a\n}\nmodule "m" {\n  source = "./"\n}\n'},
    "recursive compose": {"docker-compose.yml": "include: [docker-compose.yml]\nservices:\n  a:\n    extends: {file: docker-compose.yml, service: a}\n"},
    "recursive kustomize": {"kustomization.yaml": "resources: [../x, .]\nbases: [.]\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_the_rest_is_still_reported(cli: Cli, tmp_path: Path, name: str) -> None:
    write(tmp_path, {"good.py": BAD, **HOSTILE[name]})
    answer = cli(".", "--format", "json", "--min-confidence", "low")
    assert answer.err == ""
    assert "good.py:1" in answer.places
    crashes = [failure for failure in answer.json["failures"] if failure["kind"] == "crash"]
    assert not crashes
    for form in ("text", "sarif", "github", "junit"):
        assert cli(".", "--select", "PGC0", "--format", form).code == 1


def test_undecodable_names(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"good.py": BAD})
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.py")).write_text(BAD)
    except OSError:
        return  # a file system that knows only Unicode cannot hold such a name
    for form in ("text", "json", "sarif", "github", "gitlab", "junit"):
        command = [sys.executable, "-m", "pgconnlint", ".", "--select", "PGC0", "--no-cache", "--format", form]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode, done.stderr.count(b"\n") < 2) == (1, True)
        done.stdout.decode("utf-8")


def test_unreadable(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"good.py": BAD, "x.py": CONNECT, "x.yaml": "kind: Pod\n"})
    open_ = os.open

    def refusing(path: str, *given: int) -> int:
        if str(path).endswith("x.py"):
            raise PermissionError(13, "Permission denied")
        if str(path).endswith("x.yaml"):
            raise FileNotFoundError(2, "No such file")
        return open_(path, *given)

    monkeypatch.setattr(os, "open", refusing)
    answer = cli(".", "--format", "json", "--workers", "1")
    assert answer.places == ["good.py:1"]
    messages = {failure["path"]: failure["message"] for failure in answer.json["failures"]}
    assert messages["x.py"] == "cannot be read: Permission denied"
    assert "vanished" in messages["x.yaml"]


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD * 5000})
    command = f"{sys.executable} -m pgconnlint . --select PGC0 --no-cache | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("a.py:1:")
    assert done.stderr == ""
