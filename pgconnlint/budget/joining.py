"""Joins declared servers, poolers and workloads with the program's pools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pgconnlint.budget import demands, settings
from pgconnlint.budget.endpoints import Endpoint, endpoints, talks_to_postgres
from pgconnlint.budget.matching import (
    fronts,
    has_pooler_sign,
    is_anonymous,
    reaches_pooler,
    reaches_server,
    refers_to,
    same_environment,
    same_network,
    same_stack,
)
from pgconnlint.budget.model import Budget, Demand, Route, Server
from pgconnlint.budget.roles import is_helper, is_no_client
from pgconnlint.budget.sources import as_built, pools_of, serving_pools
from pgconnlint.config import Config
from pgconnlint.infra.model import Container, Infrastructure, PoolerDeclaration, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Known
from pgconnlint.program.facts import PoolFact, Program
from pgconnlint.text import Location, Position, Span

_CONFIG_AT = Location("pgconnlint.toml", Position(1, 1), Position(1, 1), Span(0, 0))


def join(
    infrastructure: Infrastructure, program: Program, config: Config
) -> tuple[tuple[Server, ...], tuple[Budget, ...]]:
    """Every server with what stands in front of it, and its budget, one for each environment."""
    world = _World(infrastructure, program, config)
    servers: list[Server] = []
    budgets: list[Budget] = []
    for declaration in world.everything:
        for server, budget in _in_each_environment(declaration, world):
            servers.append(server)
            if declaration.replica_of is None:
                budgets.append(budget)
    return tuple(servers), tuple(budgets)


def _in_each_environment(declaration: ServerDeclaration, world: _World) -> list[tuple[Server, Budget]]:
    """A server that names no environment is there once for each of those in which something uses it."""
    joined = [
        _joined(replace(declaration, environment=environment), world)
        for environment in world.environments_of(declaration)
    ]
    used = [
        (server, budget)
        for server, budget in joined
        if server.routes or any(pooler.environment == server.environment for pooler in server.poolers)
    ]
    return used or [_joined(declaration, world)]


@dataclass(frozen=True)
class _World:
    infrastructure: Infrastructure
    program: Program
    config: Config

    @property
    def servers(self) -> list[ServerDeclaration]:
        """Declared in files and in the configuration; a bare postgresql.conf steps back behind a real server."""
        declared = [_of_config(one.name, self.config) for one in self.config.server]
        names = {one.name for one in declared}
        found = [one for one in self.infrastructure.servers if one.name not in names]
        return [*found, *declared]

    @cached_property
    def external(self) -> list[ServerDeclaration]:
        """One server for each address that clients use and nothing here declares."""
        found: dict[tuple[str, str], ServerDeclaration] = {}
        for workload in self.infrastructure.workloads:
            for container in workload.containers:
                own = is_no_client(container) or {container.at, workload.at} & self.machinery
                endpoint = None if own else self._foreign(workload, container)
                if endpoint is not None:
                    name = endpoint.host or "the database"
                    hosts = (endpoint.host,) if endpoint.host else ()
                    server = ServerDeclaration(name, "external", endpoint.at, workload.environment, hosts=hosts)
                    found.setdefault((name, workload.environment), server)
        return list(found.values())

    @cached_property
    def machinery(self) -> frozenset[Location]:
        """Where servers and shared poolers are declared: replication and pools of theirs are no clients."""
        shared = [one.at for one in self.infrastructure.poolers if one.sidecar_of is None and one.platform != "label"]
        return frozenset({*(one.at for one in self.servers), *shared})

    @cached_property
    def everything(self) -> list[ServerDeclaration]:
        return [*self.servers, *self.external]

    def _foreign(self, workload: WorkloadDeclaration, container: Container) -> Endpoint | None:
        """The first address of a container that no declared server or pooler answers to."""
        near = [
            one
            for one in self.servers
            if same_environment(one.environment, workload.environment) and same_network(workload, one, "a.b")
        ]
        poolers = [
            one
            for one in self.infrastructure.poolers
            if same_environment(one.environment, workload.environment) and same_network(workload, one, "a.b")
        ]
        own = [endpoint for endpoint in endpoints(container) if endpoint.certain]
        for endpoint in own:
            if has_pooler_sign(endpoint) and poolers:
                return None
            if any(reaches_server(endpoint, one, workload.namespace) for one in near):
                return None
            if any(reaches_pooler(endpoint, one, workload.namespace) for one in poolers):
                return None
        foreign = [one for one in own if not one.special and (one.host is not None or not near)]
        taken = {*(one.at for one in near), *(one.at for one in poolers)}
        return foreign[0] if foreign and container.at not in taken else None

    def environments_of(self, server: ServerDeclaration) -> list[str]:
        """The server's own environment, or those of everything that reaches it."""
        if server.environment:
            return [server.environment]
        taken = {one.environment for one in self.servers if one.environment}
        own = server.origin if server.platform == "compose" else None  # a Compose project is a world of its own
        around = {one.environment for one in self.infrastructure.workloads if own in (None, one.origin)}
        around |= {one.environment for one in self.infrastructure.poolers if own in (None, one.origin)}
        named = sorted(one for one in around if one and one not in taken)
        return named or [""]

    def is_alone(self, server: ServerDeclaration) -> bool:
        """No other primary server shares its environment."""
        rivals = {
            (one.name, one.origin)
            for one in self.servers
            if one.replica_of is None
            and same_environment(one.environment, server.environment)
            and not (one.platform == "conf" and server.platform != "conf")
            and ("compose" not in (one.platform, server.platform) or one.origin == server.origin)
        }
        return len(rivals - {(server.name, server.origin)}) == 0


