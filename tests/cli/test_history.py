"""Baselines and comparisons with a revision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import BAD, Answer, commit, git, repository, write

Cli = Callable[..., Answer]
JSON = ("--format", "json", "--select", "PGC0")
OTHER = BAD.replace("9999", "9998")


def test_a_baseline_survives_lines_that_move(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD + BAD})
    answer = cli(".", "--write-baseline", "base.json")
    assert (answer.code, answer.out) == (0, "")
    write(tmp_path, {"a.py": f"import os\n\n\n{BAD}\n\n{BAD}{OTHER}"})
    answer = cli(".", "--baseline", "base.json", *JSON)
    assert (answer.code, answer.places) == (1, ["a.py:8"])
    assert answer.json["summary"]["suppressed"] == 2


def test_one_more_of_the_same_is_new(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD})
    cli(".", "--write-baseline", "base.json")
    write(tmp_path, {"a.py": BAD + BAD})
    assert cli(".", "--baseline", "base.json", *JSON).places == ["a.py:2"]


def test_a_baseline_that_is_none_is_an_error(cli: Cli, tmp_path: Path) -> None:
    for content in ("", "[]", '{"version": 2, "findings": []}', '{"version": 1}', "\x00"):
        write(tmp_path, {"a.py": BAD, "base.json": content})
        assert cli(".", "--baseline", "base.json").code == 2


def test_only_what_the_change_introduced(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": BAD, "b.py": BAD})
    write(tmp_path, {"a.py": f"import os\n{BAD}{OTHER}", "c.py": BAD})
    answer = cli(".", "--diff-base", "HEAD", *JSON)
    assert (answer.code, answer.places) == (1, ["a.py:3", "c.py:1"])
    commit(tmp_path)
    assert cli(".", "--diff-base", "HEAD", *JSON).code == 0
    assert cli(".", "--diff-base", "HEAD~1", *JSON).places == ["a.py:3", "c.py:1"]


def test_a_renamed_file_is_not_new(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"svc/a.py": BAD + "y = 2\n" * 20, "svc/pgconnlint.toml": ""})
    git(tmp_path, "mv", "svc/a.py", "svc/z.py")
    assert cli("svc", "--diff-base", "HEAD", *JSON).places == []


def test_a_branch_is_compared_with_where_it_parted(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": BAD})
    git(tmp_path, "switch", "-q", "-c", "feature")
    write(tmp_path, {"b.py": BAD})
    commit(tmp_path)
    git(tmp_path, "switch", "-q", "main")
    write(tmp_path, {"a.py": "x = 1\n"})
    commit(tmp_path)
    git(tmp_path, "switch", "-q", "feature")
    assert cli(".", "--diff-base", "main", *JSON).places == ["b.py:1"]


def test_projects_below_are_compared_on_their_own(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": BAD, "one/pgconnlint.toml": "", "one/a.py": BAD})
    write(tmp_path, {"one/b.py": BAD})
    assert cli(".", "--diff-base", "HEAD", *JSON).places == ["one/b.py:1"]


def test_a_revision_that_is_none(cli: Cli, tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": BAD})
    answer = cli(".", "--diff-base", "no-such-branch")
    assert answer.code == 2
    assert "`no-such-branch` is no commit" in answer.err
    assert cli(".", "--diff-base", "--output=/x").code == 2
