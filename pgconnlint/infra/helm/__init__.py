"""Helm charts: read, rendered and understood."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure
from pgconnlint.syntax.files import Files


def read(files: Files, config: Config) -> Infrastructure:
    """What Helm charts among ``files`` declare."""
    return Infrastructure()
