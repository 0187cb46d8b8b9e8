"""Real programs that tests run: found on PATH or the test is skipped by name."""

from __future__ import annotations

import shutil

import pytest


def needs(program: str) -> str:
    """The path of a program; without it the test is skipped, and the reason names the program."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"`{program}` is not installed: `make test` installs it where it can")
    return path
