"""From files to a Program: filter, lower, link, solve. The only entry point for the project."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.program.facts import Program
from pgconnlint.syntax.files import Files


def analyse(files: Files, config: Config, *, workers: int = 1, cache: object | None = None) -> Program:
    """Every fact about the source files among ``files``."""
    return Program()
