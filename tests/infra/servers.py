"""Real programs as oracles: found where Debian puts them, run as an ordinary user, else the test is skipped by name."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def program(name: str) -> str:
    """The path of a program, or a skip that names it."""
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    if found is None:
        found = next((path for path in (f"/usr/sbin/{name}",) if os.access(path, os.X_OK)), None)
    if found is None:
        pytest.skip(f"needs the program `{name}`")
    return found


@contextmanager
def folder() -> Iterator[Path]:
    """A folder an ordinary user can read and write."""
    made = Path(tempfile.mkdtemp(prefix="pgconnlint-"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(made, nobody.pw_uid, nobody.pw_gid)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def run(command: list[str], cwd: Path, *, as_is: bool = False) -> subprocess.CompletedProcess[str]:
    """The command's outcome; not as root unless ``as_is``: servers refuse that."""
    user = "nobody" if os.geteuid() == 0 and not as_is else None
    return subprocess.run(
        command, cwd=cwd, user=user, capture_output=True, text=True, timeout=30, check=False, env={"LC_ALL": "C"}
    )
