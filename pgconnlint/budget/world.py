"""Everything that is joined, and the questions asked of all of it: servers, outsiders, environments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pgconnlint.budget.declaring import servers_of
from pgconnlint.budget.endpoints import Endpoint, endpoints
from pgconnlint.budget.matching import has_pooler_sign, reaches_pooler, reaches_server, same_environment, same_network
from pgconnlint.budget.roles import is_no_client
from pgconnlint.budget.sources import Sources
from pgconnlint.config import Config
from pgconnlint.infra.model import Container, Infrastructure, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Mapping, sequence, text
from pgconnlint.program.facts import Program
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location


@dataclass(frozen=True)
class World:
    """Infrastructure, program and configuration of one project; ``files`` None: nothing more can be read."""

    infrastructure: Infrastructure
    program: Program
    config: Config
    files: Files | None = None

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.program.pools, self.infrastructure, self.config, self.files)

    @cached_property
    def _endpoints(self) -> dict[int, tuple[Container, tuple[Endpoint, ...]]]:
        return {}

    def endpoints(self, container: Container) -> tuple[Endpoint, ...]:
        """The container's addresses, read once: every server in every environment asks for them."""
        known = self._endpoints.get(id(container))
        if known is None or known[0] is not container:
            known = self._endpoints[id(container)] = (container, endpoints(container))
        return known[1]

    @cached_property
    def servers(self) -> list[ServerDeclaration]:
        """Declared in files and in the configuration."""
        return servers_of(self.infrastructure.servers, self.config)

    @cached_property
    def external(self) -> list[ServerDeclaration]:
        """One server for each address that clients use and nothing here declares."""
        found: dict[tuple[str, str, str], ServerDeclaration] = {}
        for workload in self.infrastructure.workloads:
            for container in workload.containers:
                own = is_no_client(container) or {container.at, workload.at} & self.machinery
                endpoint = None if own else self._foreign(workload, container)
                if endpoint is not None:
                    name = endpoint.host or "the database"
                    hosts = (endpoint.host,) if endpoint.host else ()
                    origin = workload.origin if workload.kind == "compose.service" else ""
                    server = ServerDeclaration(
                        name, "external", endpoint.at, workload.environment, hosts=hosts, origin=origin
                    )
                    found.setdefault((name, workload.environment, origin), server)
        return [*found.values(), *self._of_procfiles()]

    def _of_procfiles(self) -> list[ServerDeclaration]:
        """Where nothing declares the server of a Procfile's processes, it is the platform's own."""
        if any(one.platform not in ("compose", "conf") for one in self.servers):
            return []
        for workload in self.infrastructure.workloads:
            if workload.kind == "procfile" and self.sources.of(workload, workload.containers[0], (), None):
                at = workload.containers[0].arguments[0].at
                return [ServerDeclaration("the database", "external", at, workload.environment)]
        return []

    def is_platforms_own(self, server: ServerDeclaration) -> bool:
        """The server is one that a Procfile's processes may use: declared, or whatever their platform gives them."""
        return server.platform == "declared" or any(server.at == one.at for one in self._of_procfiles())

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
        own = [endpoint for endpoint in self.endpoints(container) if endpoint.certain]
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

    def waits_for(self, workload: WorkloadDeclaration, server: ServerDeclaration) -> bool:
        """The Compose service says that it needs this server, and no other one of its project."""
        if workload.resource is None:
            return True
        needed = workload.resource.attributes.items.get("depends_on")
        names = set(needed.items) if isinstance(needed, Mapping) else {text(one) for one in sequence(needed)}
        others = {host for one in self.servers if one.origin == server.origin and one != server for host in one.hosts}
        return bool(names & set(server.hosts)) and not names & others

    def ends_first(self, workload: WorkloadDeclaration) -> bool:
        """A Compose service that others wait for until it has ended: it connects before they do, never beside them."""
        if workload.kind != "compose.service":
            return False
        for one in self.infrastructure.workloads:
            needed = one.resource.attributes.items.get("depends_on") if one.resource is not None else None
            if one.origin != workload.origin or not isinstance(needed, Mapping):
                continue
            how = needed.items.get(workload.name)
            if isinstance(how, Mapping) and text(how.items.get("condition")) == "service_completed_successfully":
                return True
        return False
