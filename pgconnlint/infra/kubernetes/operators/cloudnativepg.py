"""CloudNativePG: Cluster and Pooler (postgresql.cnpg.io/v1).

Source: cloudnative-pg at a95a534: the operator leaves max_connections at PostgreSQL's 100, and a Pooler changes
nothing of PgBouncer's defaults but authentication, TLS and the mode.
"""

from __future__ import annotations

from pgconnlint.infra.kubernetes.operators.shared import (
    Found,
    autoscaled,
    image_version,
    memory,
    names,
    parameters,
    place,
)
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.model import PoolerDatabase, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, text


def cluster(item: Resource, scope: Scope) -> Found:
    """A Cluster: its primary is reached as `<name>-rw`."""
    at = item.attributes
    size, where, label = memory(at.get("spec", "resources"))
    major = at.get("spec", "imageCatalogRef", "major")
    server = ServerDeclaration(
        name=item.name,
        platform="cnpg",
        at=item.at,
        environment=item.environment,
        version=image_version(at.get("spec", "imageName")) or major,
        settings=parameters(at.get("spec", "postgresql", "parameters")),
        settings_complete=_all_read(at, ("spec",), ("spec", "postgresql"), ("spec", "postgresql", "parameters")),
        settings_at=place(item, ("spec", "postgresql", "parameters"), ("spec", "postgresql"), ("spec",)),
        default_max_connections=100,
        default_reason="PostgreSQL's own default, which CloudNativePG leaves alone",
        memory_bytes=size,
        memory_at=where,
        memory_label=label,
        hosts=names(item, scope, "-rw", "-r", "-ro"),
        references=(item.address,),
        instances=at.get("spec", "instances"),
        resource=item,
        origin=item.origin,
        replica_of=_primary(at, item),
        secrets=(f"{item.name}-app", f"{item.name}-superuser"),
    )
    return Found(servers=(server,))


def _all_read(item: Mapping, *paths: tuple[str, ...]) -> bool:
    """Nothing that could not be read stands where parameters may be."""
    held = [item.get(*path) for path in paths]
    return not any(isinstance(one, Unknown) or (isinstance(one, Mapping) and one.partial) for one in held)


def _primary(spec: Mapping, item: Resource) -> str | None:
    """The cluster whose replica this one is: it has to accept as many as its primary, whatever it would need."""
    replica = spec.get("spec", "replica")
    source = text(spec.get("spec", "replica", "source"))
    if not isinstance(replica, Mapping) or source is None or text(replica.get("enabled")) == "false":
        return None
    return None if text(replica.get("primary")) == item.name else source


def pooler(item: Resource, scope: Scope) -> Found:
    """A Pooler: PgBouncer in session mode with PgBouncer's own sizes unless it says otherwise."""
    spec = item.attributes.get("spec")
    own = item.attributes.get("spec", "pgbouncer", "parameters")
    given = parameters(own)
    target = text(item.attributes.get("spec", "cluster", "name")) or ""
    kind = text(item.attributes.get("spec", "type")) or "rw"
    made = PoolerDeclaration(
        name=item.name,
        platform="cnpg",
        at=item.at,
        environment=item.environment,
        mode=item.attributes.get("spec", "pgbouncer", "poolMode"),
        databases=(PoolerDatabase("*", at=item.at),),
        pool_size=given.get("default_pool_size"),
        reserve_size=given.get("reserve_pool_size"),
        reserve_timeout=given.get("reserve_pool_timeout"),
        max_db_connections=given.get("max_db_connections"),
        max_client_conn=given.get("max_client_conn"),
        processes=autoscaled(item, scope, item.attributes.get("spec", "instances")) or Known(1, item.at),
        hosts=names(item, scope, ""),
        port=5432,
        targets=(f"{target}-{kind}".lower(), target.lower()) if target else (),
        resource=item,
        settings=own if isinstance(own, Mapping) else spec if isinstance(spec, Mapping) else None,
        origin=item.origin,
    )
    return Found(poolers=(made,))
