"""Containers that run a pooler: settings from environment variables and mounted files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pgconnlint.infra import pgbouncer, pooler_files
from pgconnlint.infra.kubernetes.images import pooler_of, tag, vendor
from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.mounts import MountedFile, Mounts, mounts
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.kubernetes.services import Hosts
from pgconnlint.infra.kubernetes.workloads import Workload
from pgconnlint.infra.model import Container, PoolerDatabase, PoolerDeclaration
from pgconnlint.infra.resource import Known, Resource, Unknown, Value, integer, text
from pgconnlint.infra.yaml_values import embedded

LABEL = "pgbouncer-enabled"
"""A workload's label that says a pooler stands beside it."""

_PLATFORM_DEFAULTS = {
    "pgbouncer": ("session", 20, 100, 6432),
    "pgcat": ("transaction", 9, None, 6432),
    "odyssey": ("session", None, None, 6432),
    "pgpool": ("session", 128, 32, 9999),
}
"""(mode, pool size, clients, port) of each program's own defaults; Pgpool's 32 children x 4 pools."""

_SIDE = re.compile(r"exporter|metrics|proxy-agent|istio|linkerd|envoy|vault-agent|fluent|promtail|telegraf|reloader")
_URL_HOST = re.compile(r"://(?:[^@/\s]*@)?(?P<host>[\w.-]+)(?::(?P<port>\d+))?(?:/(?P<name>[\w-]+))?")


@dataclass(frozen=True, slots=True)
class Poolers:
    """Declarations, and what the programs refuse or misread in the files mounted for them."""

    declarations: tuple[PoolerDeclaration, ...]
    problems: tuple[Resource, ...]


def poolers(found: list[Workload], scope: Scope, hosts: Hosts) -> Poolers:
    """One declaration for each pooler container, and for each workload labelled as having one."""
    result = []
    problems: dict[tuple[object, ...], Resource] = {}
    for workload in found:
        own = [one for one in workload.declaration.containers if pooler_of(text(one.image) or "")]
        for container in own:
            declared, refused = _pooler(workload, container, hosts, scope)
            result.append(declared)
            problems.update({(one.at, str(one.attributes.items.get("message"))): one for one in refused})
        if not own and (at := _label(workload)) is not None:
            result.append(_labelled(workload, at))
    return Poolers(tuple(result), tuple(problems.values()))


def _label(workload: Workload) -> Value | None:
    for metadata in (workload.pod.metadata, workload.item.attributes.get("metadata")):
        value = path_get(metadata, "labels", LABEL)
        if text(value) == "true":
            return value
    return None


def _labelled(workload: Workload, label: Value) -> PoolerDeclaration:
    item = workload.item
    return PoolerDeclaration(
        name=f"{item.name} ({LABEL})",
        platform="label",
        at=label.at,
        environment=item.environment,
        default_pool_size=None,
        default_max_client_conn=None,
        default_mode="transaction",
        sidecar_of=item.name,
        origin=item.origin,
    )


def _pooler(
    workload: Workload, container: Container, hosts: Hosts, scope: Scope
) -> tuple[PoolerDeclaration, tuple[Resource, ...]]:
    item = workload.item
    kind = pooler_of(text(container.image) or "") or "pgbouncer"
    beside = [
        one for one in workload.declaration.containers if one is not container and not _SIDE.search(_words_of(one))
    ]
    beside = [one for one in beside if pooler_of(text(one.image) or "") is None]
    mounted = mounts(workload.pod, scope, item)
    version = _version(text(container.image) or "")
    from_files, problems = _from_files(kind, workload, mounted, scope, version)
    declared = _with_variables(from_files or _bare(kind, workload), kind, container)
    if from_files is None and not _is_told(declared):
        declared = _unread(declared, container)
    declared = replace(
        declared,
        name=container.name if beside else item.name,
        at=container.at if beside else item.at,
        environment=item.environment,
        version=version,
        processes=None if beside else workload.declaration.replicas,
        sidecar_of=item.name if beside else None,
        hosts=() if beside else hosts.get(id(item), ()),
        port=_port(declared, container, kind),
        resource=item,
        origin=item.origin,
    )
    return declared, problems


def _is_told(declared: PoolerDeclaration) -> bool:
    """Some variable configures the pooler: what no variable sets is then the program's default."""
    told = (declared.mode, declared.pool_size, declared.max_client_conn, declared.total_size, declared.databases)
    return any(told)


def _unread(declared: PoolerDeclaration, container: Container) -> PoolerDeclaration:
    """Its configuration is in the image or in an object that is not here: nothing is a default."""
    unknown = Unknown("in a configuration that is not in the repository", container.at)
    return replace(declared, mode=unknown, pool_size=unknown, max_client_conn=unknown)


def _words_of(container: Container) -> str:
    return f"{container.name} {text(container.image) or ''}"


def _version(image: str) -> str | None:
    found = re.match(r"v?(\d+\.\d+(?:\.\d+)?)", tag(image))
    return found[1] if found else None


