"""Who talks to whom: addresses, references and the one server that is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pgconnlint.budget.endpoints import Endpoint
from pgconnlint.budget.model import Route
from pgconnlint.config import Config
from pgconnlint.infra.model import PoolerDeclaration, ServerDeclaration, WorkloadDeclaration

_CLUSTER_DOMAIN = re.compile(r"(\.svc)?(\.cluster\.local)?\.?$")
_RDS_HOST = re.compile(r"^(?P<name>[\w-]+)\.(?P<kind>cluster-|cluster-ro-|proxy-)?[\w-]+\.[\w-]+\.rds\.amazonaws\.com")
_POOLER_PORTS = frozenset({6432, 6543, 25061, 9999, 8432})
"""PgBouncer, PgCat, Odyssey, Azure; Supabase, Airflow; DigitalOcean; Pgpool; Azure elastic clusters."""

_POOLER_HOST = re.compile(
    r"pgbouncer|pgcat|pgpool|odyssey|supavisor|(^|[.-])pooler([.-]|$)|\.proxy-[\w-]+\.[\w-]+\.rds\."
)
_POOLER_PARAMETER = re.compile(r"pgbouncer=true|prepared_statements=false|prepareThreshold=0|binary_parameters=yes")
_MANAGED_HOSTS = {
    "azure": ".postgres.database.azure.com",
    "digitalocean": ".db.ondigitalocean.com",
}


def same_environment(one: str, other: str) -> bool:
    """Alternatives never meet; what names no environment belongs to all of them."""
    return not one or not other or one == other


def same_network(
    client: WorkloadDeclaration | PoolerDeclaration, server: ServerDeclaration | PoolerDeclaration, host: str | None
) -> bool:
    """A Compose project is a network of its own: its short names mean nothing outside.

    A client in one may still reach a server elsewhere by a full host name.
    """
    inside = "compose" in (_network(client), _network(server))
    if not inside or (_network(client) == _network(server) and client.origin == server.origin):
        return True
    return _network(client) == "compose" and _network(server) != "compose" and host is not None and "." in host


def same_stack(one: str, other: str) -> bool:
    """Resource addresses mean something within one Terraform root only; ``one`` and ``other`` are origins."""
    first, second = one.split("@")[0], other.split("@")[0]
    return first == second or not (first.startswith("terraform:") and second.startswith("terraform:"))


def _network(thing: WorkloadDeclaration | PoolerDeclaration | ServerDeclaration) -> str:
    if isinstance(thing, ServerDeclaration):
        return thing.platform
    system = thing.resource.system if thing.resource is not None else ""
    return "compose" if system == "compose" else ""


def reaches_server(endpoint: Endpoint, server: ServerDeclaration, namespace: str = "") -> bool:
    """The address is one of the server's names."""
    if endpoint.host is None:
        return False
    host = endpoint.host
    if host_matches(host, server.hosts, namespace):
        return True
    found = _RDS_HOST.match(host)
    if found and server.platform in ("rds", "aurora"):
        return found["kind"] != "proxy-" and found["name"] == server.name.lower()
    suffix = _MANAGED_HOSTS.get(server.platform)
    return bool(suffix and host.endswith(suffix) and host.startswith(server.name.lower()))


def reaches_pooler(endpoint: Endpoint, pooler: PoolerDeclaration, namespace: str = "") -> bool:
    """The address is one of the pooler's names, and its port when both are known."""
    if endpoint.host is None:
        return False
    if endpoint.port and pooler.port and endpoint.port != pooler.port and endpoint.host in ("localhost", "127.0.0.1"):
        return False
    if host_matches(endpoint.host, pooler.hosts, namespace):
        return True
    found = _RDS_HOST.match(endpoint.host)
    return bool(
        found and found["kind"] == "proxy-" and pooler.platform == "rds-proxy" and found["name"] == pooler.name.lower()
    )


def host_matches(host: str, names: Iterable[str], namespace: str = "") -> bool:
    """``host`` names one of ``names``; Kubernetes' short and long forms are the same name."""
    wanted = _CLUSTER_DOMAIN.sub("", host.lower())
    forms = {wanted, f"{wanted}.{namespace}"} if namespace and "." not in wanted else {wanted}
    return any(_CLUSTER_DOMAIN.sub("", name.lower()) in forms for name in names)


def fronts(pooler: PoolerDeclaration, server: ServerDeclaration, servers: Sequence[ServerDeclaration]) -> bool:
    """The pooler's targets name the server; without readable targets, the only server there is."""
    if not same_environment(pooler.environment, server.environment):
        return False
    if _network(server) == "compose" and not same_network(pooler, server, None):
        return False
    everything = servers
    servers = [one for one in servers if _network(one) != "compose" or one.origin == server.origin]
    references = server.references if same_stack(pooler.origin, server.origin) else ()
    names = {server.name.lower(), *(name.lower() for name in server.hosts), *references}
    hosts = [database.host.lower() for database in pooler.databases if database.host]
    targets = [*(target.lower() for target in pooler.targets), *hosts]
    for target in targets:
        if target in names or host_matches(target, server.hosts):
            return True
        if reaches_server(Endpoint(target, None, server.at, ""), server):
            return True
    if any(target in pooler.targets for target in references):
        return True
    alone = len({one.name for one in servers if same_environment(one.environment, server.environment)}) == 1
    named = [target for target in targets if not is_anonymous(target)]
    if any(host_matches(target, one.hosts) for target in named for one in everything if one.name != server.name):
        return False  # it says which server it is for, and that is another one
    return alone and (not named or pooler.platform in ("pgbouncer", "label", "chart"))


def has_pooler_sign(endpoint: Endpoint) -> bool:
    """The address itself says that a pooler answers there: its port, host name or URL parameters.

    Port 5432 proves nothing either way.
    """
    host = endpoint.host or ""
    if endpoint.port in _POOLER_PORTS or _POOLER_HOST.search(host):
        return True
    return _POOLER_PARAMETER.search(endpoint.parameters) is not None


def is_anonymous(target: str) -> bool:
    """The address says nothing of which server it is: loopback, a socket, a placeholder."""
    return target in ("localhost", "127.0.0.1", "::1", "") or target.startswith("/") or "$" in target or "{" in target


def refers_to(workload: WorkloadDeclaration, references: Sequence[str]) -> bool:
    """The workload's references name one of the addresses, whole or as a prefix (`aws_db_instance.main.address`)."""
    return any(
        own == reference or own.startswith(reference + ".") for own in workload.references for reference in references
    )


def declared_direct(route: Route, config: Config) -> bool:
    """The configuration says that this connection goes past the pooler on purpose."""
    for direct in config.direct:
        if direct.workload is not None and direct.workload == route.workload.name:
            return True
        if direct.path is not None and (route.at.path + "/").startswith(direct.path.rstrip("/") + "/"):
            return True
    return False
