"""Crunchy's PostgresCluster and Percona's PerconaPGCluster, which descends from it.

Source: CrunchyData/postgres-operator at 0fbac30, percona-postgresql-operator at adafb34.
"""

from __future__ import annotations

from pgconnlint.infra.kubernetes.operators.shared import Found, elements, memory, names, parameters, place, total
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.model import PoolerDatabase, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, integer

_BOUNCER = ("spec", "proxy", "pgBouncer")


def cluster(item: Resource, scope: Scope) -> Found:
    """A PostgresCluster and the PgBouncer in its proxy section."""
    return _cluster(item, scope, "crunchy")


def percona(item: Resource, scope: Scope) -> Found:
    """A PerconaPGCluster: the same sections under another name."""
    return _cluster(item, scope, "percona")


def _cluster(item: Resource, scope: Scope, platform: str) -> Found:
    at = item.attributes
    sets = elements(at.get("spec", "instances"))
    size, where, label = memory(sets[0].get("resources")) if sets else (None, None, "")
    older = at.get("spec", "patroni", "dynamicConfiguration", "postgresql", "parameters")
    server = ServerDeclaration(
        name=item.name,
        platform=platform,
        at=item.at,
        environment=item.environment,
        version=at.get("spec", "postgresVersion"),
        settings=parameters(older, at.get("spec", "config", "parameters")),
        settings_at=place(
            item,
            ("spec", "config", "parameters"),
            ("spec", "patroni", "dynamicConfiguration", "postgresql", "parameters"),
            ("spec",),
        ),
        default_max_connections=100,
        default_reason="PostgreSQL's own default, which the operator leaves alone",
        memory_bytes=size,
        memory_at=where,
        memory_label=label,
        hosts=names(item, scope, "-primary", "-ha", "-replicas"),
        references=(item.address,),
        instances=total([one.get("replicas") for one in sets], 1),
        resource=item,
        origin=item.origin,
    )
    return Found(servers=(server,), poolers=_pooler(item, scope, platform))


def _pooler(item: Resource, scope: Scope, platform: str) -> tuple[PoolerDeclaration, ...]:
    section = item.attributes.get(*_BOUNCER)
    if not isinstance(section, Mapping) or integer(section.get("replicas")) == 0:
        return ()
    at = place(item, _BOUNCER)
    written = section.get("config", "global")
    given = parameters(written)
    made = PoolerDeclaration(
        name=f"{item.name}-pgbouncer",
        platform=platform,
        at=at,
        environment=item.environment,
        mode=given.get("pool_mode"),
        databases=(PoolerDatabase("*", at=at),),
        pool_size=given.get("default_pool_size"),
        reserve_size=given.get("reserve_pool_size"),
        reserve_timeout=given.get("reserve_pool_timeout"),
        max_db_connections=given.get("max_db_connections"),
        max_client_conn=given.get("max_client_conn"),
        processes=section.get("replicas") or Known(1, at),
        hosts=names(item, scope, "-pgbouncer"),
        port=integer(section.get("port")) or 5432,
        targets=(f"{item.name}-primary".lower(), item.name.lower()),
        settings=written if isinstance(written, Mapping) else section,
        origin=item.origin,
    )
    return (made,)