def _port(declared: PoolerDeclaration, container: Container, kind: str) -> int | None:
    if declared.port is not None and declared.port != _PLATFORM_DEFAULTS[kind][3]:
        return declared.port
    return container.ports[0] if container.ports else declared.port


def _bare(kind: str, workload: Workload) -> PoolerDeclaration:
    mode, size, clients, port = _PLATFORM_DEFAULTS[kind]
    return PoolerDeclaration(
        name=workload.item.name,
        platform=kind,
        at=workload.item.at,
        default_mode=mode,
        default_pool_size=size,
        default_max_client_conn=clients,
        port=port,
    )


def _from_files(
    kind: str, workload: Workload, mounted: Mounts, scope: Scope, version: str | None
) -> tuple[PoolerDeclaration | None, tuple[Resource, ...]]:
    """What a mounted configuration file declares; pgbouncer.ini is read as PgBouncer reads it."""
    item = workload.item
    for one in mounted.files:
        if not isinstance(one.content, Known) or not isinstance(one.content.value, str):
            continue
        if kind == "pgbouncer" and re.search(r"^\s*\[(pgbouncer|databases)\]", one.content.value, re.MULTILINE):
            document = embedded(scope.files, one.content, "pgbouncer", one.name)
            if document is not None:
                read = pgbouncer.declarations(
                    document, scope.files, item.environment, item.origin, item.name, version=version
                )
                refused = [one for one in read.resources if one.kind == pgbouncer.PROBLEM]
                if read.poolers:
                    return read.poolers[0], () if _is_script(one) else tuple(refused)
        document = embedded(scope.files, one.content, "text", one.name)
        declared = pooler_files.read(kind, document, _bare(kind, workload)) if document is not None else None
        if declared is not None:
            return declared, ()
    return None, ()


def _is_script(one: MountedFile) -> bool:
    """A program that writes the file when the container starts: its own lines are no mistakes of the file."""
    written = text(one.content) or ""
    return written.lstrip().startswith("#!") or re.search(r"\.(sh|bash|py|sql|yaml|yml|tpl|env)$", one.name) is not None


def _with_variables(declared: PoolerDeclaration, kind: str, container: Container) -> PoolerDeclaration:
    variables = container.environment_variables
    if kind == "pgpool":
        return _pgpool(declared, variables)
    if kind != "pgbouncer":
        return declared

    def setting(name: str) -> Value | None:
        for key in (f"PGBOUNCER_{name}", name, f"PGBOUNCER_{name}".lower()):
            value = variables.get(key)
            if value is not None and text(value) != "":
                return value
        return None

    port = integer(setting("LISTEN_PORT")) or integer(variables.get("PGBOUNCER_PORT"))
    edoburu = vendor(text(container.image) or "") == "edoburu"
    database = _database(variables)
    return replace(
        declared,
        mode=setting("POOL_MODE") or declared.mode,
        pool_size=setting("DEFAULT_POOL_SIZE") or declared.pool_size,
        reserve_size=setting("RESERVE_POOL_SIZE") or declared.reserve_size,
        reserve_timeout=setting("RESERVE_POOL_TIMEOUT") or declared.reserve_timeout,
        max_db_connections=setting("MAX_DB_CONNECTIONS") or declared.max_db_connections,
        max_client_conn=setting("MAX_CLIENT_CONN") or declared.max_client_conn,
        auth_type=setting("AUTH_TYPE") or declared.auth_type,
        databases=declared.databases or ((database,) if database else ()),
        targets=tuple(dict.fromkeys((*declared.targets, *_targets(variables)))),
        port=port or (5432 if edoburu and declared.settings is None else declared.port),
    )


_HOST_KEYS = ("DB_HOST", "POSTGRESQL_HOST", "DATABASES_HOST", "POSTGRES_HOST", "PGHOST", "PG_HOST", "DATABASE_HOST")
_URL_KEYS = ("DATABASE_URL", "DATABASE_URLS", "DB_URL", "POSTGRES_URL")


def _database(variables: dict[str, Value]) -> PoolerDatabase | None:
    """The one database line the images' entrypoints write."""
    keys = ("DB_NAME", "PGBOUNCER_DATABASE", "DATABASES_DBNAME", "POSTGRESQL_DATABASE")
    name = next((variables[key] for key in keys if key in variables), None)
    targets = _targets(variables)
    if name is None and not targets:
        return None
    return PoolerDatabase(
        text(name) or "*",
        host=targets[0] if targets else None,
        pool_size=variables.get("DATABASES_POOL_SIZE"),
        at=name.at if name is not None else None,
    )


def _targets(variables: dict[str, Value]) -> list[str]:
    found = []
    for key in _HOST_KEYS:
        host = text(variables.get(key))
        if host:
            found.append(host.partition(":")[0].lower())
    for key in _URL_KEYS:
        value = variables.get(key)
        written = value.text if isinstance(value, Unknown) else text(value)
        found.extend(match["host"].lower() for match in _URL_HOST.finditer(written or ""))
    return found


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
