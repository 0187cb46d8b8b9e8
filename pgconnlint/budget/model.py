"""Server, pooler, demand, budget: the joined values rules and reports look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pgconnlint.infra.model import (
    AlertDeclaration,
    Container,
    PoolerDeclaration,
    ServerDeclaration,
    WorkloadDeclaration,
)
from pgconnlint.infra.resource import Value
from pgconnlint.program.facts import PoolFact
from pgconnlint.text import Location

_DEPLOYED = frozenset({"prod", "staging"})
_PLAY = frozenset({"dev", "local", "test", "sandbox", "demo", "preview"})


class Phase(StrEnum):
    """When the demand arises."""

    STEADY = "steady"
    PEAK = "peak"
    ROLLOUT = "rollout"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Factor:
    """One number in a product. ``value`` None: unknown, ``reason`` says why. ``unit``: "pods", "workers" ..."""

    value: int | None
    unit: str
    at: Location | None = None
    reason: str = ""
    assumed: bool = False  # a documented default, not written anywhere


@dataclass(frozen=True, slots=True)
class Demand:
    """Connections one client can open: the product of its factors, per phase in connections.

    ``connections[phase]`` is None when a factor is unknown. ``unbounded``: there is no upper bound at all.
    """

    name: str
    at: Location
    factors: tuple[Factor, ...]
    connections: dict[Phase, int | None]
    sums: dict[Phase, str] = field(default_factory=dict)  # "12 pods x 4 workers x (5 + 10) = 720"
    through: str | None = None  # the pooler's name
    unbounded: str = ""
    workload: WorkloadDeclaration | None = None
    container: Container | None = None
    pool: PoolFact | None = None
    pooler: PoolerDeclaration | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A container that connects to a server. ``pooler`` None: directly.

    ``special``: by a variable for migrations, replicas or listeners; ``assumed``: the address is secret; ``written``:
    only pools of its source that name the server go there, its variables name another.
    """

    workload: WorkloadDeclaration
    container: Container
    pooler: PoolerDeclaration | None
    at: Location
    special: bool
    host: str
    assumed: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """One database server in one environment with everything joined.

    All numbers in connections or bytes; None where unknown.
    """

    declaration: ServerDeclaration
    max_connections: int | None
    max_connections_at: Location | None
    max_connections_explicit: bool
    reserved: int
    shared_buffers_bytes: int | None = None
    shared_buffers_at: Location | None = None
    poolers: tuple[PoolerDeclaration, ...] = ()
    clients: tuple[WorkloadDeclaration, ...] = ()
    routes: tuple[Route, ...] = ()
    pools: tuple[PoolFact, ...] = ()
    alerts: tuple[AlertDeclaration, ...] = ()
    primary: ServerDeclaration | None = None  # of a replica

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def environment(self) -> str:
        return self.declaration.environment

    @property
    def capacity(self) -> int | None:
        """Slots ordinary roles can use."""
        if self.max_connections is None:
            return None
        return max(0, self.max_connections - self.reserved)

    @property
    def development(self) -> bool:
        """A Compose server is judged as a development one unless its file says production or staging."""
        if self.declaration.platform == "compose":
            return self.environment not in _DEPLOYED
        return self.environment in _PLAY

    @property
    def one_machine(self) -> bool:
        """Clients and server share a machine or are somebody's play: a process that ends gives back at once."""
        return self.development or self.declaration.platform == "compose"

    def setting(self, name: str) -> Value | None:
        return self.declaration.settings.get(name)


@dataclass(frozen=True, slots=True)
class Missing:
    """One number or match that no file tells: ``what`` it is, and the ``table`` and ``entry`` that declare it.

    ``table``: "service" or "server"; ``entry``: its keys and values, a value of None is the user's to fill in.
    """

    what: str
    table: str
    entry: tuple[tuple[str, str | None], ...]

    def __str__(self) -> str:
        return self.what

    @property
    def toml(self) -> str:
        """The lines for pgconnlint.toml; `N` stands for the number to fill in."""
        return "\n".join([f"[[{self.table}]]", *(f"{key} = {_toml(value)}" for key, value in self.entry)])

    @property
    def line(self) -> str:
        """The same in one line, for messages."""
        return f"[[{self.table}]] {', '.join(f'{key} = {_toml(value)}' for key, value in self.entry)}"


def _toml(value: str | None) -> str:
    return "N" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class Budget:
    """One server in one environment: capacity against every demand."""

    server: Server
    threshold: float
    demands: tuple[Demand, ...] = ()
    pooled: tuple[Demand, ...] = ()  # what clients can open on poolers' client side; not part of the sum
    undeclared: tuple[Missing, ...] = ()  # which facts to declare
    notes: tuple[str, ...] = ()

    def total(self, phase: Phase) -> int | None:
        """The sum of all demands in a phase; None when one is unknown."""
        values = [demand.connections.get(phase) for demand in self.demands]
        known = [value for value in values if value is not None]
        return sum(known) if len(known) == len(values) else None

    def exceeds(self, phase: Phase) -> bool:
        """The known demands alone are above the gate (an unknown one can only add to them)."""
        gate = self.gate
        known = sum(demand.connections.get(phase) or 0 for demand in self.demands)
        return gate is not None and known > gate

    @property
    def restart_counts(self) -> bool:
        """Whether dead clients' slots outlive them: not on one machine, nor where somebody only tries things out."""
        return not self.server.one_machine

    def excess(self, phase: Phase) -> int | None:
        """By how many connections the known demands are above the gate; None where that is unknown."""
        gate = self.gate
        return None if gate is None else sum(one.connections.get(phase) or 0 for one in self.demands) - gate

    @property
    def pooler_connections(self) -> int:
        """What the poolers alone can open at peak; an RDS Proxy's share bounds itself and does not count."""
        poolers = [one for one in self.demands if one.pooler is not None and one.pooler.platform != "rds-proxy"]
        return sum(one.connections.get(Phase.PEAK) or 0 for one in poolers)

    @property
    def pooler_exceeds(self) -> bool:
        """The poolers alone are above the server's capacity (PGC503)."""
        capacity = self.server.capacity
        return capacity is not None and self.pooler_connections > capacity

    @property
    def gate(self) -> int | None:
        """The largest demand that passes: floor(threshold x capacity)."""
        capacity = self.server.capacity
        return None if capacity is None else int(self.threshold * capacity + 1e-9)
