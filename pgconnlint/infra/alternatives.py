"""One file deployed to several environments: which declaration speaks for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.text import Location

DEVELOPMENT = frozenset({"dev", "local", "test", "sandbox", "demo", "preview"})
"""Environments that nobody's work depends on."""


def in_development(pooler: PoolerDeclaration) -> bool:
    """The pooler is declared for development: by its environment, or in a Compose file that names no deployed one."""
    if pooler.environment:
        return pooler.environment.split("+")[0] in DEVELOPMENT
    return pooler.resource is not None and pooler.resource.system == "compose"


def speaks(pooler: PoolerDeclaration, place: Location, others: Iterable[tuple[PoolerDeclaration, Location]]) -> bool:
    """Whether ``pooler`` is the one to report at ``place``: of several that stand there, a deployed one comes first."""
    same = [other for other, at in others if at == place]
    first = min(same, key=lambda one: (in_development(one), one.environment, one.name), default=pooler)
    return first is pooler or first == pooler
