"""What each client can open: workloads times pools, poolers, declared demands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pgconnlint.budget.arithmetic import (
    PoolLine,
    pooler_process_connections,
    process_pool_connections,
    restart_pods,
    rollout_pods,
)
from pgconnlint.budget.model import Demand, Factor, Phase
from pgconnlint.config import Demand as DeclaredDemand
from pgconnlint.infra.model import Container, PoolerDeclaration, WorkloadDeclaration
from pgconnlint.infra.processes import processes, threads
from pgconnlint.infra.resource import Known, Unknown, Value, integer, text
from pgconnlint.program.facts import Option, PoolFact
from pgconnlint.text import Location

PHASES = (Phase.STEADY, Phase.PEAK, Phase.ROLLOUT, Phase.RESTART)

Count = int | Value | None
"""A number of processes: declared, read from a file of its own, or None for what the command says."""


def of_workload(
    workload: WorkloadDeclaration,
    container: Container,
    pools: Sequence[PoolFact],
    process_count: Count = None,
) -> list[Demand]:
    """One demand for each pool the container's program creates."""
    return [_of_pool(workload, container, pool, process_count) for pool in pools]


def _of_pool(workload: WorkloadDeclaration, container: Container, pool: PoolFact, process_count: Count) -> Demand:
    pods = _pod_factors(workload)
    worker = _process_factor(container, pool, process_count)
    size, overflow = _size_factors(pool, container)
    tail = tuple(factor for factor in (worker, size, overflow) if factor is not None)
    connections: dict[Phase, int | None] = {}
    sums: dict[Phase, str] = {}
    per_process = None
    if size.value is not None and (overflow is None or overflow.value is not None):
        per_process = process_pool_connections(size.value, overflow.value or 0 if overflow else 0)
    for phase in PHASES:
        factor = pods[phase]
        known = per_process is not None and factor.value is not None and worker.value is not None
        connections[phase] = factor.value * worker.value * per_process if known else None  # type: ignore[operator]  # narrowed by `known`
        sums[phase] = _sum(factor, worker, size, overflow, connections[phase])
    return Demand(
        name=workload.name,
        at=workload.at,
        factors=(pods[Phase.PEAK], *tail),
        connections=connections,
        sums=sums,
        unbounded=_unbounded(pool) if size.value is None else "",
        workload=workload,
        container=container,
        pool=pool,
    )


def _unbounded(pool: PoolFact) -> str:
    if pool.unbounded:
        return f"`{pool.call}` has no upper bound"
    if pool.unpooled and not pool.options.keys() & {"pool_size", "max_overflow"}:  # else one of two ways
        return f"`{pool.call}` opens a connection for every call"
    return ""


def _sum(pods: Factor, worker: Factor, size: Factor, overflow: Factor | None, total: int | None) -> str:
    parts = [f"{_shown(pods)} {pods.unit}"]
    if worker.value != 1:
        parts.append(f"{_shown(worker)} {worker.unit}")
    pool = f"({_shown(size)} + {_shown(overflow)})" if overflow and overflow.value != 0 else _shown(size)
    return f"{' x '.join([*parts, pool])} = {'?' if total is None else total}"


def _shown(factor: Factor) -> str:
    return "?" if factor.value is None else str(factor.value)


_COPIES = {"compose.service": "containers", "ecs": "tasks", "procfile": "instances"}


def _pod_factors(workload: WorkloadDeclaration) -> dict[Phase, Factor]:
    """Pods in each phase, with the place where the number is written."""
    if workload.kind in ("lambda", "cloudrun", "function"):
        number = _factor(workload.concurrency, "instances", workload.at, None, "no limit on concurrent instances")
        return dict.fromkeys(PHASES, number)
    unit = _COPIES.get(workload.kind, "pods")
    if workload.kind in ("Job", "CronJob"):
        number = _factor(workload.parallelism, unit, workload.at, 1)
        return dict.fromkeys(PHASES, number)
    if workload.kind == "DaemonSet" and workload.replicas is None:
        return dict.fromkeys(
            PHASES, Factor(None, unit, workload.at, "one pod on every node: the number of nodes is not here")
        )
    steady = _factor(workload.replicas, unit, workload.at, 1)
    peak = steady
    if workload.max_replicas is not None:
        peak = _factor(
            workload.max_replicas, unit, workload.autoscaler_at or workload.at, None, "the autoscaler's maximum"
        )
    if peak.value is None:
        return {Phase.STEADY: steady, Phase.PEAK: peak, Phase.ROLLOUT: peak, Phase.RESTART: peak}
    surge = text(workload.surge)
    surge_value: int | str | None = int(surge) if surge is not None and surge.isdigit() else surge
    rollout = rollout_pods(peak.value, workload.strategy, surge_value)
    if workload.kind in ("StatefulSet", "compose.service") and workload.strategy == "RollingUpdate":
        rollout = peak.value
    surge_at = workload.surge.at if workload.surge is not None else peak.at
    return {
        Phase.STEADY: steady,
        Phase.PEAK: peak,
        Phase.ROLLOUT: Factor(rollout, unit, surge_at),
        Phase.RESTART: Factor(restart_pods(peak.value), unit, peak.at),
    }


