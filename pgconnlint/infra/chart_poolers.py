"""Poolers of charts that are known by their values: PgBouncer charts, Airflow's own, Pgpool."""

from __future__ import annotations

import re

from pgconnlint.infra.chart_values import Installed, at_path, fullname, hosts
from pgconnlint.infra.model import Infrastructure, PoolerDatabase, PoolerDeclaration
from pgconnlint.infra.pgbouncer import declarations, setting_problems, whole_number
from pgconnlint.infra.resource import Known, Mapping, Unknown, Value, integer, sequence, text
from pgconnlint.infra.yaml_values import embedded
from pgconnlint.text import Location

_SECTIONS = ("config.pgbouncer", "pgbouncer.config", "pgbouncer", "settings", "config", "customSettings")
_OPTIONS = frozenset({
    "pool_mode", "max_client_conn", "default_pool_size", "reserve_pool_size", "reserve_pool_timeout",
    "max_db_connections", "auth_type", "min_pool_size", "listen_port", "server_idle_timeout", "poolMode",
    "maxClientConn", "defaultPoolSize", "max_user_connections", "query_wait_timeout", "authType",
})  # fmt: skip


def pgbouncer(installed: Installed) -> Infrastructure:
    """A PgBouncer chart: its options go straight into the file (icoretech and those like it)."""
    written = _ini_text(installed)
    if written is not None:
        return written
    settings, holder = _settings(installed)
    name = fullname(installed, "pgbouncer")
    databases = _databases(installed)
    partial = installed.values.partial or (not settings.items and not databases)
    settings = Mapping(settings.items, settings.at, settings.keys, partial or settings.partial)

    def setting(key: str) -> Value | None:
        value = settings.items.get(key)
        if value is None and settings.partial:
            return Unknown("the values do not show it", settings.at)
        if isinstance(value, Known) and key in ("pool_mode", "auth_type"):
            return Known((text(value) or "").lower(), value.at)
        number = whole_number(text(value) or "") if isinstance(value, Known) else None
        return Known(number, value.at) if number is not None and value is not None else value

    pooler = PoolerDeclaration(
        name=name,
        platform="pgbouncer",
        at=installed.at,
        environment=installed.environment,
        mode=setting("pool_mode"),
        databases=databases,
        pool_size=setting("default_pool_size"),
        reserve_size=setting("reserve_pool_size"),
        reserve_timeout=setting("reserve_pool_timeout"),
        max_db_connections=setting("max_db_connections"),
        max_client_conn=setting("max_client_conn"),
        auth_type=setting("auth_type"),
        version=_tag(installed),
        processes=at_path(installed.values, "replicaCount") or at_path(installed.values, "replicas"),
        hosts=hosts(installed, name),
        port=integer(at_path(installed.values, "service.port")) or 5432,
        targets=tuple(sorted({one.host for one in databases if one.host})),
        resource=installed.resource(),
        settings=settings,
        origin=installed.origin,
    )
    problems = setting_problems(settings, pooler.version, installed.environment, installed.origin)
    found = problems if holder == "config.pgbouncer" else ()
    return Infrastructure(resources=(installed.resource(), *found), poolers=(pooler,))


def _ini_text(installed: Installed) -> Infrastructure | None:
    """A whole pgbouncer.ini as a block of text somewhere in the values."""
    for path in ("pgbouncerIni", "config", "pgbouncer.ini", "configFile", "config.pgbouncerIni"):
        value = installed.values.items.get(path) or at_path(installed.values, path)
        if isinstance(value, Known) and isinstance(value.value, str) and "[databases]" in value.value:
            document = embedded(installed.readable, value, "pgbouncer", "pgbouncer.ini")
            if document is not None:
                name = fullname(installed, "pgbouncer")
                return declarations(
                    document, installed.readable, installed.environment, installed.origin, name, version=_tag(installed)
                )
    return None


def _settings(installed: Installed) -> tuple[Mapping, str]:
    """The map of options, wherever the chart has it: keys in snake case."""
    for path in _SECTIONS:
        found = at_path(installed.values, path)
        if isinstance(found, Mapping) and _OPTIONS & found.items.keys():
            names = {re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key).lower(): key for key in found.items}
            items = {name: found.items[key] for name, key in names.items()}
            keys = {name: found.key_at(key) for name, key in names.items()}
            return Mapping(items, found.at, keys, found.partial), path
    return Mapping({}, installed.at), ""


def _databases(installed: Installed) -> tuple[PoolerDatabase, ...]:
    for path in ("config.databases", "databases", "pgbouncer.databases"):
        found = at_path(installed.values, path)
        if isinstance(found, Mapping):
            return tuple(_database(name, value, found.key_at(name)) for name, value in found.items.items())
    return ()


def _database(name: str, value: Value, at: Location) -> PoolerDatabase:
    if isinstance(value, Known) and isinstance(value.value, str):
        pairs = dict(re.findall(r"(\w+)\s*=\s*'?([^\s']+)", value.value))
        sizes = {key: Known(int(text_), value.at) for key, text_ in pairs.items() if text_.isdigit()}
        return PoolerDatabase(
            name,
            host=pairs.get("host"),
            dbname=pairs.get("dbname", name),
            user=pairs.get("user"),
            pool_size=sizes.get("pool_size"),
            max_db_connections=sizes.get("max_db_connections"),
            at=at,
        )
    if not isinstance(value, Mapping):
        return PoolerDatabase(name, at=at)
    return PoolerDatabase(
        name,
        host=text(value.get("host")),
        port=integer(value.get("port")),
        dbname=text(value.get("dbname")) or (None if name == "*" else name),
        user=text(value.get("user")),
        pool_size=value.get("pool_size"),
        reserve=value.get("reserve_pool_size") or value.get("reserve_pool"),
        max_db_connections=value.get("max_db_connections"),
        pool_mode=value.get("pool_mode"),
        at=at,
    )


