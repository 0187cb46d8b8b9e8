"""Reader of Terraform and OpenTofu."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure
from pgconnlint.syntax.files import Files


def read(files: Files, config: Config) -> Infrastructure:
    """What Terraform files among ``files`` declare."""
    return Infrastructure()
