"""A pooler that keeps one server connection for each client.

In session mode a client holds its server connection until it disconnects, and applications with pools of their own
never disconnect. The pooler then multiplexes nothing: as many clients are served as there are server connections,
the rest wait. Session mode is the default of PgBouncer, of CloudNativePG's Pooler and of StackGres' sidecar, so
leaving the mode out is choosing it.

Bad:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db

[pgbouncer]
listen_addr = *
```

Good:

```pgbouncer path=pgbouncer.ini
[databases]
shop = host=db

[pgbouncer]
listen_addr = *
pool_mode = transaction
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Fix, FixPlan, Severity, Step, StepKind
from pgconnlint.infra.alternatives import in_development, speaks
from pgconnlint.infra.model import PoolerDeclaration
from pgconnlint.infra.pooler_images import takes_variables
from pgconnlint.infra.resource import Resource, Unknown, integer, text
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject
from pgconnlint.text import Location

RULE = Rule(
    id="PGC502",
    name="pooler-in-session-mode",
    severity=Severity.WARNING,
    subject=Subject.POOLER,
    formats=("conf", "kubernetes", "terraform", "compose", "helm"),
    precision="high",
    fixes=("unsafe",),
)

_NOT_CHOSEN = frozenset({"pgpool", "rds-proxy", "label", "sign", "cloudsql", "alloydb", "supavisor"})
"""Poolers without a choice of mode, or known by a sign only."""

_HELP = {
    "cnpg": "set `spec.pgbouncer.poolMode: transaction`",
    "zalando": "set `spec.connectionPooler.mode: transaction`",
    "stackgres": "set `pool_mode: transaction` in the SGPoolingConfig's `pgbouncer.ini`",
    "crunchy": "set `spec.proxy.pgBouncer.config.global.pool_mode: transaction`",
    "percona": "set `spec.proxy.pgBouncer.config.global.pool_mode: transaction`",
    "kubedb": "set `spec.connectionPool.poolMode: transaction`",
    "digitalocean": 'set `mode = "transaction"`',
    "azure": "set the server parameter `pgbouncer.pool_mode` to `transaction`",
    "odyssey": 'set `pool "transaction"`',
    "pgcat": 'set `pool_mode = "transaction"`',
}


_KEYS = {
    "cnpg": "spec/pgbouncer/poolMode",
    "zalando": "spec/connectionPooler/mode",
    "crunchy": "spec/proxy/pgBouncer/config/global/pool_mode",
    "percona": "spec/proxy/pgBouncer/config/global/pool_mode",
    "kubedb": "spec/connectionPool/poolMode",
}
"""Where the mode is written when it is not there yet."""


def check(pooler: PoolerDeclaration, project: Project) -> Iterator[Finding]:
    place = _place(pooler)
    if place is None or _configured_inside(pooler, project):
        return
    others = ((one, at) for one in project.infrastructure.poolers if (at := _place(one)) is not None)
    if not speaks(pooler, place, others):
        return
    yield Finding(
        message=_message(pooler),
        location=place,
        help=_help(pooler),
        steps=(Step(StepKind.DECLARATION, f"`{pooler.name}` is declared here", pooler.at),)
        if place != pooler.at
        else (),
        severity=Severity.NOTE if in_development(pooler) and pooler.environment else None,
        environment=pooler.environment or None,
        fix=_fix(pooler, place),
    )


def _fix(pooler: PoolerDeclaration, place: Location) -> Fix | None:
    """Transaction mode asks something of the clients (PGC3xx): never a safe fix."""
    title = "Pool in transaction mode"
    header = pooler.mode is None and not any(one.pool_mode for one in pooler.databases)
    if not header:
        change = (("key", "pool_mode"), ("old", "session"), ("text", "transaction"))
        return Fix(title, False, plan=FixPlan("set-value", (("value", place),), change))
    if pooler.platform == "pgbouncer" and pooler.resource is not None and pooler.resource.kind == "pgbouncer.ini":
        return Fix(
            title, False, plan=FixPlan("add-setting", (("below", place),), (("text", "pool_mode = transaction"),))
        )
    path = _KEYS.get(pooler.platform, "")
    if not path and pooler.resource is not None and pooler.resource.kind == "compose.service":
        path = f"services/*/environment/{_variable(pooler.resource)}"
    added = (("path", path), ("text", "transaction"))
    return Fix(title, False, plan=FixPlan("add-key", (("pooler", pooler.at),), added)) if path else None


def _variable(resource: Resource) -> str:
    """What the images of PgBouncer call the mode: edoburu's alone has no prefix."""
    return "POOL_MODE" if "edoburu" in (text(resource.attributes.get("image")) or "") else "PGBOUNCER_POOL_MODE"


def _place(pooler: PoolerDeclaration) -> Location | None:
    """Where session mode is said, or the pooler that leaves it out; None where another mode is, or may be, in force."""
    if not pooler.enabled or pooler.platform in _NOT_CHOSEN or isinstance(pooler.mode, Unknown):
        return None
    own = (text(pooler.mode) or pooler.default_mode).lower()
    lines = [one.pool_mode for one in pooler.databases]
    if lines and all(line is not None for line in lines):
        session = [line for line in lines if (text(line) or "").lower() == "session"]
        return session[0].at if len(session) == len(lines) and session[0] is not None else None
    if own != "session":
        return None
    if pooler.mode is not None:
        return pooler.mode.at
    file = pooler.settings if pooler.platform == "pgbouncer" else None
    return file.at if file is not None and not file.partial else pooler.at


def _configured_inside(pooler: PoolerDeclaration, project: Project) -> bool:
    """No file and no mode are given: what an image brings with it is not seen here."""
    if pooler.mode is not None or pooler.settings is not None or pooler.platform != "pgbouncer":
        return False
    images = [
        text(container.image) or ""
        for workload in project.infrastructure.workloads
        if workload.environment == pooler.environment and workload.name in (pooler.name, pooler.sidecar_of)
        for container in workload.containers
        if "pgbouncer" in (text(container.image) or "")
    ]
    return not pooler.databases or not any(takes_variables(image) for image in images)


def _message(pooler: PoolerDeclaration) -> str:
    said = ""
    if pooler.mode is None and not any(one.pool_mode for one in pooler.databases):
        said = ", the default because no mode is set"
    size = integer(pooler.pool_size) if pooler.pool_size is not None else pooler.default_pool_size
    clients = integer(pooler.max_client_conn) if pooler.max_client_conn is not None else pooler.default_max_client_conn
    message = f"`{pooler.name}` pools in session mode{said}: each client keeps a server connection until it disconnects"
    if size and clients and clients > size:
        message += f", so of {clients} clients {size} for each database and user are served and the others wait"
    return message


def _help(pooler: PoolerDeclaration) -> str:
    """The idiom of the place where it is written."""
    if pooler.platform in _HELP:
        return _HELP[pooler.platform]
    resource = pooler.resource
    if resource is not None and resource.system == "compose" and (pooler.settings is None or pooler.settings.partial):
        return f"set the variable `{_variable(resource)}` to `transaction`"
    return "set `pool_mode = transaction` in [pgbouncer], once the clients are ready for it (PGC3xx)"
