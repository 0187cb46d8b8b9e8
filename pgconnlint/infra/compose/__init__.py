"""Docker Compose: projects of one or several files as servers, poolers and workloads."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.compose.declaring import declared
from pgconnlint.infra.compose.filesets import projects
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.resource import Resource, text
from pgconnlint.syntax.files import Files


def read(files: Files, config: Config) -> Infrastructure:
    """What the Compose files among ``files`` declare, each set of files that is used together once."""
    parts = [declared(project, files) for project in projects(files)]
    return Infrastructure(
        resources=tuple({(one.kind, one.at, _said(one)): one for part in parts for one in part.resources}.values()),
        servers=tuple(one for part in parts for one in part.servers),
        poolers=tuple(one for part in parts for one in part.poolers),
        workloads=tuple(one for part in parts for one in part.workloads),
        services=tuple(one for part in parts for one in part.services),
    )


def _said(resource: Resource) -> str:
    return text(resource.attributes.items.get("message")) or ""