def _factor(value: Value | None, unit: str, at: Location, default: int | None, missing: str = "") -> Factor:
    match value:
        case Known():
            number = integer(value)
            return Factor(number, unit, value.at, "" if number is not None else f"`{text(value)}` is no number")
        case Unknown():
            return Factor(None, unit, value.at, value.reason)
    return Factor(default, unit, at, missing, assumed=default is not None)


def _process_factor(container: Container, pool: PoolFact, declared: Count) -> Factor:
    unit = "workers" if pool.language == "python" else "processes"
    if isinstance(declared, int):
        return Factor(declared, unit, container.at)
    found = processes((*container.command, *container.arguments), container.environment_variables)
    if found is None and isinstance(declared, Known | Unknown):
        found = declared
    if found is None:
        return Factor(1, unit, container.at, assumed=True)
    return _factor(found, unit, container.at, None)


def _size_factors(pool: PoolFact, container: Container) -> tuple[Factor, Factor | None]:
    if pool.unpooled or pool.note == "per-thread":
        return _per_thread(pool, container), None
    size = _resolved(pool, container, pool.size, pool.size_at, ("size", "pool_size", "max", "max_size", "poolSize"))
    option = pool.options.get("max_overflow")
    if option is not None and option.value is None and not pool.unbounded:
        return size, _overflow(option, container, pool)
    if not pool.overflow:
        return size, None
    at = option.at if option is not None else pool.at
    overflow = Factor(pool.overflow, "overflow connections", at, assumed=option is None)
    return size, overflow


def _overflow(option: Option, container: Container, pool: PoolFact) -> Factor:
    """An overflow that a variable sets, as deployed; unknown where the source computes it."""
    if option.variable is None:
        reason = f"the `max_overflow` of `{pool.call}` could not be read"
        return Factor(None, "overflow connections", option.at, reason)
    found = _from_variable(option, container, pool, None)
    return replace(found, unit="overflow connections")


def _per_thread(pool: PoolFact, container: Container) -> Factor:
    """One connection for each request or task that a process works on at once."""
    found = threads((*container.command, *container.arguments), container.environment_variables)
    if found is None:
        size = None if pool.unpooled else pool.size
        reason = f"the size of `{pool.call}` could not be read" if size is None else ""
        return Factor(size, "connections", pool.size_at or pool.at, reason)
    return replace(_factor(found, "connections", pool.at, None), assumed=text(found) == "1")


def _resolved(
    pool: PoolFact, container: Container, size: int | None, at: Location | None, names: Sequence[str]
) -> Factor:
    """The size as deployed: an option read from an environment variable takes the container's value."""
    option = next((pool.options[name] for name in names if name in pool.options), None)
    if option is not None and option.variable is not None:
        return _from_variable(option, container, pool, size)
    if size is None:
        reason = f"the size of `{pool.call}` could not be read"
        return Factor(None, "connections", option.at if option else pool.at, reason)
    return Factor(size, "connections", at or pool.at, assumed=pool.size_implicit)


def _from_variable(option: Option, container: Container, pool: PoolFact, size: int | None) -> Factor:
    deployed = container.environment_variables.get(option.variable or "")
    match deployed:
        case Known() if (number := integer(deployed)) is not None:
            return Factor(number, "connections", deployed.at)
        case Known() | Unknown():
            reason = f"`{option.variable}` is not a number that can be read here"
            return Factor(None, "connections", deployed.at, reason)
    if isinstance(option.default, int | float | str) and str(option.default).isdigit():
        return Factor(int(option.default), "connections", option.at)
    if size is not None:
        return Factor(size, "connections", pool.size_at or option.at)
    return Factor(None, "connections", option.at, f"the environment variable `{option.variable}` is not set here")


def of_pooler(pooler: PoolerDeclaration, workload: WorkloadDeclaration | None, server_slots: int | None) -> Demand:
    """What the pooler can open on the server. ``workload``: the pods it runs in, when they are declared."""
    one_process, factors = _pooler_process(pooler, server_slots)
    pods = _pooler_pods(pooler, workload)
    connections: dict[Phase, int | None] = {}
    sums: dict[Phase, str] = {}
    for phase in PHASES:
        number = pods[phase].value
        total = one_process * number if one_process is not None and number is not None else None
        connections[phase] = total
        inner = factors[0].unit if one_process is None else _pooler_sum(factors)
        prefix = f"{_shown(pods[phase])} {pods[phase].unit} x " if number != 1 else ""
        sums[phase] = f"{prefix}{inner} = {'?' if total is None else total}"
    return Demand(
        name=pooler.name,
        at=pooler.at,
        factors=(pods[Phase.PEAK], *factors),
        connections=connections,
        sums=sums,
        workload=workload,
        pooler=pooler,
    )


