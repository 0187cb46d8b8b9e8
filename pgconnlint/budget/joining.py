"""Joins declared servers, poolers and workloads with the program's pools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pgconnlint.budget import demands, settings
from pgconnlint.budget.declaring import CONFIG_AT, service_of, with_service
from pgconnlint.budget.matching import fronts, is_anonymous, same_environment
from pgconnlint.budget.missing import unlimited
from pgconnlint.budget.model import Budget, Demand, Missing, Route, Server
from pgconnlint.budget.roles import is_helper
from pgconnlint.budget.routing import of_route, routes_of
from pgconnlint.budget.world import World
from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure, PoolerDeclaration, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Known
from pgconnlint.program.facts import Program
from pgconnlint.syntax.files import Files


def join(
    infrastructure: Infrastructure, program: Program, config: Config, files: Files | None = None
) -> tuple[tuple[Server, ...], tuple[Budget, ...]]:
    """Every server with what stands in front of it, and its budget, one for each environment."""
    world = World(infrastructure, program, config, files)
    servers: list[Server] = []
    budgets: list[Budget] = []
    for declaration in world.everything:
        for server, budget in _in_each_environment(declaration, world):
            servers.append(server)
            if declaration.replica_of is None:
                budgets.append(budget)
    return tuple(servers), tuple(budgets)


def _in_each_environment(declaration: ServerDeclaration, world: World) -> list[tuple[Server, Budget]]:
    """A server that names no environment is there once for each of those whose own programs or poolers use it."""
    used = []
    for environment in world.environments_of(declaration):
        here = replace(declaration, environment=environment)
        poolers = _poolers(here, world)
        routes = routes_of(here, poolers, world)
        own = (*(route.workload.environment for route in routes), *(pooler.environment for pooler in poolers))
        if environment in own:
            used.append(_joined(here, poolers, routes, world))
    if used:
        return used
    poolers = _poolers(declaration, world)
    return [_joined(declaration, poolers, routes_of(declaration, poolers, world), world)]


def _joined(
    declaration: ServerDeclaration, poolers: Sequence[PoolerDeclaration], routes: Sequence[Route], world: World
) -> tuple[Server, Budget]:
    slots = settings.max_connections(declaration)
    buffers, buffers_at = settings.shared_buffers_bytes(declaration)
    found, pooled, undeclared = _demands(declaration, poolers, routes, slots.value, world)
    infrastructure = world.infrastructure
    primary = next((one for one in world.servers if declaration.replica_of in (one.name, *one.references)), None)
    server = Server(
        declaration=declaration,
        max_connections=slots.value,
        max_connections_at=slots.at,
        max_connections_explicit=slots.explicit,
        reserved=settings.reserved_slots(declaration),
        shared_buffers_bytes=buffers,
        shared_buffers_at=buffers_at,
        poolers=tuple(poolers),
        clients=tuple(_unique(route.workload for route in routes)),
        routes=tuple(routes),
        alerts=tuple(
            one for one in infrastructure.alerts if same_environment(one.environment, declaration.environment)
        ),
        primary=primary if declaration.replica_of else None,
        pools=tuple(demand.pool for demand in found if demand.pool is not None),
    )
    threshold = next((one.threshold for one in world.config.server if one.name == declaration.name), None)
    if slots.unknown or (slots.value is None and routes):
        what = f"`max_connections` of `{declaration.name}`: {slots.unknown or 'the server is not declared here'}"
        entry = (("name", declaration.name), ("max_connections", None))
        undeclared = (Missing(what, "server", entry), *undeclared)
    return server, Budget(server, threshold or world.config.threshold, tuple(found), tuple(pooled), undeclared)


def _poolers(server: ServerDeclaration, world: World) -> list[PoolerDeclaration]:
    found = [
        pooler for pooler in world.infrastructure.poolers if pooler.enabled and fronts(pooler, server, world.everything)
    ]
    deployed = [pooler for pooler in found if not _is_loose(pooler)]
    return deployed or found


def _is_loose(pooler: PoolerDeclaration) -> bool:
    """A configuration file for a server on the same machine that nothing here deploys: an image's default, a sample."""
    if pooler.resource is None or pooler.resource.kind != "pgbouncer.ini" or pooler.hosts:
        return False
    return all(is_anonymous(target) for target in pooler.targets)


def _demands(
    server: ServerDeclaration,
    poolers: Sequence[PoolerDeclaration],
    routes: Sequence[Route],
    slots: int | None,
    world: World,
) -> tuple[list[Demand], list[Demand], tuple[Missing, ...]]:
    """Direct clients, poolers and declared demands; and what must be declared to know more."""
    found: list[Demand] = []
    pooled: list[Demand] = []
    undeclared: list[Missing] = []
    peers = [route.workload for route in routes]
    for route in routes:
        service = service_of(route.workload.name, world.config)
        mine = world.sources.of(route.workload, route.container, peers, service)
        if mine is None:
            if route.pooler is None and not is_helper(route.workload):
                undeclared.append(world.sources.missing(route.workload, peers))
                undeclared += unlimited(with_service(route.workload, service))
            continue
        workload = with_service(route.workload, service)
        own = []
        for pool in of_route(mine, route, server, world):
            container, forked = world.sources.started(route.container, pool)
            processes = service.processes if service is not None and service.processes is not None else forked
            own.extend(demands.of_workload(workload, container, [pool], processes))
        if route.pooler is None:
            found.extend(own)
        else:
            pooled.extend(replace(demand, through=route.pooler.name) for demand in own)
    for pooler in poolers:
        if pooler.platform == "label":
            continue
        demand = demands.of_pooler(_as_declared(pooler, world.config), _pods_of(pooler, world), slots)
        if pooler.platform == "rds-proxy":
            demand = demands.bounded_by_clients(demand, [one for one in pooled if one.through == pooler.name])
        found.append(demand)
    for declared in world.config.demand:
        if declared.server == server.name and same_environment(declared.environment or "", server.environment):
            found.append(demands.of_declared(declared, CONFIG_AT))
    return found, pooled, tuple(dict.fromkeys(undeclared))


def _as_declared(pooler: PoolerDeclaration, config: Config) -> PoolerDeclaration:
    """The pooler with the number of server connections that the configuration gives each of its processes."""
    service = service_of(pooler.name, config)
    if service is None or service.pool is None:
        return pooler
    processes = Known(service.replicas, CONFIG_AT) if service.replicas is not None else pooler.processes
    return replace(pooler, total_size=Known(service.pool, CONFIG_AT), processes=processes)


def _pods_of(pooler: PoolerDeclaration, world: World) -> WorkloadDeclaration | None:
    """The workload whose pods run the pooler."""
    for workload in world.infrastructure.workloads:
        if not same_environment(workload.environment, pooler.environment):
            continue
        if (
            pooler.sidecar_of == workload.name
            or (pooler.sidecar_of is None and workload.at == pooler.at)
            or (pooler.resource is not None and workload.resource is pooler.resource)
        ):
            return with_service(workload, service_of(pooler.name, world.config))
    return None


def _unique(workloads: Iterable[WorkloadDeclaration]) -> list[WorkloadDeclaration]:
    kept: list[WorkloadDeclaration] = []
    for workload in workloads:
        if not any(workload is one for one in kept):
            kept.append(workload)
    return kept
