"""Zalando's postgres-operator (acid.zalan.do/v1).

Source: postgres-operator at a7aaad0: maxDBConnections (60) is divided by the pooler's instances (2); the section
`connectionPooler` alone turns the pooler on. Spilo: max_connections is memory in MB / 30, between 100 and 1000.
"""

from __future__ import annotations

from pgconnlint.infra.kubernetes.operators.shared import Found, flag, memory, names, parameters, place
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.model import PoolerDatabase, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value, integer
from pgconnlint.text import Location

_INSTANCES = 2
_MAX_DB_CONNECTIONS = 60
_MAX_CLIENT_CONN = 10_000


def cluster(item: Resource, scope: Scope) -> Found:
    """A postgresql object: the server, and its pooler where it is enabled."""
    at = item.attributes
    size, where, label = memory(at.get("spec", "resources"))
    default = min(max(100, size // 2**20 // 30), 1000) if size is not None else None
    server = ServerDeclaration(
        name=item.name,
        platform="zalando",
        at=item.at,
        environment=item.environment,
        version=at.get("spec", "postgresql", "version"),
        settings=parameters(at.get("spec", "postgresql", "parameters")),
        settings_at=place(item, ("spec", "postgresql", "parameters"), ("spec", "postgresql"), ("spec",)),
        default_max_connections=default,
        default_reason=f"Spilo's default: {label} / 30, between 100 and 1000" if size is not None else "",
        default_follows_memory=True,
        memory_bytes=size,
        memory_at=where,
        memory_label=label,
        hosts=names(item, scope, "", "-repl"),
        references=(item.address,),
        instances=at.get("spec", "numberOfInstances"),
        resource=item,
        origin=item.origin,
    )
    return Found(servers=(server,), poolers=(_pooler(item, scope),) if _is_pooled(item) else ())


def _is_pooled(item: Resource) -> bool:
    enabled = flag(item.attributes.get("spec", "enableConnectionPooler"))
    if enabled is not None:
        return enabled
    return isinstance(item.attributes.get("spec", "connectionPooler"), Mapping)


def _pooler(item: Resource, scope: Scope) -> PoolerDeclaration:
    section = item.attributes.get("spec", "connectionPooler")
    section = section if isinstance(section, Mapping) else None
    at = place(item, ("spec", "connectionPooler"), ("spec", "enableConnectionPooler"))
    instances = section.get("numberOfInstances") if section else None
    most = section.get("maxDBConnections") if section else None
    return PoolerDeclaration(
        name=f"{item.name}-pooler",
        platform="zalando",
        at=at,
        environment=item.environment,
        mode=section.get("mode") if section else None,
        default_mode="transaction",
        databases=(PoolerDatabase("*", at=at),),
        total_size=_per_pod(most, instances, at),
        default_max_client_conn=_MAX_CLIENT_CONN,
        processes=instances or Known(_INSTANCES, at),
        hosts=names(item, scope, "-pooler", "-pooler-repl"),
        port=5432,
        targets=(item.name.lower(),),
        resource=None,
        settings=section,
        origin=item.origin,
    )


def _per_pod(most: Value | None, instances: Value | None, at: Location) -> Value:

    for value in (most, instances):
        if isinstance(value, Unknown):
            return value
    limit = integer(most) if most is not None else _MAX_DB_CONNECTIONS
    pods = integer(instances) if instances is not None else _INSTANCES
    where = most.at if most is not None else at
    if limit is None or not pods:
        return Unknown("`maxDBConnections` is no number", where)
    return Known(limit // pods, where)
