"""What the configuration declares instead of files: servers, and the numbers of a workload."""

from __future__ import annotations

from dataclasses import replace

from pgconnlint.config import Config, Service
from pgconnlint.config import Server as DeclaredServer
from pgconnlint.infra.model import ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Value
from pgconnlint.infra.units import memory_bytes
from pgconnlint.program.facts import PoolFact
from pgconnlint.text import Location, Position, Span

CONFIG_AT = Location("pgconnlint.toml", Position(1, 1), Position(1, 1), Span(0, 0))
_USUAL_RESERVE = 3
_SERVERLESS = frozenset({"lambda", "cloudrun", "function"})
_ONE_SHOT = frozenset({"Job", "CronJob"})


def servers_of(found: tuple[ServerDeclaration, ...], config: Config) -> list[ServerDeclaration]:
    """The files' servers with what the configuration says of them, and those that only it knows."""
    merged = [one for server in found for one in [_merged(server, config)]]
    names = {(one.name, one.environment) for one in merged}
    new = [
        _declared(one)
        for one in config.server
        if not any(name == one.name and _same(one.environment, environment) for name, environment in names)
    ]
    return [*merged, *new]


def _same(declared: str | None, environment: str) -> bool:
    return not declared or not environment or declared == environment


def _merged(server: ServerDeclaration, config: Config) -> ServerDeclaration:
    for one in config.server:
        if one.name == server.name and _same(one.environment, server.environment):
            settings = {**server.settings, **_settings(one)}
            reserved = server.provider_reserved
            if one.reserved != _USUAL_RESERVE:
                settings["reserved_connections"] = Known(0, CONFIG_AT)
                reserved = 0
            elif "superuser_reserved_connections" in server.settings:
                settings["superuser_reserved_connections"] = server.settings["superuser_reserved_connections"]
            memory = memory_bytes(one.memory) if one.memory else None
            return replace(
                server,
                settings=settings,
                provider_reserved=reserved,
                memory_bytes=memory or server.memory_bytes,
                hosts=(*server.hosts, *(host.lower() for host in one.hosts)),
            )
    return server


def _declared(one: DeclaredServer) -> ServerDeclaration:
    return ServerDeclaration(
        name=one.name,
        platform="declared",
        at=CONFIG_AT,
        environment=one.environment or "",
        settings=_settings(one),
        memory_bytes=memory_bytes(one.memory) if one.memory else None,
        hosts=(one.name.lower(), *(host.lower() for host in one.hosts)),
    )


def _settings(one: DeclaredServer) -> dict[str, Value]:
    found: dict[str, Value] = {"superuser_reserved_connections": Known(one.reserved, CONFIG_AT)}
    if one.max_connections is not None:
        found["max_connections"] = Known(one.max_connections, CONFIG_AT)
    return found


def service_of(name: str, config: Config) -> Service | None:
    """What is declared of a workload or pooler of this name; several entries complete each other, the first wins."""
    found = None
    for one in (one for one in config.service if one.workload == name):
        found = one if found is None else _completed(found, one)
    return found


def _completed(first: Service, second: Service) -> Service:
    return Service(
        workload=first.workload,
        path=first.path if first.path is not None else second.path,
        processes=first.processes if first.processes is not None else second.processes,
        pool=first.pool if first.pool is not None else second.pool,
        server=first.server if first.server is not None else second.server,
        replicas=first.replicas if first.replicas is not None else second.replicas,
    )


def with_service(workload: WorkloadDeclaration, service: Service | None) -> WorkloadDeclaration:
    """The workload with the number of its copies as declared."""
    if service is None or service.replicas is None:
        return workload
    count = Known(service.replicas, CONFIG_AT)
    if workload.kind in _SERVERLESS:
        return replace(workload, concurrency=count)
    if workload.kind in _ONE_SHOT:
        return replace(workload, parallelism=count)
    return replace(workload, replicas=count, max_replicas=None)


def declared_pool(connections: int, name: str) -> PoolFact:
    """All a process of the workload opens, as the configuration says."""
    return PoolFact("declared", "declared", "", CONFIG_AT, "pool", name, "", size=connections, size_at=CONFIG_AT)
