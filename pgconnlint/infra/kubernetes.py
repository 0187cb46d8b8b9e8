"""Reader of kubernetes files."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure
from pgconnlint.syntax.files import Files


def read(files: Files, config: Config) -> Infrastructure:
    """What kubernetes files among ``files`` declare."""
    return Infrastructure()
