"""The command line run in this process, its output captured."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pgconnlint.cli.main import run

BAD = "x = 1  # pgconnlint: ignore[PGC9999] no such rule\n"
"""A file with one finding that needs no analysis: a warning, PGC002."""


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def places(self) -> list[str]:
        return [f"{one['path']}:{one['line']}" for one in self.json["findings"]]

    @property
    def rules(self) -> list[str]:
        return [one["rule"] for one in self.json["findings"]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """`cli("--format", "json", ".")` in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGCONNLINT_CACHE_DIR", str(tmp_path.parent / f"{tmp_path.name}-cache"))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str) -> Answer:
        capsys.readouterr()
        code = run(list(arguments))
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return invoke


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=")
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def repository(root: Path, files: dict[str, str | bytes]) -> None:
    """A git repository with one commit."""
    write(root, files)
    git(root, "init", "-q", "-b", "main")
    commit(root)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
