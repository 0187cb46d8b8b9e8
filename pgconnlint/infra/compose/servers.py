"""Services that run a PostgreSQL server."""

from __future__ import annotations

import re

from pgconnlint.infra import patroni, postgres
from pgconnlint.infra.compose.filesets import ComposeProject
from pgconnlint.infra.compose.mounted import mounted
from pgconnlint.infra.kubernetes.images import postgres_version, vendor
from pgconnlint.infra.kubernetes.mounts import Mounts
from pgconnlint.infra.kubernetes.servers import container_settings, replicated, runs_server
from pgconnlint.infra.model import Container, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Value, text
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

_YAML = (".yml", ".yaml")
_WRITES = re.compile(r"(\.(sh|sql|conf|sample|template|tmpl|j2|in)|(^|/)[\w.-]*Dockerfile[\w.-]*)$")
_Found = tuple[tuple[ServerDeclaration, ...], tuple[Resource, ...]]


def server(
    container: Container,
    workload: WorkloadDeclaration,
    service: Mapping,
    project: ComposeProject,
    files: Files,
    hosts: tuple[str, ...],
) -> _Found:
    """The server this service runs and what is wrong with its settings; nothing when it runs none."""
    if not runs_server(container) or workload.resource is None:
        return (), ()
    named = container.image or (Known(container.base, workload.at) if container.base else None)
    image = text(named) or ""
    from_files, complete, found_file = _file_settings(service, project, files)
    own, own_complete = container_settings(container, Mounts((), ()), files, workload.resource)
    settings = {**_built_in(container, files), **from_files, **own}
    written = postgres_version(image)
    version = Known(written, named.at) if written and named else None
    memory = container.memory_at
    declaration = ServerDeclaration(
        name=workload.name,
        platform="compose",
        at=workload.at,
        environment=workload.environment,
        version=version,
        settings=settings,
        settings_complete=complete and (own_complete or found_file) and not _scripted(container, files),
        settings_at=_settings_at(container),
        default_max_connections=100,
        default_reason="PostgreSQL's own default",
        memory_bytes=container.memory_bytes,
        memory_at=memory,
        memory_label=_memory_label(service, container),
        hosts=hosts,
        instances=workload.replicas,
        resource=workload.resource,
        origin=workload.origin,
        replica_of=replicated(container),
    )
    checked = {} if vendor(image) else own
    problems = postgres.setting_problems(checked, _major(written), workload.environment, workload.origin)
    return (declaration,), problems


def _settings_at(container: Container) -> Location:
    if container.arguments:
        return container.arguments[-1].at
    return container.image.at if container.image else container.at


def _major(version: str | None) -> float | None:
    found = re.match(r"(9\.\d+|\d{2})", version or "")
    return float(found[1]) if found else None


def _memory_label(service: Mapping, container: Container) -> str:
    if container.memory_bytes is None:
        return ""
    limit = service.get("deploy", "resources", "limits", "memory")
    name = "mem_limit" if limit is None else "limits.memory"
    return f"{name} {text(limit if limit is not None else service.items.get('mem_limit'))}"


def _scripted(container: Container, files: Files) -> bool:
    """What the image is built from speaks of max_connections: a script or a file that it takes sets it."""
    if not container.build:
        return False
    folder = container.build.rstrip("/") + "/"
    paths = [path for path in files.paths if path.startswith(folder) and _WRITES.search(path)]
    documents = (files.document(path) for path in paths[:50])
    return any(document is not None and "max_connections" in document.text for document in documents)


def _built_in(container: Container, files: Files) -> dict[str, Value]:
    """Patroni's parameters in a configuration that the image is built with."""
    if not container.build:
        return {}
    folder = container.build.rstrip("/") + "/"
    paths = [path for path in files.paths if path.startswith(folder) and path.endswith(_YAML)]
    documents = [document for path in paths[:50] if (document := files.document(path)) is not None]
    return {name: value for document in documents for name, value in patroni.settings(document, files).items()}


def _file_settings(service: Mapping, project: ComposeProject, files: Files) -> tuple[dict[str, Value], bool, bool]:
    """(settings of mounted configuration files, whether nothing else can set more, whether there were any)."""
    settings: dict[str, Value] = {}
    documents, missing = mounted(service, project, files, "postgres")
    for path in {document.path for document in documents if document.path.endswith(_YAML)}:
        managed = files.document(path, "yaml")
        settings.update(patroni.settings(managed, files) if managed is not None else {})
    complete = not any(re.search(r"postgres[\w.-]*\.conf|/etc/postgres|conf\.d", path) for path in missing)
    found = False
    for document in documents:
        if document.path.endswith((".conf", ".conf.sample")) and postgres.is_postgres(document):
            read = postgres.declarations(document, files, "", document.path, document.path)
            for one in read.servers:
                settings.update(one.settings)
                complete &= one.settings_complete
                found = True
    return settings, complete, found
