"""KubeDB's Postgres and PgBouncer (kubedb.com)."""

from __future__ import annotations

from pgconnlint.infra.kubernetes.manifests import path_get
from pgconnlint.infra.kubernetes.operators.shared import Found, elements, memory, names, place
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.model import PoolerDatabase, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Value, text


def server(item: Resource, scope: Scope) -> Found:
    """A Postgres object; its parameters live in a Secret, so they count as unread where one is named."""
    at = item.attributes
    secret = at.get("spec", "configSecret", "name") or at.get("spec", "configuration", "secretName")
    containers = elements(at.get("spec", "podTemplate", "spec", "containers"))
    own: Value | None = next((one for one in containers if text(one.get("name")) == "postgres"), None)
    size, where, label = memory(path_get(own, "resources") or at.get("spec", "podTemplate", "spec", "resources"))
    made = ServerDeclaration(
        name=item.name,
        platform="kubedb",
        at=item.at,
        environment=item.environment,
        version=at.get("spec", "version"),
        settings_complete=secret is None,
        settings_at=place(item, ("spec",)),
        default_max_connections=100,
        default_reason="PostgreSQL's own default",
        memory_bytes=size,
        memory_at=where,
        memory_label=label,
        hosts=names(item, scope, "", "-standby"),
        references=(item.address,),
        instances=at.get("spec", "replicas"),
        resource=item,
        origin=item.origin,
    )
    return Found(servers=(made,))


def pooler(item: Resource, scope: Scope) -> Found:
    """A PgBouncer object: its connectionPool section in KubeDB's own words."""
    pool = item.attributes.get("spec", "connectionPool")
    pool = pool if isinstance(pool, Mapping) else None
    target = text(item.attributes.get("spec", "database", "databaseRef", "name"))

    def given(name: str) -> Value | None:
        return pool.get(name) if pool is not None else None

    made = PoolerDeclaration(
        name=item.name,
        platform="kubedb",
        at=item.at,
        environment=item.environment,
        mode=given("poolMode"),
        databases=(PoolerDatabase(text(item.attributes.get("spec", "database", "databaseName")) or "*", at=item.at),),
        pool_size=given("defaultPoolSize"),
        reserve_size=given("reservePoolSize"),
        reserve_timeout=given("reservePoolTimeoutSeconds"),
        max_db_connections=given("maxDBConnections"),
        max_client_conn=given("maxClientConnections"),
        auth_type=given("authType"),
        processes=item.attributes.get("spec", "replicas") or Known(1, item.at),
        hosts=names(item, scope, ""),
        targets=(target.lower(),) if target else (),
        resource=item,
        settings=pool,
        origin=item.origin,
    )
    return Found(poolers=(made,))
