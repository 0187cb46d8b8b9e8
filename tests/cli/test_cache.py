"""The cache: the same bytes in give the same bytes out, cold or warm, and nothing that lies in it can do harm."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pgconnlint.cli import remembering, running
from pgconnlint.cli.caching import Cache
from pgconnlint.cli.main import cli
from pgconnlint.engine import check
from pgconnlint.finding import Failure, FailureKind, Result

LEAK = "import psycopg2\n\n\ndef load(dsn):\n    conn = psycopg2.connect(dsn)\n    return conn.cursor().fetchone()\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PGCONNLINT_CACHE_DIR", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text(LEAK, "utf-8")
    (project / "compose.yaml").write_text("services:\n  db:\n    image: postgres:16\n", "utf-8")
    return project


def _scan(folder: Path, *options: str) -> str:
    done = CliRunner().invoke(cli, ["check", str(folder), "--format", "json", "--exit-zero", *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def _entries(folder: Path) -> list[Path]:
    return sorted(one for one in (folder.parent / "cache").rglob("*") if one.is_file())


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One element for each analysis that really took place."""
    made: list[int] = []

    def counted(*arguments: object, **options: object) -> Result:
        made.append(1)
        return check(*arguments, **options)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(running, "check", counted)
    return made


def test_warm_gives_what_cold_gives(folder: Path, checks: list[int]) -> None:
    without = _scan(folder, "--no-cache")
    assert _scan(folder) == without
    assert _scan(folder) == without
    assert len(checks) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "app.py").write_text(LEAK + "\n# more\n", "utf-8"),
        lambda folder: (folder / "compose.yaml").write_text("services: {}\n", "utf-8"),
        lambda folder: (folder / "other.py").write_text("x = 1\n", "utf-8"),
        lambda folder: (folder / "compose.yaml").unlink(),
        lambda folder: (folder / "pgconnlint.toml").write_text('ignore = ["PGC107"]\n', "utf-8"),
    ],
)
def test_whatever_changes_is_seen(folder: Path, checks: list[int], change: object) -> None:
    _scan(folder)
    assert callable(change)
    change(folder)
    assert _scan(folder) == _scan(folder, "--no-cache")
    assert len(checks) == 3


def test_options_are_part_of_the_question(folder: Path, checks: list[int]) -> None:
    _scan(folder)
    _scan(folder, "--select", "PGC5")
    _scan(folder, "--min-severity", "error")
    assert len(checks) == 3


