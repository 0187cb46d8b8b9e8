"""Joins declared servers, poolers and workloads with the program's pools."""

from __future__ import annotations

from pgconnlint.budget.model import Budget, Server
from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure
from pgconnlint.program.facts import Program


def join(infrastructure: Infrastructure, program: Program, config: Config) -> tuple[tuple[Server, ...], tuple[Budget, ...]]:
    """Every server with what stands in front of it, and its budget."""
    return (), ()