def _pooler_sum(factors: Sequence[Factor]) -> str:
    shown = " + ".join(_shown(factor) for factor in factors if factor.value)
    return f"({shown})" if " + " in shown else shown or "0"


def _pooler_pods(pooler: PoolerDeclaration, workload: WorkloadDeclaration | None) -> dict[Phase, Factor]:
    if workload is not None:
        pods = _pod_factors(workload)
        if pooler.sidecar_of is None:
            pods[Phase.RESTART] = pods[Phase.PEAK]
        return pods
    number = _factor(pooler.processes, "pooler processes", pooler.at, 1)
    return dict.fromkeys(PHASES, number)


def _pooler_process(pooler: PoolerDeclaration, server_slots: int | None) -> tuple[int | None, list[Factor]]:
    """(server connections of one process, its factors)."""
    if pooler.total_size is not None:
        factor = _factor(pooler.total_size, "server connections", pooler.at, None)
        return factor.value, [factor]
    if pooler.percent_of_server is not None or pooler.platform == "rds-proxy":
        percent = _factor(pooler.percent_of_server, "% of max_connections", pooler.at, 100)
        if percent.value is None or server_slots is None:
            return None, [percent]
        return server_slots * percent.value // 100, [
            Factor(server_slots * percent.value // 100, percent.unit, percent.at)
        ]
    size = _factor(pooler.pool_size, "server connections", pooler.at, pooler.default_pool_size)
    reserve = _factor(pooler.reserve_size, "reserve connections", pooler.at, 0)
    if text(pooler.reserve_timeout) == "0":
        reserve = Factor(0, reserve.unit, reserve.at)
    cap = _factor(pooler.max_db_connections, "max_db_connections", pooler.at, 0)
    users = _factor(pooler.users, "users", pooler.at, 1)
    if None in (size.value, reserve.value, cap.value, users.value):
        return None, [size, reserve]
    lines = []
    for database in pooler.databases or (None,):
        own_size = integer(database.pool_size) if database and database.pool_size else size.value
        own_reserve = integer(database.reserve) if database and database.reserve else reserve.value
        own_cap = integer(database.max_db_connections) if database and database.max_db_connections else cap.value
        if own_size is None or own_reserve is None:
            return None, [size, reserve]
        pairs = 1 if database and database.user else users.value or 1
        lines.append(PoolLine(own_size, own_reserve, pairs, own_cap or 0))
    total = pooler_process_connections(lines)
    if len(lines) == 1 and lines[0].users == 1 and not lines[0].max_db_connections:
        size_at = next((one.pool_size.at for one in pooler.databases if one.pool_size), size.at)
        return total, [
            Factor(lines[0].pool_connections, size.unit, size_at),
            Factor(lines[0].reserve_connections, reserve.unit, reserve.at),
        ]
    return total, [Factor(total, "server connections over all (database, user) pairs", size.at)]


def bounded_by_clients(demand: Demand, clients: Sequence[Demand]) -> Demand:
    """An RDS Proxy's share is a ceiling it reaches only when its clients do: the smaller of both counts.

    Clients that are unknown leave the demand unknown: the share alone proves nothing (PGC508 judges it).
    """
    connections: dict[Phase, int | None] = {}
    sums = dict(demand.sums)
    for phase in PHASES:
        opened = [one.connections.get(phase) for one in clients]
        share = demand.connections.get(phase)
        known = [value for value in opened if value is not None]
        if share is None or not opened or len(known) < len(opened):
            connections[phase] = None
            continue
        connections[phase] = min(share, sum(known))
        if sum(known) < share:
            sums[phase] = f"{sum(known)} from its clients, at most {share} = {sum(known)}"
    return replace(demand, connections=connections, sums=sums)


def of_declared(declared: DeclaredDemand, at: Location) -> Demand:
    """A client of another repository, as the configuration declares it."""
    per_pod = declared.processes * declared.pool
    pods = {
        Phase.STEADY: declared.replicas,
        Phase.PEAK: declared.replicas,
        Phase.ROLLOUT: declared.replicas + declared.surge,
        Phase.RESTART: restart_pods(declared.replicas),
    }
    shape = f"{declared.processes} processes x {declared.pool}" if declared.processes != 1 else f"{declared.pool}"
    return Demand(
        name=declared.name,
        at=at,
        factors=(
            Factor(declared.replicas, "pods", at),
            Factor(declared.processes, "processes", at),
            Factor(declared.pool, "connections", at),
        ),
        connections={phase: number * per_pod for phase, number in pods.items()},
        sums={phase: f"{number} pods x {shape} = {number * per_pod}" for phase, number in pods.items()},
    )
