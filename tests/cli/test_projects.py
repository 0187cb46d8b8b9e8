"""Which folder is the project, what is read, what is reported, and relative to what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, Answer, git, repository, write

Cli = Callable[..., Answer]
JSON = ("--format", "json", "--select", "PGC0")


def test_without_git_and_configuration_the_path_is_the_root(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"x/sub/a.py": BAD})
    assert cli("x", *JSON).places == ["sub/a.py:1"]
    assert cli("x/sub/a.py", *JSON).places == ["a.py:1"]


def test_the_git_root_is_the_root(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path / "repo", {"x/a.py": BAD, "y/b.py": BAD})
    answer = cli("repo/x", *JSON)
    assert answer.places == ["x/a.py:1"]
    assert answer.json["summary"]["files"] == 2, "the whole repository is read"
    assert answer.json["summary"]["root"] == "repo"


def test_the_nearest_configuration_wins_over_git(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"svc/pgconnlint.toml": "", "svc/src/a.py": BAD, "b.py": BAD})
    assert cli("svc/src", *JSON).places == ["src/a.py:1"]


def test_a_configuration_around_the_repository_is_none_of_its_business(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"pgconnlint.toml": 'ignore = ["PGC0"]\n'})
    repository(tmp_path / "repo", {"a.py": BAD})
    assert cli("repo", *JSON).places == ["a.py:1"]


def test_projects_below_are_projects_of_their_own(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {
        "a.py": BAD,
        "examples/one/pgconnlint.toml": "", "examples/one/a.py": BAD,
        "examples/two/pyproject.toml": '[tool.pgconnlint]\nignore = ["PGC002"]\n', "examples/two/a.py": BAD,
        "examples/plain/pyproject.toml": "[project]\n", "examples/plain/a.py": BAD,
        "examples/one/deeper/pgconnlint.toml": "", "examples/one/deeper/c.py": BAD,
    })  # fmt: skip
    answer = cli(".", "--format", "json")
    assert answer.places == ["a.py:1", "examples/one/a.py:1", "examples/one/deeper/c.py:1", "examples/plain/a.py:1"]
    assert len({one["fingerprint"] for one in answer.json["findings"]}) == 4
    assert cli("examples", "--format", "json").places == ["one/a.py:1", "one/deeper/c.py:1", "plain/a.py:1"]
    assert cli("examples/one/deeper", "--format", "json").places == ["c.py:1"]
    everything = ["a.py:1", "examples/one/a.py:1", "examples/one/deeper/c.py:1", "examples/plain/a.py:1"]
    assert cli("examples/one/deeper/c.py", "examples/two", ".", "--format", "json").places == everything
    assert cli("examples/one", "examples/two", "--format", "json").places == ["one/a.py:1", "one/deeper/c.py:1"]


def test_an_explicit_file_below_belongs_to_its_own_project(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"one/pgconnlint.toml": "", "one/a.py": BAD, "one/b.py": BAD})
    assert cli("one/a.py", *JSON).places == ["a.py:1"]


def test_text_shows_paths_from_where_the_reader_is(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path / "repo", {"x/a.py": BAD, "y/b.py": BAD})
    assert [line.split(":")[0] for line in cli("repo", "--format", "concise", "-q").out.splitlines()] == [
        "repo/x/a.py",
        "repo/y/b.py",
    ]
    monkeypatch.chdir(tmp_path / "repo" / "x")
    assert cli(".", "--format", "concise", "-q").out.startswith("a.py:")
    assert cli("../y", "--format", "concise", "-q").out.startswith("../y/b.py:")


def test_services_that_know_the_repository_get_its_paths(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"svc/pgconnlint.toml": "", "svc/a.py": BAD})
    assert "file=svc/a.py," in cli("svc", "--format", "github", "-q").out
    assert '"uri": "svc/a.py"' in cli("svc", "--format", "sarif", "-q").out
    assert '"path": "svc/a.py"' in cli("svc", "--format", "gitlab", "-q").out


def test_what_is_ignored_is_read_when_it_is_named(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {".gitignore": "build/\n", "a.py": "x = 1\n"})
    write(tmp_path, {"build/b.py": BAD, "vendor/lib/c.py": BAD})
    assert cli(".", *JSON).places == []
    assert cli("build", *JSON).places == ["build/b.py:1"]
    assert cli("build/b.py", *JSON).places == ["build/b.py:1"]
    assert cli("vendor/lib", "build", *JSON).places == ["build/b.py:1", "vendor/lib/c.py:1"]


def test_paths_that_overlap_are_reported_once(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"x/a.py": BAD, "pgconnlint.toml": ""})
    assert cli(".", "x", "x/a.py", *JSON).places == ["x/a.py:1"]


def test_submodules_and_worktrees_count_as_git_roots(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path / "repo", {"x/a.py": BAD})
    git(tmp_path / "repo", "worktree", "add", "-q", str(tmp_path / "tree"))
    assert cli("tree/x", *JSON).places == ["x/a.py:1"]
