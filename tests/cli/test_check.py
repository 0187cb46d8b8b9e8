"""Options, formats and exit codes of `pgconnlint check`."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, Answer, write

Cli = Callable[..., Answer]
CLEAN = "x = 1\n"


def test_clean_is_0(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": CLEAN})
    answer = cli(".")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("No findings in 1 file")


def test_findings_are_1(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD})
    assert cli().code == cli(".").code == cli("check", "a.py").code == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--fail-on", "error"), 0),
        (("--fail-on", "note"), 1),
        (("--fail-on", "never"), 0),
        (("--exit-zero",), 0),
        (("--min-severity", "error"), 0),
        (("--ignore", "PGC002"), 0),
        (("--ignore", "unknown-suppression"), 0),
        (("--select", "PGC001"), 0),
        (("--select", "PGC001,PGC002"), 1),
        (("--ignore", "PGC0", "--select", "PGC002"), 1),
    ],
)
def test_what_decides_the_exit_code(cli: Cli, tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    write(tmp_path, {"a.py": BAD})
    assert cli(".", *options).code == code


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing.py",),
        ("--format", "xml"),
        ("--format", "json", "--format", "sarif"),
        ("--select", "PGC999"),
        ("--ignore", "no-such-rule"),
        ("--no-such-option",),
        ("--workers", "-1"),
        ("-",),
        ("--baseline", "missing.json"),
        ("--diff-base", "HEAD"),
        ("explain", "PGC999"),
    ],
)
def test_wrong_use_is_2_in_a_few_words(cli: Cli, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write(tmp_path, {"a.py": BAD})
    answer = cli(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert 0 < len(answer.err.splitlines()) <= 4
    assert "Traceback" not in answer.err


def test_failures_alone_are_3(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"b.py": b"\x00\x01\x02" * 99 + b"pgconnlint: ignore", "c.py": CLEAN})
    answer = cli(".", "--select", "PGC0")
    assert answer.code == 3
    assert "b.py: not analysed (binary): contains NUL bytes" in answer.out
    assert cli(".", "--select", "PGC0", "--accept-failures").code == 0
    write(tmp_path, {"c.py": BAD})
    assert cli(".", "--select", "PGC0").code == 1


def test_an_unknown_key_names_the_nearest(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": CLEAN, "pgconnlint.toml": 'fail-at = "note"\n'})
    answer = cli(".")
    assert answer.code == 2
    assert "unknown key `fail-at`; did you mean `fail-on`?" in answer.err


def test_the_configuration_is_used_and_the_command_line_wins(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD, "pgconnlint.toml": 'fail-on = "error"\n'})
    assert cli(".").code == 0
    assert cli(".", "--fail-on", "warning").code == 1


def test_pyproject_is_read_too(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD, "pyproject.toml": '[tool.pgconnlint]\nignore = ["PGC002"]\n'})
    assert cli(".").code == 0


def test_declarations_that_expired_are_noted(cli: Cli, tmp_path: Path) -> None:
    toml = '[[server]]\nname = "old"\nmax-connections = 100\nreason = "moved soon"\nexpires = "2001-02-03"\n'
    write(tmp_path, {"a.py": CLEAN, "pgconnlint.toml": toml})
    assert "the server `old` was declared until 2001-02-03 (moved soon)" in cli(".", "--select", "PGC0").err
    write(tmp_path, {"pgconnlint.toml": toml.replace("2001-02-03", "soon")})
    assert cli(".").code == 2


def test_several_formats_at_once(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD})
    files = {name: tmp_path / "out" / name for name in ("json", "sarif", "gitlab", "junit", "github")}
    answer = cli(".", "--format", "concise", *(f"--format={name}={path}" for name, path in files.items()))
    assert answer.out.startswith("a.py:1:29: warning[PGC002]")
    assert json.loads(files["sarif"].read_text("utf-8"))["runs"][0]["results"]
    assert files["junit"].read_text("utf-8").startswith("<?xml")


def test_a_report_in_a_file_leaves_a_word_on_the_terminal(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD})
    answer = cli(".", f"--format=json={tmp_path / 'r.json'}")
    assert (answer.out, answer.err.strip()) == ("", "pgconnlint: Found 1 warning in 1 file (0 analysed).")
    assert cli(".", f"--format=json={tmp_path / 'r.json'}", "-q").err == ""


def test_nothing_to_read_is_said(cli: Cli, tmp_path: Path) -> None:
    assert "no file here is of a kind" in cli(".").err


def test_standard_input(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": CLEAN, "b.py": BAD})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert cli("--stdin-filename", "a.py", "--format", "json", "-").places == ["a.py:1"]


def test_statistics_and_quiet(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD * 3})
    assert "3  PGC002  unknown-suppression" in cli(".", "--statistics").out
    assert "Found" not in cli(".", "-q").out


@pytest.mark.parametrize(("choice", "colored"), [("always", True), ("never", False), ("auto", False)])
def test_colours(cli: Cli, tmp_path: Path, choice: str, colored: bool) -> None:
    write(tmp_path, {"a.py": BAD})
    assert ("\x1b[" in cli(".", "--color", choice).out) is colored


def test_colours_follow_the_environment(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": BAD})
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in cli(".").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in cli(".").out


def test_an_internal_error_is_one_line(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("wrong\nhere")

    monkeypatch.setattr("pgconnlint.cli.check.run", broken)
    answer = cli(".")
    assert answer.code == 2
    assert answer.err == "pgconnlint: internal error: RuntimeError: wrong here (-v shows where)\n"
    assert "Traceback" in cli(".", "-v").err


def test_a_crashing_rule_is_a_failure_and_hides_nothing(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from pgconnlint import engine

    def crash(*_: object) -> None:
        raise ValueError("postgres://u:hunter2@h/db")

    rules = tuple(replace(one, check=crash) if one.rule.id == "PGC001" else one for one in engine.catalogue())
    monkeypatch.setattr(engine, "catalogue", lambda: rules)
    write(tmp_path, {"a.py": CLEAN})
    answer = cli(".", "--select", "PGC0")
    assert answer.code == 3
    assert "rule PGC001 (unused-suppression) crashed" in answer.out
    assert "hunter2" not in answer.out
    assert cli(".", "--select", "PGC0", "--accept-failures").code == 0
    write(tmp_path, {"b.py": BAD})
    assert cli(".", "--select", "PGC0").code == 1


def test_a_plan_is_read_from_wherever_it_lies(cli: Cli, tmp_path: Path) -> None:
    plan = {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_db_parameter_group.shop",
                        "mode": "managed",
                        "type": "aws_db_parameter_group",
                        "name": "shop",
                        "values": {
                            "family": "postgres16",
                            "parameter": [{"name": "max_connections", "value": "900", "apply_method": "immediate"}],
                        },
                    }
                ]
            }
        },
    }
    write(tmp_path, {"project/pgconnlint.toml": "", "elsewhere/prod.json": json.dumps(plan)})
    assert cli("project", "--format", "json").places == []
    answer = cli("project", "--plan", "elsewhere/prod.json", "--format", "json", "--select", "PGC405")
    assert answer.places == ["plan-prod.json:1"]
    assert cli("project", "--plan", "missing.json").code == 2


def test_a_crashing_reader_silences_only_itself(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ValueError("password=hunter2")

    monkeypatch.setattr("pgconnlint.infra.terraform.read", crash)
    compose = (
        "services:\n  db: {image: 'postgres:16'}\n  api: {image: x, environment: {DATABASE_URL: 'postgres://a@db/a'}}\n"
    )
    write(tmp_path, {"docker-compose.yml": compose, "main.tf": 'x = "y"\n'})
    answer = cli(".", "--format", "json")
    assert "docker-compose.yml:2" in answer.places
    (failure,) = answer.json["failures"]
    assert (failure["path"], failure["kind"]) == (".", "crash")
    assert failure["message"] == "terraform files could not be read: ValueError: password=***"
