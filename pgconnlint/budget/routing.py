"""Which containers connect to a server, and through which pooler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from posixpath import dirname

from pgconnlint.budget.endpoints import Endpoint, talks_to_postgres
from pgconnlint.budget.matching import (
    has_pooler_sign,
    host_matches,
    reaches_pooler,
    reaches_server,
    refers_to,
    same_environment,
    same_network,
    same_stack,
)
from pgconnlint.budget.model import Route
from pgconnlint.budget.roles import is_no_client
from pgconnlint.budget.world import World
from pgconnlint.infra.model import Container, PoolerDeclaration, ServerDeclaration, WorkloadDeclaration
from pgconnlint.program.facts import PoolFact

_HERE = frozenset({"localhost", "127.0.0.1", "host.docker.internal"})
"""Hosts written in source as a developer's default, where variables may say otherwise."""


def routes_of(server: ServerDeclaration, poolers: Sequence[PoolerDeclaration], world: World) -> list[Route]:
    """Every container that connects to the server, and through which pooler."""
    routes = []
    for workload in world.infrastructure.workloads:
        if not same_environment(workload.environment, server.environment) or _is_infrastructure(
            workload, poolers, server
        ):
            continue
        if server.platform == "external" and _is_alternative(workload, server):
            continue
        if workload.kind == "procfile" and not world.is_platforms_own(server):
            continue
        if _is_other_chart(workload, server, world) or world.ends_first(workload):
            continue
        for container in workload.containers:
            if (
                is_no_client(container)
                or _is_machinery(container, workload, world)
                or _runs_pooler(container, workload, poolers)
            ):
                continue
            route = _route(workload, container, server, poolers, world)
            if route is not None:
                routes.append(route)
    return routes


def _is_infrastructure(
    workload: WorkloadDeclaration, poolers: Sequence[PoolerDeclaration], server: ServerDeclaration
) -> bool:
    """The server's own pods and the poolers' are no clients."""
    own = {server.at, *(pooler.at for pooler in poolers if pooler.sidecar_of is None)}
    return workload.at in own or (workload.resource is not None and workload.resource is server.resource)


def _is_alternative(workload: WorkloadDeclaration, server: ServerDeclaration) -> bool:
    """Two Compose files in one folder run instead of each other: what one's clients use is not the other's too."""
    if workload.kind != "compose.service" or not server.origin or workload.origin == server.origin:
        return False
    return dirname(workload.origin) == dirname(server.origin)


def _is_other_chart(workload: WorkloadDeclaration, server: ServerDeclaration, world: World) -> bool:
    """Charts of one repository are installed apart: a name that servers of several answer to is its own chart's."""
    charts = (workload.origin, server.origin)
    if charts[0] == charts[1] or not all(one.startswith("helm:") for one in charts):
        return False
    return any(
        one.origin != server.origin and one.origin.startswith("helm:") and not {*one.hosts}.isdisjoint(server.hosts)
        for one in world.servers
    )


def _is_machinery(container: Container, workload: WorkloadDeclaration, world: World) -> bool:
    """A container that is a server or a shared pooler itself: replication and pools of their own, no clients."""
    return bool({container.at, workload.at} & world.machinery)


def _runs_pooler(container: Container, workload: WorkloadDeclaration, poolers: Sequence[PoolerDeclaration]) -> bool:
    return any(
        pooler.at == container.at or (pooler.sidecar_of == workload.name and pooler.name == container.name)
        for pooler in poolers
    )


