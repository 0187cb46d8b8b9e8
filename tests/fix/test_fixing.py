"""Corrected files: bytes outside of the edit stay, and what must not be touched is not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pgconnlint.cli.main import run
from pgconnlint.cli.writing import write
from pgconnlint.config import Config
from pgconnlint.engine import selected
from pgconnlint.fixing import Change, fixed
from pgconnlint.project import Project

CONF = "max_connections = 100\nsuperuser_reserved_connections = 0   # why\n"
FIXED = CONF.replace("= 0 ", "= 3 ")
RULES = selected(("PGC406",), ())


def corrected(content: bytes) -> bytes:
    project = Project.from_memory({"postgresql.conf": content}, Config(min_confidence="low"))
    changes = fixed(project, RULES, strict=True).changes
    return changes[0].after if changes else content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_kept(encoding: str, ending: str) -> None:
    text = ("# é\n" + CONF).replace("\n", ending)
    assert corrected(text.encode(encoding)) == ("# é\n" + FIXED).replace("\n", ending).encode(encoding)


def test_merge_conflicts_are_left_alone() -> None:
    text = f"<<<<<<< HEAD\n{CONF}=======\n# other\n>>>>>>> branch\n".encode()
    assert corrected(text) == text


def test_permissions_stay_and_nothing_lies_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"old")
    path.chmod(0o640)
    assert write(tmp_path, Change("a.conf", b"old", b"new", "utf-8")) == ""
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_never_outside_of_the_root_nor_over_newer_content(tmp_path: Path) -> None:
    outside = tmp_path / "outside.conf"
    outside.write_bytes(b"old")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.conf").symlink_to(outside)
    (root / "a.conf").write_bytes(b"newer")
    assert "out of the project" in write(root, Change("link.conf", b"old", b"new", "utf-8"))
    assert "meanwhile" in write(root, Change("a.conf", b"old", b"new", "utf-8"))
    assert outside.read_bytes() == b"old"


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "postgresql.conf"
    path.write_text(CONF)
    assert run(["check", "--no-cache", "--diff", "."]) == 1
    assert "+superuser_reserved_connections = 3   # why" in capsys.readouterr().out
    assert path.read_text() == CONF
    assert run(["check", "--no-cache", "--unsafe-fixes", "."]) == 2
    run(["check", "--no-cache", "--fix", "."])
    assert path.read_text() == FIXED
    capsys.readouterr()
    assert run(["fix", "--no-cache", "."]) == 0
    assert "nothing to correct" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("last", "after"),
    [
        ("max: 5", "max: 5,\n  connectionTimeoutMillis: 5000"),
        ("max: 5,", "max: 5,\n  connectionTimeoutMillis: 5000,"),
        ("max: 5 // few", "max: 5, // few\n  connectionTimeoutMillis: 5000"),
    ],
)
def test_an_option_more(last: str, after: str, ending: str) -> None:
    text = "const { Pool } = require('pg');\nconst pool = new Pool({\n  host: 'db',\n  %s\n});\n"
    project = Project.from_memory({"db.js": (text % last).replace("\n", ending)}, Config())
    (change,) = fixed(project, selected(("PGC203",), ()), unsafe=True, strict=True).changes
    assert change.after.decode() == (text % after).replace("\n", ending)
