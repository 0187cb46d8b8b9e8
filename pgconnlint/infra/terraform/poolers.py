"""RDS Proxy and DigitalOcean's connection pools as poolers."""

from __future__ import annotations

import re

from pgconnlint.infra.model import PoolerDatabase, PoolerDeclaration
from pgconnlint.infra.resource import Mapping, Resource, Unknown, Value, text
from pgconnlint.infra.terraform.kinds import MACHINES
from pgconnlint.infra.terraform.lookup import Lookup, inside, references

_PRODUCT = re.compile(r"pgbouncer|pgcat|odyssey|pgpool")
_NO_POOLER = re.compile(r"client|test[-_]?runner|load|bench|exporter|monitor|bastion|key")
_SERVERS = ("aws_db_instance", "aws_rds_cluster")
_NAMES = ("identifier", "cluster_identifier")


def poolers(lookup: Lookup) -> list[PoolerDeclaration]:
    proxies = [one for item in lookup.of("aws_db_proxy") if (one := _proxy(item, lookup))]
    machines = [one for item in lookup.of(*sorted(MACHINES)) if (one := _machine(item))]
    return [
        *proxies,
        *machines,
        *(_digitalocean(item, lookup) for item in lookup.of("digitalocean_database_connection_pool")),
    ]


def group_of(proxy: Resource, lookup: Lookup) -> Resource | None:
    """The proxy's default target group: where its share of the server is written."""
    for group in lookup.of("aws_db_proxy_default_target_group"):
        if lookup.target(group.attributes.get("db_proxy_name"), ("aws_db_proxy",), ("name",), group) is proxy:
            return group
    return None


def targets_of(proxy: Resource, lookup: Lookup) -> list[tuple[Resource | None, Value]]:
    """The servers behind a proxy: the resource when it is here, and the value that names it."""
    found: list[tuple[Resource | None, Value]] = []
    for target in lookup.of("aws_db_proxy_target"):
        if lookup.target(target.attributes.get("db_proxy_name"), ("aws_db_proxy",), ("name",), target) is not proxy:
            continue
        for key in ("db_instance_identifier", "db_cluster_identifier"):
            value = target.attributes.get(key)
            if value is not None:
                found.append((lookup.target(value, _SERVERS, _NAMES, target), value))
    return found


def is_postgres(proxy: Resource, lookup: Lookup) -> bool:
    """By the engine family, else by the engines of targets that are here; a proxy nothing is known of may be one."""
    family = text(proxy.attributes.get("engine_family"))
    if family is not None:
        return family.upper() == "POSTGRESQL"
    engines = [text(target.attributes.get("engine")) for target, _ in targets_of(proxy, lookup) if target is not None]
    return all(engine in ("postgres", "aurora-postgresql", None) for engine in engines)


def _proxy(item: Resource, lookup: Lookup) -> PoolerDeclaration | None:
    if not is_postgres(item, lookup):
        return None
    group = group_of(item, lookup)
    settings = inside(group.attributes, "connection_pool_config") if group is not None else None
    percent = (
        inside(group.attributes, "connection_pool_config", "max_connections_percent") if group is not None else None
    )
    targets: list[str] = []
    for target, value in targets_of(item, lookup):
        if target is not None:
            targets.append(target.address)
        else:
            written = text(value)
            targets.extend([written] if written else references(value))
    return PoolerDeclaration(
        name=text(item.attributes.get("name")) or item.name,
        platform="rds-proxy",
        at=item.at,
        environment=item.environment,
        default_mode="transaction",
        default_pool_size=None,
        default_max_client_conn=None,
        percent_of_server=percent,
        port=5432,
        targets=tuple(targets),
        resource=item,
        settings=settings if isinstance(settings, Mapping) else None,
        origin=item.origin,
    )


def _machine(item: Resource) -> PoolerDeclaration | None:
    """A virtual machine called after a pooler, by its name or its tags: its settings are made when it starts."""
    tags = [value for key in ("tags", "labels") if isinstance(value := item.attributes.get(key), Mapping)]
    named = [item.attributes.get("name"), *(one.items.get("Name") for one in tags)]
    words = " ".join([item.name, *(text(value) or "" for value in named)]).lower()
    product = _PRODUCT.search(words)
    if product is None or _NO_POOLER.search(words):
        return None
    unknown = Unknown("set up when the machine starts", item.at)
    return PoolerDeclaration(
        name=item.name,
        platform=product.group(),
        at=item.at,
        environment=item.environment,
        mode=unknown,
        pool_size=unknown,
        max_client_conn=unknown,
        targets=references(item.attributes),
        resource=item,
        origin=item.origin,
    )


def _digitalocean(item: Resource, lookup: Lookup) -> PoolerDeclaration:
    attributes = item.attributes
    cluster = lookup.target(attributes.get("cluster_id"), ("digitalocean_database_cluster",), ("id", "name"))
    database = PoolerDatabase(
        name=text(attributes.get("db_name")) or item.name,
        user=text(attributes.get("user")),
        pool_size=attributes.get("size"),
        at=item.at,
    )
    return PoolerDeclaration(
        name=text(attributes.get("name")) or item.name,
        platform="digitalocean",
        at=item.at,
        environment=item.environment,
        mode=attributes.get("mode"),
        default_mode="transaction",
        databases=(database,),
        pool_size=attributes.get("size"),
        default_pool_size=None,
        default_max_client_conn=None,
        total_size=attributes.get("size"),
        port=25061,
        targets=(cluster.address,) if cluster is not None else references(attributes.get("cluster_id")),
        resource=item,
        origin=item.origin,
    )
