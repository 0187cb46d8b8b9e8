"""The VS Code extension: its own tests, what is packed, and the pack in a real workbench in a headless browser."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZipFile

import pytest

from pgconnlint import config
from pgconnlint.lsp.buffers import SUFFIXES
from tests.tools import needs

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "vscode-extension"
WORKBENCH = ROOT / ".cache" / "workbench"


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time: they build in the same folder."""
    with (EXTENSION / "node_modules" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def npm(*arguments: str, **variables: str) -> str:
    """What an npm script of the extension prints; fails with all of it."""
    if not (EXTENSION / "node_modules" / "esbuild").is_dir():
        pytest.skip("the extension's dependencies are not installed: `make test` installs them where it can")
    command = [needs("npm"), "run", "--silent", *arguments]
    done = subprocess.run(
        command,
        cwd=EXTENSION,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as it is published."""
    made = tmp_path_factory.mktemp("extension") / "pgconnlint.vsix"
    if not (EXTENSION / "node_modules").is_dir():
        npm("check")  # skips
    with alone():
        npm("package", "--", "--out", str(made))
    return made


def test_its_own_tests_pass() -> None:
    if not (EXTENSION / "node_modules").is_dir():
        npm("check")  # skips
    with alone():
        assert re.search(r"^# fail 0$", npm("test"), re.MULTILINE)


def test_nothing_but_what_belongs_there_is_packed(packed: Path) -> None:
    with ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == [
            "[Content_Types].xml",
            "extension.vsixmanifest",
            "extension/LICENSE.txt",
            "extension/changelog.md",
            "extension/dist/NOTICES.txt",
            "extension/dist/extension.js",
            "extension/media/budget.md",
            "extension/media/explain.md",
            "extension/media/findings.md",
            "extension/media/icon.png",
            "extension/media/install.md",
            "extension/package.json",
            "extension/readme.md",
        ]
        bundle = archive.read("extension/dist/extension.js").decode()
        notices = archive.read("extension/dist/NOTICES.txt").decode()
    assert "vscode-languageclient 11.0.0 (MIT)" in notices
    assert str(ROOT) not in bundle
    assert not re.search(r"applicationinsights|@vscode/extension-telemetry", bundle)


def test_the_server_is_told_of_every_document_that_it_understands() -> None:
    selector = json.loads((EXTENSION / "src" / "selector.json").read_text("utf-8"))
    assert set(SUFFIXES) - set(selector["languages"]) == {"json"}  # of JSON, only the files that are named
    for name in (config.FILE_NAME, "pyproject.toml", "main.tf", "prod.tfvars", "pgbouncer.ini", ".env", "schema.prisma",
                 "_helpers.tpl", "postgresql.conf", "requirements-dev.txt", "package.json", "poetry.lock"):  # fmt: skip
        assert any(fnmatch(name, one) for one in _expanded(selector["files"])), name


def _expanded(patterns: list[str]) -> Iterator[str]:
    """File names of globs: `**/*.{a,b}` is `*.a` and `*.b`."""
    for pattern in patterns:
        choices = re.split(r"\{([^}]*)\}", pattern.removeprefix("**/"))
        names = [""]
        for index, part in enumerate(choices):
            names = [name + one for name in names for one in (part.split(",") if index % 2 else [part])]
        yield from names


def test_the_version_is_the_tool_s() -> None:
    from pgconnlint import __version__

    assert json.loads((EXTENSION / "package.json").read_text("utf-8"))["version"] == __version__


@pytest.mark.parametrize("story", ["trusted", "untrusted"])
def test_in_a_workbench(packed: Path, story: str) -> None:
    """Pictures of what was seen are left in vscode-extension/artifacts/."""
    if not (WORKBENCH / "done").exists():
        pytest.skip("code-server is not installed: `make test` installs it where it can")
    chromium = shutil.which("google-chrome") or needs("chromium")
    npm(
        "test:workbench",
        "--",
        f"test/workbench/{story}.test.mjs",
        PGCONNLINT_WORKBENCH=str(WORKBENCH),
        PGCONNLINT_CHROMIUM=chromium,
        PGCONNLINT_TOOL=str(Path(sys.executable).with_name("pgconnlint")),
        PGCONNLINT_VSIX=str(packed),
    )
