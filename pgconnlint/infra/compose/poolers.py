"""Services that run a pooler: PgBouncer, PgCat, Odyssey, Pgpool, Supavisor."""

from __future__ import annotations

import re
from dataclasses import replace
from posixpath import dirname

from pgconnlint.infra import pgbouncer, pooler_files
from pgconnlint.infra.compose.filesets import NAMED, ComposeProject
from pgconnlint.infra.compose.mounted import mounted
from pgconnlint.infra.kubernetes.images import is_server, repository, tag, vendor
from pgconnlint.infra.model import Container, PoolerDatabase, PoolerDeclaration, WorkloadDeclaration
from pgconnlint.infra.pooler_images import takes_variables
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value, integer, sequence, text
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

_Found = tuple[tuple[PoolerDeclaration, ...], tuple[Resource, ...]]
_PRODUCTS = ("pgbouncer", "pgcat", "odyssey", "pgpool", "supavisor")
_DEFAULTS: dict[str, tuple[str, int | None, int | None, int]] = {
    "pgbouncer": ("session", 20, 100, 6432),
    "pgcat": ("transaction", 9, None, 6432),
    "odyssey": ("session", None, None, 6432),
    "pgpool": ("session", 128, 32, 9999),
    "supavisor": ("transaction", None, None, 6543),
}
"""(mode, pool size, clients, port) of each program's own defaults; Pgpool's 32 children x 4 pools."""

_HOSTS = ("DB_HOST", "POSTGRESQL_HOST", "DATABASES_HOST", "POSTGRES_HOST", "PGHOST", "PG_HOST", "DATABASE_HOST")
_NAMES = ("DB_NAME", "PGBOUNCER_DATABASE", "DATABASES_DBNAME", "POSTGRESQL_DATABASE")
_URLS = ("DATABASE_URL", "DATABASE_URLS", "DB_URL", "POSTGRES_URL", "PGBOUNCER_DSN_0")
_HOST_IN_URL = re.compile(r"(?:://(?:[^@/\s]*@)?|\bhost=)(?P<host>[\w.-]+)")


def pooler(
    container: Container,
    workload: WorkloadDeclaration,
    service: Mapping,
    project: ComposeProject,
    files: Files,
    hosts: tuple[str, ...],
) -> _Found:
    """The pooler this service runs, with the problems of its file; nothing when it runs none."""
    product = _product(container, workload)
    if product is None:
        return (), ()
    image = text(container.image) or ""
    version = _version(image) if product == "pgbouncer" else None
    ini = _ini(service, project, files, container) if product == "pgbouncer" else None
    if ini is not None:
        read = pgbouncer.declarations(ini, files, workload.environment, workload.origin, workload.name, version=version)
        declared, problems = read.poolers[0], tuple(one for one in read.resources if one.kind == pgbouncer.PROBLEM)
    else:
        bare = _bare(product, workload, container)
        declared, problems = _other_file(product, bare, service, project, files, container) or bare, ()
    declared = _with_variables(declared, product, container) if ini is None else declared
    declared = replace(
        declared,
        name=workload.name,
        at=workload.at,
        environment=workload.environment,
        version=version,
        processes=workload.replicas,
        hosts=hosts,
        port=declared.port or (container.ports[0] if container.ports else None),
        resource=workload.resource,
        enabled=not _optional(service, workload),
        targets=declared.targets or _depends(service, project),
        origin=workload.origin,
    )
    return (declared,), problems


def _depends(service: Mapping, project: ComposeProject) -> tuple[str, ...]:
    """The servers it waits for, where nothing says which one it connects to."""
    waits = service.items.get("depends_on")
    names = waits.items if isinstance(waits, Mapping) else [text(one) or "" for one in sequence(waits)]
    others = {name: project.services.get(name) for name in names}
    return tuple(name for name, one in others.items() if one and is_server(text(one.items.get("image")) or ""))


def _optional(service: Mapping, workload: WorkloadDeclaration) -> bool:
    """It runs only where its profile is asked for, and the profile is no environment."""
    return bool(sequence(service.items.get("profiles"))) and workload.environment not in NAMED


def _product(container: Container, workload: WorkloadDeclaration) -> str | None:
    image = text(container.image)
    last = repository(image).rsplit("/", 1)[-1] if image else workload.name.lower()
    if re.search(r"exporter|metrics|monitor|prometheus|rr|admin|test|backup|web|ui$", last):
        return None
    if image is None and container.build is None:
        return None
    return next((product for product in _PRODUCTS if product in last), None)


def _version(image: str) -> str | None:
    found = re.match(r"v?(1\.\d+(?:\.\d+)?)", tag(image))
    return found[1] if found else None


def _ini(service: Mapping, project: ComposeProject, files: Files, container: Container) -> Document | None:
    """The pgbouncer.ini it runs with: mounted, or in the folder its image is built from."""
    documents, _ = mounted(service, project, files, "pgbouncer")
    if container.build is not None:
        prefix = container.build + "/" if container.build else ""
        near = [path for path in files.of("pgbouncer") if path.startswith(prefix)]
        own = [path for path in near if container.dockerfile and dirname(path) == dirname(container.dockerfile)]
        beside = [*own, *(path for path in near if path.count("/") - prefix.count("/") <= 1)]
        documents += [one for path in beside[:20] if (one := files.document(path)) is not None]
    return next((one for one in documents if re.search(r"^[ \t]*\[pgbouncer\]", one.text, re.MULTILINE)), None)


