"""All infrastructure readers, added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from importlib import import_module
from typing import Any

from pgconnlint.config import Config
from pgconnlint.finding import Failure, FailureKind
from pgconnlint.infra.dockerfile import Image
from pgconnlint.infra.environment import is_fixture
from pgconnlint.infra.model import Infrastructure
from pgconnlint.syntax.files import Files

Reader = Callable[[Files, Config], Infrastructure]

READERS = (
    "pgconnlint.infra.terraform",
    "pgconnlint.infra.kubernetes",
    "pgconnlint.infra.helm",
    "pgconnlint.infra.kustomize",
    "pgconnlint.infra.compose",
    "pgconnlint.infra.postgres",
    "pgconnlint.infra.pgbouncer",
    "pgconnlint.infra.patroni",
    "pgconnlint.infra.scripts",
    "pgconnlint.infra.prometheus",
    "pgconnlint.infra.locks",
    "pgconnlint.infra.images",
    "pgconnlint.infra.builds",
    "pgconnlint.infra.procfile",
)
"""Modules with a `read(files, config) -> Infrastructure`, in the order of their results."""


def read(files: Files, config: Config) -> Infrastructure:
    """Everything infrastructure files declare. What only tests read is left out."""
    from pgconnlint.infra.postgres import without_claimed

    return _deployed(without_claimed(add(_read(name, files, config) for name in READERS)))


def _read(name: str, files: Files, config: Config) -> Infrastructure:
    """What one reader finds. One that crashes is a failure, and the others are still heard."""
    reader: Reader = import_module(name).read
    try:
        return reader(files, config)
    except Exception as error:
        message = f"{name.rpartition('.')[2]} files could not be read: {type(error).__name__}: {error}"
        files.fail(Failure(".", FailureKind.CRASH, message))
        return Infrastructure()


def _deployed(found: Infrastructure) -> Infrastructure:
    return Infrastructure(
        **{
            field.name: tuple(item for item in getattr(found, field.name) if not is_fixture(_path(item)))
            for field in fields(Infrastructure)
        }
    )


def _path(item: Any) -> str:
    return item.folder + "/" if isinstance(item, Image) else str(item.at.path)


def add(parts: Iterable[Infrastructure]) -> Infrastructure:
    """One Infrastructure out of several, in order."""
    parts = tuple(parts)
    return Infrastructure(
        resources=tuple(item for part in parts for item in part.resources),
        servers=tuple(item for part in parts for item in part.servers),
        poolers=tuple(item for part in parts for item in part.poolers),
        workloads=tuple(item for part in parts for item in part.workloads),
        alerts=tuple(item for part in parts for item in part.alerts),
        services=tuple(item for part in parts for item in part.services),
        images=tuple(item for part in parts for item in part.images),
        builds=tuple(item for part in parts for item in part.builds),
    )
