"""Reader of compose files."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure
from pgconnlint.syntax.files import Files


def read(files: Files, config: Config) -> Infrastructure:
    """What compose files among ``files`` declare."""
    return Infrastructure()