def _other_file(
    product: str,
    bare: PoolerDeclaration,
    service: Mapping,
    project: ComposeProject,
    files: Files,
    container: Container,
) -> PoolerDeclaration | None:
    """What the configuration file of another pooler says: mounted, or in the folder its image is built from."""
    documents, _ = mounted(service, project, files, "text")
    if container.build is not None:
        prefix = container.build + "/" if container.build else ""
        near = [path for path in files.paths if path.startswith(prefix) and path.endswith((".conf", ".toml"))]
        beside = [path for path in near if path.count("/") - prefix.count("/") <= 1]
        documents += [one for path in beside[:20] if (one := files.document(path)) is not None]
    found = (pooler_files.read(product, one, bare) for one in documents)
    return next((one for one in found if one is not None), None)


def _bare(product: str, workload: WorkloadDeclaration, container: Container) -> PoolerDeclaration:
    mode, size, clients, port = _DEFAULTS[product]
    if product == "pgbouncer" and vendor(text(container.image) or "") == "edoburu":
        port = 5432
    return PoolerDeclaration(
        name=workload.name,
        platform=product,
        at=workload.at,
        default_mode=mode,
        default_pool_size=size,
        default_max_client_conn=clients,
        port=port,
    )


def _with_variables(declared: PoolerDeclaration, product: str, container: Container) -> PoolerDeclaration:
    """What the images' entrypoints make of environment variables (edoburu, bitnami and their likes)."""
    variables = container.environment_variables
    if product == "pgpool":
        return _pgpool(declared, variables)
    if product != "pgbouncer":
        return declared

    def setting(name: str) -> Value | None:
        for key in (f"PGBOUNCER_{name}", name):
            value = variables.get(key)
            if value is not None and text(value) != "":
                return value
        return None

    mode = setting("POOL_MODE")
    if mode is None and not takes_variables(text(container.image) or ""):
        mode = Unknown("the configuration inside of its image decides", declared.at)
    port = integer(setting("LISTEN_PORT")) or integer(setting("PORT"))
    words = [text(word) or "" for word in (*container.command, *container.arguments)]
    targets = _targets(variables) or [found["host"].lower() for one in words for found in _HOST_IN_URL.finditer(one)]
    name = next((variables[key] for key in _NAMES if key in variables), None)
    line = PoolerDatabase(
        text(name) or "*", host=targets[0] if targets else None, pool_size=variables.get("DATABASES_POOL_SIZE"),
        at=name.at if name is not None else None,
    )  # fmt: skip
    return replace(
        declared,
        mode=_lower(mode),
        pool_size=setting("DEFAULT_POOL_SIZE"),
        reserve_size=setting("RESERVE_POOL_SIZE"),
        reserve_timeout=setting("RESERVE_POOL_TIMEOUT"),
        max_db_connections=setting("MAX_DB_CONNECTIONS"),
        max_client_conn=setting("MAX_CLIENT_CONN"),
        auth_type=_lower(setting("AUTH_TYPE")),
        databases=(line,) if name is not None or targets else (),
        targets=tuple(targets),
        port=port or declared.port,
        settings=_settings(variables, declared),
    )


_KNOWN = re.compile(r"(?:PGBOUNCER_)?(QUERY_WAIT_TIMEOUT|POOL_MODE|AUTH_TYPE|MAX_CLIENT_CONN|RESERVE_POOL_SIZE)")


def _settings(variables: dict[str, Value], declared: PoolerDeclaration) -> Mapping:
    found = {match[1].lower(): value for key, value in variables.items() if (match := _KNOWN.fullmatch(key))}
    return Mapping(found, declared.at, {key: value.at for key, value in found.items()}, partial=True)


def _lower(value: Value | None) -> Value | None:
    if isinstance(value, Known) and isinstance(value.value, str):
        return Known(value.value.strip().lower(), value.at)
    return value


def _targets(variables: dict[str, Value]) -> list[str]:
    hosts = (text(variables.get(key)) for key in _HOSTS)
    found = [host.partition(":")[0].lower() for host in hosts if host]
    for key in _URLS:
        value = variables.get(key)
        written = value.text if isinstance(value, Unknown) else text(value) or ""
        found += [match["host"].lower() for match in _HOST_IN_URL.finditer(written)]
    return list(dict.fromkeys(found))


def _pgpool(declared: PoolerDeclaration, variables: dict[str, Value]) -> PoolerDeclaration:
    """num_init_children x max_pool connections to each backend (Pgpool-II manual)."""
    children, cached = (_given(variables, name) for name in ("PGPOOL_NUM_INIT_CHILDREN", "PGPOOL_MAX_POOL"))
    nodes = re.findall(r"\d+:([\w.-]+):\d+", text(variables.get("PGPOOL_BACKEND_NODES")) or "")
    return replace(
        declared,
        total_size=pooler_files.product(children, cached) or declared.total_size,
        max_client_conn=children if integer(children) is not None else declared.max_client_conn,
        targets=tuple(node.lower() for node in nodes) or declared.targets,
    )


def _given(variables: dict[str, Value], name: str) -> Value | None:
    value = variables.get(name)
    return None if text(value) == "" else value
