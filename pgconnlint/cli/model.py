"""`pgconnlint explain-model`: what was understood, and what was not and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import click

from pgconnlint.budget.missing import to_declare
from pgconnlint.budget.model import Budget, Demand, Phase, Server
from pgconnlint.cli.check import adjusted
from pgconnlint.cli.running import Opened, Settings, opened_project
from pgconnlint.cli.targets import targets
from pgconnlint.infra.kustomize import REMOTE
from pgconnlint.infra.model import PoolerDeclaration, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown, Value
from pgconnlint.masking import mask
from pgconnlint.program.facts import PoolFact
from pgconnlint.project import Project
from pgconnlint.text import Location

Node = tuple[str, list[Any]]
"""A line of the tree and the nodes below it."""


@click.command("explain-model")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def explain_model(paths: tuple[str, ...], form: str) -> None:
    """Show what was understood of servers, poolers, workloads and pools: values with places, unknowns with reasons."""
    settings = Settings(adjust=lambda config: adjusted(config, {}))
    opened = list(_all(paths or (".",), settings))
    if form == "json":
        values = [_project_values(one) for one in opened]
        click.echo(json.dumps(values if len(values) != 1 else values[0], indent=2, ensure_ascii=False, default=str))
        return
    for one in opened:
        if len(opened) > 1:
            click.echo(f"{one.target.root}:")
        click.echo("\n".join(_drawn(_tree(one.project))) or "Nothing about PostgreSQL was found.")


def _all(paths: Iterable[str], settings: Settings) -> Iterator[Opened]:
    pending = targets(paths)
    while pending:
        opened = opened_project(pending.pop(0), settings)
        yield opened
        pending.extend(one for folder in opened.nested if (one := opened.target.below(folder)))


def _tree(project: Project) -> list[Node]:
    infrastructure = project.infrastructure
    nodes = [_server(server, _budget_of(server, project.budgets)) for server in project.servers]
    nodes += [_pooler(pooler) for pooler in infrastructure.poolers]
    nodes += [_workload(workload) for workload in infrastructure.workloads]
    nodes += [_pool(pool) for pool in project.program.pools]
    nodes += [
        (f"{alert.kind} `{alert.name}`{_environment(alert.environment)}  {alert.at}", [(_shown(alert.expression), [])])
        for alert in infrastructure.alerts
        if alert.expression
    ]
    nodes += [
        (f"`{_shown(one.name)}` ? (in another repository: what it declares is not known)  {one.at}", [])
        for one in infrastructure.resources
        if one.kind == REMOTE
    ]
    return nodes


def _budget_of(server: Server, budgets: Iterable[Budget]) -> Budget | None:
    return next((budget for budget in budgets if budget.server.declaration == server.declaration), None)


def _server(server: Server, budget: Budget | None) -> Node:
    declaration = server.declaration
    below: list[Node] = [(_capacity(server), [])]
    if declaration.memory_bytes is not None:
        below.append((f"memory {declaration.memory_bytes / 2**20:,.0f} MiB ({declaration.memory_label})", []))
    below += _settings(declaration)
    below += [(f"pooler `{pooler.name}` in front  {pooler.at}", []) for pooler in server.poolers]
    below += [(f"client `{client.name}` ({client.kind})  {client.at}", []) for client in server.clients]
    if budget is not None:
        below += _budget(budget)
    return (
        f"server `{server.name}` ({declaration.platform}){_environment(server.environment)}  {declaration.at}",
        below,
    )


def _capacity(server: Server) -> str:
    if server.max_connections is None:
        return "max_connections: unknown"
    source = "written" if server.max_connections_explicit else f"default: {server.declaration.default_reason}"
    place = f"  {server.max_connections_at}" if server.max_connections_at else ""
    return (
        f"max_connections {server.max_connections} ({source}) - {server.reserved} reserved "
        f"= {server.capacity} usable{place}"
    )


def _settings(declaration: ServerDeclaration) -> list[Node]:
    nodes: list[Node] = [(f"{name} = {_valued(value)}", []) for name, value in declaration.settings.items()]
    if not declaration.settings_complete:
        nodes.append(("more may be set in a file that could not be read", []))
    return nodes


def _budget(budget: Budget) -> list[Node]:
    sums = [f"{phase} {_amount(budget.total(phase))}" for phase in Phase]
    lines: list[Node] = [_demand(demand) for demand in budget.demands]
    lines += [(f"to declare: {fact.what}", []) for fact in to_declare(budget)]
    lines += [(note, []) for note in budget.notes]
    return [(f"budget: {', '.join(sums)} against {_amount(budget.gate)} ({budget.threshold:g} of the capacity)", lines)]


def _demand(demand: Demand) -> Node:
    factors: list[Node] = []
    for factor in demand.factors:
        value = _amount(factor.value) + (" (assumed)" if factor.assumed else "")
        reason = f": {factor.reason}" if factor.reason else ""
        place = f"  {factor.at}" if factor.at else ""
        factors.append((f"{value} {factor.unit}{reason}{place}", []))
    through = f" through `{demand.through}`" if demand.through else ""
    total = demand.sums.get(Phase.PEAK) or f"{_amount(demand.connections.get(Phase.PEAK))} connections at peak"
    return f"`{demand.name}`{through}: {demand.unbounded or total}  {demand.at}", factors


def _pooler(pooler: PoolerDeclaration) -> Node:
    written = {
        "mode": pooler.mode,
        "pool_size": pooler.pool_size,
        "reserve": pooler.reserve_size,
        "max_db_connections": pooler.max_db_connections,
        "max_client_conn": pooler.max_client_conn,
        "auth_type": pooler.auth_type,
        "processes": pooler.processes,
    }
    below: list[Node] = [(f"{name} = {_valued(value)}", []) for name, value in written.items() if value is not None]
    if pooler.mode is None:
        below.insert(0, (f"mode = {pooler.default_mode} (default)", []))
    below += [(f"database `{one.name}` on {one.host or 'an unnamed host'}", []) for one in pooler.databases]
    below += [(f"in front of {target}", []) for target in pooler.targets]
    return f"pooler `{pooler.name}` ({pooler.platform}){_environment(pooler.environment)}  {pooler.at}", below


def _workload(workload: WorkloadDeclaration) -> Node:
    written = {
        "replicas": workload.replicas,
        "max_replicas": workload.max_replicas,
        "surge": workload.surge,
        "concurrency": workload.concurrency,
    }
    below: list[Node] = [(f"{name} = {_valued(value)}", []) for name, value in written.items() if value is not None]
    for container in workload.containers:
        variables: list[Node] = [
            (_variable(name, value), []) for name, value in sorted(container.environment_variables.items())
        ]
        below.append((f"container `{container.name}` {_valued(container.image)}".rstrip(), variables))
    return f"{workload.kind} `{workload.name}`{_environment(workload.environment)}  {workload.at}", below


def _variable(name: str, value: Value) -> str:
    """An environment variable; its name says whether the value is a secret."""
    line = f"{name} = {_valued(value)}"
    return mask(line) if isinstance(value, Known) else line


def _pool(pool: PoolFact) -> Node:
    size = "without a limit" if pool.unbounded else f"size {_amount(pool.size)} + {pool.overflow}"
    implicit = " (default)" if pool.size_implicit else ""
    below: list[Node] = [
        (
            _shown(
                f"{option.name} = {option.value if option.value is not None else option.variable or '?'}  {option.at}"
            ),
            [],
        )
        for option in pool.options.values()
    ]
    return f"pool `{pool.name or pool.call}` ({pool.library}) {size}{implicit}  {pool.at}", below


def _amount(value: float | None) -> str:
    return "?" if value is None else f"{value:,}"


def _environment(name: str) -> str:
    return f" in {name}" if name else ""


def _valued(value: Value | None) -> str:
    match value:
        case None:
            return ""
        case Known(value=known, at=at):
            return f"{_shown(json.dumps(known, ensure_ascii=False))}  {at}"
        case Unknown(reason=reason, at=at):
            return f"? ({reason})  {at}"
        case Mapping(items=items):
            return f"{{{', '.join(items)}}}"
        case Sequence(items=elements):
            return f"[{', '.join(_valued(element) for element in elements)}]"
    return str(value)


def _shown(text: str) -> str:
    return mask(" ".join(text.split()))[:200]


def _drawn(nodes: list[Node], indent: str = "") -> Iterator[str]:
    for index, (line, below) in enumerate(nodes):
        last = index == len(nodes) - 1
        yield f"{indent}{'`-- ' if last else '|-- '}{line}"
        yield from _drawn(below, indent + ("    " if last else "|   "))


def _project_values(opened: Opened) -> dict[str, Any]:
    project = opened.project
    return {
        "servers": [plain(server) for server in project.servers],
        "budgets": [plain(budget) for budget in project.budgets],
        "poolers": [plain(pooler) for pooler in project.infrastructure.poolers],
        "workloads": [plain(workload) for workload in project.infrastructure.workloads],
        "alerts": [plain(alert) for alert in project.infrastructure.alerts],
        "pools": [plain(pool) for pool in project.program.pools],
        "failures": [plain(failure) for failure in project.failures],
    }


def plain(value: Any, depth: int = 12) -> Any:
    """Frozen values as JSON values: places as ``path:line:column``, unknowns with their reason, secrets masked."""
    match value:
        case Location():
            return f"{value.path}:{value.start.line}:{value.start.column}"
        case Known(value=known, at=at):
            return {"value": mask(known) if isinstance(known, str) else known, "at": plain(at)}
        case Unknown(reason=reason, at=at):
            return {"unknown": reason, "at": plain(at)}
        case str() if not isinstance(value, Enum):
            return mask(value)
        case Enum():
            return str(value)
        case dict():
            return {str(key): _secret(str(key), item, depth) for key, item in value.items()}
        case frozenset() | set():
            return sorted(str(item) for item in value)
        case tuple() | list():
            return [plain(item, depth - 1) for item in value]
    if is_dataclass(value) and depth > 0:
        left_out = ("resource", "keys")  # the raw resource repeats everything
        return {
            one.name: plain(getattr(value, one.name), depth - 1) for one in fields(value) if one.name not in left_out
        }
    return value if isinstance(value, (int, float, bool)) or value is None else str(value)


def _secret(name: str, value: Any, depth: int) -> Any:
    """The value under a name; masked when the name says that it is a secret."""
    shown = plain(value, depth - 1)
    if isinstance(value, Known) and isinstance(value.value, str):
        masked = mask(f'{name}="{shown["value"]}"')
        shown["value"] = masked.removeprefix(f'{name}="').removesuffix('"')
    return shown
