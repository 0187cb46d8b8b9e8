"""StackGres SGCluster with the configuration objects it names (stackgres.io/v1).

Source: ongres/stackgres at 085f6d0: a PgBouncer sidecar runs in every pod, by default in session mode with
1000 connections, which bounds nothing; superuser_reserved_connections is 8.
"""

from __future__ import annotations

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.operators.shared import Found, flag, names, parameters, place
from pgconnlint.infra.kubernetes.quantity import quantity
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.model import PoolerDatabase, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Value, text
from pgconnlint.text import Location

_SIZE = 1000
_RESERVED_ABOVE_DEFAULT = 5


def cluster(item: Resource, scope: Scope) -> Found:
    """An SGCluster: server and sidecar pooler."""
    at = item.attributes
    named = at.get("spec", "configurations", "sgPostgresConfig")
    config = scope.find("SGPostgresConfig", text(named), item)
    settings = parameters(config.attributes.get("spec", "postgresql.conf")) if config else {}
    size, where = _memory(item, scope)
    pooled = flag(at.get("spec", "pods", "disableConnectionPooling")) is not True
    hosts = names(item, scope, "", "-primary", "-replicas")
    server = ServerDeclaration(
        name=item.name,
        platform="stackgres",
        at=item.at,
        environment=item.environment,
        version=at.get("spec", "postgres", "version"),
        settings=settings,
        settings_complete=named is None or config is not None,
        settings_at=place(config, ("spec", "postgresql.conf")) if config else item.at,
        default_max_connections=100,
        default_reason="PostgreSQL's own default",
        provider_reserved=0 if "superuser_reserved_connections" in settings else _RESERVED_ABOVE_DEFAULT,
        memory_bytes=size,
        memory_at=where,
        memory_label="memory of the SGInstanceProfile" if size is not None else "",
        hosts=hosts,
        references=(item.address,),
        instances=at.get("spec", "instances"),
        resource=item,
        origin=item.origin,
    )
    return Found((server,), (_pooler(item, scope, hosts),) if pooled else ())


def _memory(item: Resource, scope: Scope) -> tuple[int | None, Location | None]:
    profile = scope.find("SGInstanceProfile", text(item.attributes.get("spec", "sgInstanceProfile")), item)
    value = profile.attributes.get("spec", "memory") if profile else None
    size = quantity(text(value) or "")
    return (size, value.at) if size is not None and value is not None else (None, None)


def _pooler(item: Resource, scope: Scope, hosts: tuple[str, ...]) -> PoolerDeclaration:
    config = scope.find("SGPoolingConfig", text(item.attributes.get("spec", "configurations", "sgPoolingConfig")), item)
    ini = config.attributes.get("spec", "pgBouncer", "pgbouncer.ini") if config else None
    section = path_get(ini, "pgbouncer")
    given = parameters(section)
    at = place(config, ("spec", "pgBouncer")) if config else item.at
    written: Value | None = given.get("default_pool_size")
    return PoolerDeclaration(
        name=f"{item.name} (sidecar)",
        platform="stackgres",
        at=at,
        environment=item.environment,
        mode=given.get("pool_mode"),
        databases=(PoolerDatabase("*", at=at),),
        pool_size=written,
        default_pool_size=_SIZE,
        reserve_size=given.get("reserve_pool_size"),
        max_db_connections=given.get("max_db_connections"),
        max_client_conn=given.get("max_client_conn"),
        default_max_client_conn=_SIZE,
        auth_type=given.get("auth_type"),
        processes=Known(1, at),
        hosts=hosts,
        port=5432,
        targets=(item.name.lower(),),
        settings=section if isinstance(section, Mapping) else None,
        origin=item.origin,
    )