def test_the_same_size_and_time_are_not_the_same_file(folder: Path, checks: list[int]) -> None:
    _scan(folder)
    file = folder / "app.py"
    known = file.stat()
    file.write_text(LEAK.replace("fetchone", "fetchall"), "utf-8")
    os.utime(file, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert file.stat().st_size == known.st_size
    assert _scan(folder) == _scan(folder, "--no-cache")
    assert len(checks) == 3


def test_a_renamed_file_is_another(folder: Path, checks: list[int]) -> None:
    _scan(folder)
    (folder / "app.py").rename(folder / "test_app.py")
    assert _scan(folder) == _scan(folder, "--no-cache")
    assert len(checks) == 3


def test_ignored_files_are_part_of_the_question(folder: Path, checks: list[int]) -> None:
    (folder / ".git").mkdir()
    _scan(folder)
    (folder / ".gitignore").write_text("app.py\n", "utf-8")
    assert "app.py" not in _scan(folder)
    assert _scan(folder) == _scan(folder, "--no-cache")
    assert len(checks) == 3


def test_links_are_what_they_lead_to(folder: Path, checks: list[int]) -> None:
    (folder / "other.yaml").write_text("services: {}\n", "utf-8")
    (folder / "compose.override.yaml").symlink_to("other.yaml")
    _scan(folder)
    (folder / "compose.override.yaml").unlink()
    (folder / "compose.override.yaml").symlink_to("compose.yaml")
    assert _scan(folder) == _scan(folder, "--no-cache")
    assert len(checks) == 3


def test_a_configuration_further_down_makes_a_project_of_its_own(folder: Path, checks: list[int]) -> None:
    (folder / "inner").mkdir()
    (folder / "app.py").rename(folder / "inner" / "app.py")
    _scan(folder)
    (folder / "inner" / "pgconnlint.toml").write_text('select = ["PGC5"]\n', "utf-8")
    assert _scan(folder) == _scan(folder, "--no-cache")
    assert len(checks) == 1 + 2 + 2


def test_where_one_stands_does_not_matter(folder: Path, checks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = json.loads(_scan(folder))["findings"]
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, ["check", ".", "--format", "json", "--exit-zero"])
    assert json.loads(done.stdout)["findings"] == expected
    assert len(checks) == 1


def test_a_helm_that_appears_starts_anew(
    folder: Path, tmp_path: Path, checks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    _scan(folder)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "helm").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    (tmp_path / "bin" / "helm").chmod(0o755)
    _scan(folder)
    assert len(checks) == 2


def test_declarations_expire_although_nothing_was_changed(
    folder: Path, checks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = '[[server]]\nname = "main"\nmax_connections = 100\nexpires = "2027-01-01"\n'
    (folder / "pgconnlint.toml").write_text(server, "utf-8")
    said = []
    for year in (2026, 2028):
        day = type("Day", (), {"today": staticmethod(lambda year=year: date(year, 6, 1))})
        monkeypatch.setattr(running, "date", day)
        said.append(CliRunner().invoke(cli, ["check", str(folder), "--exit-zero"]).output)
    assert "was declared until" not in said[0]
    assert "was declared until" in said[1]
    assert len(checks) == 1


def test_a_file_that_changes_meanwhile_is_not_remembered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: object, **options: object) -> Result:
        (folder / "app.py").write_text("x = 1\n", "utf-8")
        return check(*arguments, **options)  # type: ignore[arg-type]  # handed through as it came

    with monkeypatch.context() as during:
        during.setattr(running, "check", slow)
        _scan(folder)
    (folder / "app.py").write_text(LEAK, "utf-8")
    assert _scan(folder) == _scan(folder, "--no-cache")


def test_two_at_the_same_time(folder: Path) -> None:
    expected = _scan(folder, "--no-cache")
    command = [sys.executable, "-m", "pgconnlint", str(folder), "--format", "json", "--exit-zero"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for run in runs:
        said, complaints = run.communicate(timeout=60)
        assert said == expected, complaints


def test_a_new_comparison_is_a_new_question(folder: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    assert '"PGC101"' in _scan(folder)
    assert json.loads(_scan(folder, "--diff-base", "HEAD"))["findings"] == []
    (folder / "more.py").write_text(LEAK, "utf-8")
    paths = {one["path"] for one in json.loads(_scan(folder, "--diff-base", "HEAD"))["findings"]}
    assert paths == {"more.py"}
    assert _scan(folder) == _scan(folder, "--no-cache")


def test_another_version_starts_anew(folder: Path, checks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    _scan(folder)
    monkeypatch.setattr(remembering, "_program", lambda: b"another version")
    _scan(folder)
    assert len(checks) == 2


@pytest.mark.parametrize("damage", [b"", b"\x80", b"not what was written", os.urandom(300)])
def test_damaged_entries_are_made_anew(folder: Path, checks: list[int], damage: bytes) -> None:
    expected = _scan(folder)
    assert _entries(folder)
    for entry in _entries(folder):
        entry.write_bytes(damage)
    assert _scan(folder) == expected
    assert _scan(folder) == expected
    assert len(checks) == 2


class _Harm:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_entries_cannot_run_anything(folder: Path, tmp_path: Path) -> None:
    expected = _scan(folder)
    for entry in _entries(folder):
        entry.write_bytes(pickle.dumps(_Harm(tmp_path / "harm")))
    assert _scan(folder) == expected
    assert not (tmp_path / "harm").exists()


def test_an_entry_of_another_type_is_no_result(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("ab", pickle.dumps(Failure("a.py", FailureKind.SYNTAX, "no result")))
    assert remembering.recalled(cache, "ab") is None


def test_results_that_chance_had_a_part_in_are_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    remembering.keep(cache, "ab", Result(failures=(Failure("a.py", FailureKind.TIMEOUT, "took too long"),)))
    assert remembering.recalled(cache, "ab") is None
    remembering.keep(cache, "ab", Result(failures=(Failure("a.py", FailureKind.SYNTAX, "stays broken"),)))
    assert remembering.recalled(cache, "ab") is not None


def test_a_folder_that_cannot_be_used_does_not_matter(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _scan(folder, "--no-cache")
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("PGCONNLINT_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert _scan(folder) == expected
    assert _scan(folder) == expected


def test_clean_removes_everything(folder: Path, checks: list[int]) -> None:
    _scan(folder)
    done = CliRunner().invoke(cli, ["cache", "clean", str(folder)])
    assert done.exit_code == 0
    assert not _entries(folder)
    assert "no cache" in CliRunner().invoke(cli, ["cache", "clean", str(folder)]).output
    _scan(folder)
    assert len(checks) == 2


def test_any_number_of_workers_gives_the_same(folder: Path) -> None:
    (folder / "b.ts").write_text(
        "import { Pool } from 'pg';\nexport const f = async () => (await new Pool().connect()).query('');\n", "utf-8"
    )
    assert _scan(folder, "--workers", "2") == _scan(folder, "--no-cache", "--workers", "1")