def _route(
    workload: WorkloadDeclaration,
    container: Container,
    server: ServerDeclaration,
    poolers: Sequence[PoolerDeclaration],
    world: World,
) -> Route | None:
    found = [one for one in world.endpoints(container) if same_network(workload, server, one.host)]
    near = same_network(workload, server, None)
    sidecar = next((one for one in poolers if one.sidecar_of == workload.name), None)
    pooled = {id(one) for one in found if any(reaches_pooler(one, each, workload.namespace) for each in poolers)}
    # an application that is given both addresses uses the pooler's; the other is for migrations and listeners
    for endpoint in sorted(found, key=lambda one: (one.special, id(one) not in pooled)):
        pooler = next((one for one in poolers if reaches_pooler(endpoint, one, workload.namespace)), None)
        if pooler is None and sidecar is not None and endpoint.host in ("localhost", "127.0.0.1"):
            pooler = sidecar
        if pooler is not None:
            return Route(workload, container, pooler, endpoint.at, endpoint.special, endpoint.host or "")
        if has_pooler_sign(endpoint) and reaches_server(endpoint, server, workload.namespace):
            signed = sidecar or _signed(endpoint, server)
            return Route(workload, container, signed, endpoint.at, endpoint.special, endpoint.host or "")
        if reaches_server(endpoint, server, workload.namespace):
            through = sidecar if sidecar is not None and sidecar.platform == "label" else None
            return Route(workload, container, through, endpoint.at, endpoint.special, endpoint.host or "")
        if has_pooler_sign(endpoint) and (through := sidecar or _only(poolers)) is not None:
            return Route(workload, container, through, endpoint.at, endpoint.special, endpoint.host or "")
    if not near:
        return None
    secrets = {f"in Secret `{name}`" for name in server.secrets} if same_stack(workload.origin, server.origin) else ()
    for endpoint in found:
        if endpoint.host is None and endpoint.reason in secrets:  # the secret the server's own password is in
            return Route(workload, container, sidecar or _only(poolers), endpoint.at, endpoint.special, "")
    references = (server.name, *server.references) if same_stack(workload.origin, server.origin) else ()
    for pooler in poolers:
        if not same_stack(workload.origin, pooler.origin):
            continue
        if pooler.resource is not None and refers_to(workload, (pooler.resource.address,)):
            return Route(workload, container, pooler, workload.at, False, "")
    if refers_to(workload, references):
        return Route(workload, container, sidecar, workload.at, False, "")
    readable = [one for one in found if one.host is not None and not one.special]
    if server.platform == "external":
        secret = server.name == "the database" and not readable and talks_to_postgres(container)
        if server.name == "the database" and workload.kind == "procfile" and not readable:
            return _by_source(workload, container, server, world)
        return Route(workload, container, sidecar, found[0].at, False, "") if secret and found else None
    if readable:
        named = _named_in_source(workload, container, server, world)
        return replace(named, written=True) if named is not None else None
    by_source = _by_source(workload, container, server, world)
    if by_source is not None:
        return by_source
    if not world.is_alone(server) or not talks_to_postgres(container):
        return None
    at = found[0].at if found else container.at
    return Route(workload, container, sidecar or _only(poolers), at, False, "", assumed=True)


def _by_source(
    workload: WorkloadDeclaration, container: Container, server: ServerDeclaration, world: World
) -> Route | None:
    """A client that nothing but its own source gives the address: a host written there, or variables of its `.env`."""
    named = _named_in_source(workload, container, server, world)
    if named is not None:
        return named
    pools = _pools(workload, container, world)
    if workload.kind == "procfile" and world.sources.of(workload, container, (), None):
        return Route(workload, container, None, container.at, False, "", assumed=True)
    if workload.kind != "compose.service" or container.build is None:
        return None
    open_pools = [pool for pool in pools if (_host(pool) or "localhost") in _HERE]
    if not open_pools or not world.waits_for(workload, server):
        return None
    return Route(workload, container, None, container.at, False, "", assumed=True)


def _named_in_source(
    workload: WorkloadDeclaration, container: Container, server: ServerDeclaration, world: World
) -> Route | None:
    for pool in _pools(workload, container, world):
        host = _host(pool)
        if host and host_matches(host, server.hosts):
            return Route(workload, container, None, pool.at, False, host)
    return None


def _pools(workload: WorkloadDeclaration, container: Container, world: World) -> list[PoolFact]:
    return world.sources.built(container, (workload,)) or world.sources.named(workload, container)


def of_route(pools: Sequence[PoolFact], route: Route, server: ServerDeclaration, world: World) -> list[PoolFact]:
    """The pools of a client's source that go to ``server``: those that name another one do not."""
    others = [
        one for one in world.servers if one is not server and same_environment(one.environment, server.environment)
    ]
    kept = []
    for pool in pools:
        host = _host(pool) if pool.url_variable is None else None
        here = host and host_matches(host, server.hosts)
        elsewhere = host and any(host_matches(host, one.hosts) for one in others)
        if here or not (route.written or elsewhere):
            kept.append(pool)
    return kept


def _host(pool: PoolFact) -> str | None:
    written = next((pool.options[key] for key in ("host", "HOST") if key in pool.options), None)
    if pool.host is None and written is not None and isinstance(written.value or written.default, str):
        return str(written.value or written.default)
    return pool.host


def _signed(endpoint: Endpoint, server: ServerDeclaration) -> PoolerDeclaration:
    """A pooler nobody declared here, but the address says that one answers."""
    return PoolerDeclaration(endpoint.host or "pooler", "sign", endpoint.at, server.environment)


def _only(poolers: Sequence[PoolerDeclaration]) -> PoolerDeclaration | None:
    """Where the address is secret and one pooler stands in front, the client is taken to use it."""
    shared = [pooler for pooler in poolers if pooler.sidecar_of is None]
    return shared[0] if len(shared) == 1 else None
