"""Real programs that tests run: found on PATH or the test is skipped by name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def needs(program: str) -> str:
    """The path of a program; without it the test is skipped, and the reason names the program."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"`{program}` is not installed: `make test` installs it where it can")
    return path


def node_module(name: str) -> Path:
    """The folder of an npm package that `make components` installs; without it the test is skipped by its name."""
    folder = Path(os.environ.get("PGCONNLINT_NODE_MODULES", "node_modules")) / name
    if not folder.is_dir():
        pytest.skip(f"npm's `{name}` is not installed: `make test` installs it where it can")
    return folder.absolute()