def _of_config(name: str, config: Config) -> ServerDeclaration:
    declared = next(one for one in config.server if one.name == name)
    values = {
        "superuser_reserved_connections": Known(declared.reserved, _CONFIG_AT),
    }
    if declared.max_connections is not None:
        values["max_connections"] = Known(declared.max_connections, _CONFIG_AT)
    return ServerDeclaration(
        name=declared.name,
        platform="declared",
        at=_CONFIG_AT,
        environment=declared.environment or "",
        settings=dict(values),
        hosts=(declared.name.lower(), *(host.lower() for host in declared.hosts)),
    )


def _joined(declaration: ServerDeclaration, world: _World) -> tuple[Server, Budget]:
    slots = settings.max_connections(declaration)
    buffers, buffers_at = settings.shared_buffers_bytes(declaration)
    poolers = _poolers(declaration, world)
    routes = _routes(declaration, poolers, world)
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
    if slots.unknown:
        undeclared = (f"`max_connections` of `{declaration.name}`: {slots.unknown}", *undeclared)
    return server, Budget(server, threshold or world.config.threshold, tuple(found), tuple(pooled), undeclared)


def _poolers(server: ServerDeclaration, world: _World) -> list[PoolerDeclaration]:
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


def _routes(server: ServerDeclaration, poolers: Sequence[PoolerDeclaration], world: _World) -> list[Route]:
    """Every container that connects to the server, and through which pooler."""
    routes = []
    for workload in world.infrastructure.workloads:
        if not same_environment(workload.environment, server.environment) or _is_infrastructure(
            workload, poolers, server
        ):
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


def _is_machinery(container: Container, workload: WorkloadDeclaration, world: _World) -> bool:
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
    world: _World,
) -> Route | None:
    found = [one for one in endpoints(container) if same_network(workload, server, one.host)]
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
        return Route(workload, container, sidecar, found[0].at, False, "") if secret and found else None
    if readable or not world.is_alone(server) or not talks_to_postgres(container):
        return None
    at = found[0].at if found else container.at
    return Route(workload, container, sidecar or _only(poolers), at, False, "", assumed=True)


def _signed(endpoint: Endpoint, server: ServerDeclaration) -> PoolerDeclaration:
    """A pooler nobody declared here, but the address says that one answers."""
    return PoolerDeclaration(endpoint.host or "pooler", "sign", endpoint.at, server.environment)


def _only(poolers: Sequence[PoolerDeclaration]) -> PoolerDeclaration | None:
    """Where the address is secret and one pooler stands in front, the client is taken to use it."""
    shared = [pooler for pooler in poolers if pooler.sidecar_of is None]
    return shared[0] if len(shared) == 1 else None


def _demands(
    server: ServerDeclaration,
    poolers: Sequence[PoolerDeclaration],
    routes: Sequence[Route],
    slots: int | None,
    world: _World,
) -> tuple[list[Demand], list[Demand], tuple[str, ...]]:
    """Direct clients, poolers and declared demands; and what must be declared to know more."""
    found: list[Demand] = []
    pooled: list[Demand] = []
    undeclared: list[str] = []
    pools = serving_pools(world.program.pools)
    peers = [route.workload for route in routes]
    for route in routes:
        mine = pools_of(route.workload, route.container, pools, peers, world.config)
        service = next((one for one in world.config.service if one.workload == route.workload.name), None)
        if mine is None and service is not None and service.pool is not None:
            mine = [_declared_pool(service.pool, route)]
        if mine is None:
            if route.pooler is None and not is_helper(route.workload):
                undeclared.append(f"which source `{route.workload.name}` runs")
            continue
        declared_processes = service.processes if service else None
        own = []
        for pool in mine:
            container = as_built(route.container, pool, world.infrastructure.images)
            own.extend(demands.of_workload(route.workload, container, [pool], declared_processes))
        if route.pooler is None:
            found.extend(own)
        else:
            pooled.extend(replace(demand, through=route.pooler.name) for demand in own)
    for pooler in poolers:
        if pooler.platform == "label":
            continue
        demand = demands.of_pooler(pooler, _pods_of(pooler, world), slots)
        if pooler.platform == "rds-proxy":
            demand = demands.bounded_by_clients(demand, [one for one in pooled if one.through == pooler.name])
        found.append(demand)
    for declared in world.config.demand:
        if declared.server == server.name and same_environment(declared.environment or "", server.environment):
            found.append(demands.of_declared(declared, _CONFIG_AT))
    return found, pooled, tuple(dict.fromkeys(undeclared))


def _declared_pool(size: int, route: Route) -> PoolFact:
    return PoolFact(
        "declared", "declared", "", _CONFIG_AT, "pool", route.workload.name, "", size=size, size_at=_CONFIG_AT
    )


def _pods_of(pooler: PoolerDeclaration, world: _World) -> WorkloadDeclaration | None:
    """The workload whose pods run the pooler."""
    for workload in world.infrastructure.workloads:
        if not same_environment(workload.environment, pooler.environment):
            continue
        if pooler.sidecar_of == workload.name or (pooler.sidecar_of is None and workload.at == pooler.at):
            return workload
        if pooler.resource is not None and workload.resource is pooler.resource:
            return workload
    return None


def _unique(workloads: Iterable[WorkloadDeclaration]) -> list[WorkloadDeclaration]:
    kept: list[WorkloadDeclaration] = []
    for workload in workloads:
        if not any(workload is one for one in kept):
            kept.append(workload)
    return kept