def _tag(installed: Installed) -> str | None:
    found = re.match(r"v?(\d+\.\d+(?:\.\d+)?)", text(at_path(installed.values, "image.tag")) or "")
    return found[1] if found else None


def pgpool(installed: Installed, name: str) -> PoolerDeclaration:
    """Pgpool-II of postgresql-ha: num_init_children x max_pool to each backend, 32 x 4 where nothing is said."""
    values = installed.values
    held = at_path(values, "pgpool")
    at = values.key_at("pgpool") if isinstance(held, Mapping) else installed.at
    children, pools = at_path(values, "pgpool.numInitChildren"), at_path(values, "pgpool.maxPool")
    unknown = next((value for value in (children, pools) if isinstance(value, Unknown)), None)
    written = next((value for value in (children, pools) if text(value)), None)
    total = Known((integer(children) or 32) * (integer(pools) or 4), written.at if written else at)
    return PoolerDeclaration(
        name=f"{name}-pgpool",
        platform="pgpool",
        at=at,
        environment=installed.environment,
        default_mode="session",
        default_pool_size=128,
        default_max_client_conn=32,
        max_client_conn=children if integer(children) is not None else None,
        total_size=unknown or total,
        processes=at_path(values, "pgpool.replicaCount"),
        hosts=hosts(installed, f"{name}-pgpool"),
        port=5432,
        targets=(f"{name}-postgresql",),
        resource=installed.resource(),
        origin=installed.origin,
    )


def pgdog(installed: Installed) -> Infrastructure:
    """PgDog: a list of `databases`, each with a pool for each user; transaction mode and 10 unless it says else."""
    values = installed.values
    name = fullname(installed, "pgdog")
    entries = [one for one in sequence(values.get("databases")) if isinstance(one, Mapping)]
    databases = tuple(
        PoolerDatabase(
            text(one.get("name")) or "*",
            host=text(one.get("host")),
            port=integer(one.get("port")),
            dbname=text(one.get("database")) or text(one.get("databaseName")),
            pool_size=one.get("poolSize"),
            pool_mode=one.get("poolMode"),
            at=one.at,
        )
        for one in entries
    )
    pooler = PoolerDeclaration(
        name=name,
        platform="pgdog",
        at=installed.at,
        environment=installed.environment,
        mode=at_path(values, "poolMode"),
        default_mode="transaction",
        default_pool_size=10,
        databases=databases,
        pool_size=at_path(values, "defaultPoolSize"),
        processes=at_path(values, "replicas"),
        hosts=hosts(installed, name),
        port=integer(at_path(values, "port")) or 6432,
        targets=tuple(sorted({one.host for one in databases if one.host})),
        resource=installed.resource(),
        origin=installed.origin,
    )
    return Infrastructure(resources=(installed.resource(),), poolers=(pooler,))


def external_database(installed: Installed) -> bool:
    """Airflow is told of a database elsewhere."""
    paths = ("data.metadataSecretName", "data.metadataConnection.host", "externalDatabase.host")
    return any(text(at_path(installed.values, path)) for path in paths)


def airflow(installed: Installed) -> PoolerDeclaration | None:
    """The PgBouncer of Airflow's charts: Apache's has 100 clients, pools of 10 and 5; the community's 1000 and 20."""
    values = installed.values
    community = "airflow-helm" in installed.source or isinstance(values.get("airflow"), Mapping)
    switched = at_path(values, "pgbouncer.enabled")
    if text(switched) != "true" and not (community and switched is None):
        return None
    at = values.key_at("pgbouncer") if "pgbouncer" in values.items else installed.at
    name = f"{installed.release or 'airflow'}-pgbouncer"
    host = text(at_path(values, "data.metadataConnection.host")) or text(at_path(values, "externalDatabase.host"))
    target = host or f"{installed.release or 'airflow'}-postgresql"
    if community:
        databases: tuple[PoolerDatabase, ...] = (PoolerDatabase("*", host=target, at=at),)
        clients, default_clients = at_path(values, "pgbouncer.maxClientConnections"), 1000
    else:
        clients, default_clients = at_path(values, "pgbouncer.maxClientConn"), 100
        databases = (
            _sized(installed, "metadata", target, "metadataPoolSize", 10, at),
            _sized(installed, "result-backend", target, "resultBackendPoolSize", 5, at),
        )
    return PoolerDeclaration(
        name=name,
        platform="chart",
        at=at,
        environment=installed.environment,
        default_mode="transaction",
        databases=databases,
        pool_size=at_path(values, "pgbouncer.poolSize") if community else None,
        default_pool_size=20,
        max_client_conn=clients,
        default_max_client_conn=default_clients,
        max_db_connections=None,
        processes=at_path(values, "pgbouncer.replicas"),
        hosts=hosts(installed, name),
        port=6543 if not community else 6432,
        targets=(target.lower(),),
        resource=installed.resource(),
        origin=installed.origin,
    )


def _sized(installed: Installed, part: str, host: str, key: str, default: int, at: Location) -> PoolerDatabase:
    """One database line of Airflow's file: a forced user, so one pool of this size."""
    written = at_path(installed.values, f"pgbouncer.{key}")
    name = f"{installed.release or 'airflow'}-{part}"
    place = written.at if written is not None else at
    size = written if written is not None else Known(default, at)
    return PoolerDatabase(name, host=host.lower(), user="airflow", pool_size=size, at=place)
