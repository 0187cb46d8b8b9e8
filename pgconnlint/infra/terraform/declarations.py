"""A stack's resources as servers, poolers and workloads."""

from __future__ import annotations

from dataclasses import replace

from pgconnlint.infra.model import Infrastructure, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Value, integer, text
from pgconnlint.infra.terraform import (
    aws_servers,
    aws_workloads,
    cloud_servers,
    cloud_workloads,
    helm_releases,
    known_modules,
    kubernetes_objects,
    pooler_containers,
    poolers,
)
from pgconnlint.infra.terraform.kinds import CARRIERS
from pgconnlint.infra.terraform.lookup import Lookup, references
from pgconnlint.infra.terraform.reader import Stack
from pgconnlint.syntax.files import Files


def declare(stack: Stack, files: Files) -> Infrastructure:
    """What one stack declares."""
    lookup = Lookup(stack.resources)
    kubernetes = kubernetes_objects.declarations(lookup, files)
    servers = [*aws_servers.servers(lookup), *cloud_servers.servers(lookup), *known_modules.servers(lookup)]
    found_poolers = [
        *poolers.poolers(lookup),
        *cloud_servers.azure_poolers(lookup, servers),
        *cloud_servers.cloudsql_poolers(servers),
    ]
    carried = _carried(lookup)
    workloads = [
        _with_carried(workload, carried)
        for workload in (*aws_workloads.workloads(lookup), *cloud_workloads.workloads(lookup))
    ]
    servers += pooler_containers.servers(workloads, files)
    found_poolers += [*known_modules.poolers(lookup), *pooler_containers.poolers(workloads, files)]
    releases = {item.address: item for item in helm_releases.releases(lookup)}
    charts = helm_releases.declarations(list(releases.values()), files)
    resources = tuple(releases.get(item.address, item) for item in stack.resources)
    servers = _with_roles([*servers, *kubernetes.servers, *charts.servers], lookup)
    return Infrastructure(
        resources=(*resources, *kubernetes.resources, *charts.resources),
        servers=tuple(servers),
        poolers=(*found_poolers, *kubernetes.poolers, *charts.poolers),
        workloads=tuple(
            _with_carried(workload, carried) for workload in (*workloads, *kubernetes.workloads, *charts.workloads)
        ),
        services=(*kubernetes.services, *charts.services),
    )


def _with_roles(servers: list[ServerDeclaration], lookup: Lookup) -> list[ServerDeclaration]:
    """Limits of roles, where the stack has one primary only: the provider that names the server is not read."""
    limits: dict[str, Value] = {}
    for item in lookup.of("postgresql_role"):
        name, limit = text(item.attributes.get("name")), item.attributes.get("connection_limit")
        if name is not None and limit is not None and integer(limit) != -1:
            limits[name] = limit
    primaries = [one for one in servers if one.replica_of is None]
    if not limits or len(primaries) != 1:
        return servers
    return [replace(one, role_limits=limits) if one is primaries[0] else one for one in servers]


_SECRET_NAMES = {
    "secret_id": ("google_secret_manager_secret",),
    "name": ("aws_ssm_parameter", "aws_secretsmanager_secret"),
}
_HELD_FOR = ("secret_id", "secret", "db_proxy_name")


def _carried(lookup: Lookup) -> dict[str, tuple[str, ...]]:
    """What a reference to a secret, parameter or endpoint leads on to."""
    found: dict[str, tuple[str, ...]] = {}
    for item in lookup.of(*sorted(CARRIERS), "aws_db_proxy_endpoint"):
        inner = references(item.attributes)
        found[item.address] = inner
        for key in _HELD_FOR:
            for holder in references(item.attributes.get(key)):
                found[holder] = (*found.get(holder, ()), *inner)
    for key, kinds in _SECRET_NAMES.items():
        for item in lookup.of(*kinds):
            written = text(item.attributes.get(key))
            if written is not None:
                found[f"secret:{written}"] = (item.address,)
    for proxy in lookup.of("aws_db_proxy"):
        for endpoint in lookup.of("aws_db_proxy_endpoint"):
            if lookup.target(endpoint.attributes.get("db_proxy_name"), ("aws_db_proxy",), ("name",)) is proxy:
                found[endpoint.address] = (*found.get(endpoint.address, ()), proxy.address)
    return found


def _with_carried(workload: WorkloadDeclaration, carried: dict[str, tuple[str, ...]]) -> WorkloadDeclaration:
    """Follow references through secrets and parameters to the servers behind them."""
    seen = dict.fromkeys(workload.references)
    stack = list(workload.references)
    while stack and len(seen) < 500:
        for further in carried.get(stack.pop(), ()):
            if further not in seen:
                seen[further] = None
                stack.append(further)
    return workload if len(seen) == len(workload.references) else replace(workload, references=tuple(seen))
