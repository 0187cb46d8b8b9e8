"""What infrastructure files declare, normalised: servers, poolers, workloads, alerts.

Readers of each platform yield these beside their raw Resources; the budget package joins them
with each other and with the program's pools. Everything that was not written stays None;
what was written but cannot be told is Unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pgconnlint.infra.dockerfile import Image
from pgconnlint.infra.resource import Mapping, Resource, Value
from pgconnlint.text import Location

PLATFORMS = frozenset({
    "rds", "aurora", "cloudsql", "alloydb", "azure", "digitalocean", "cnpg", "zalando", "crunchy", "percona",
    "stackgres", "kubedb", "bitnami", "kubernetes", "compose", "conf", "declared",
})  # fmt: skip
"""What a ServerDeclaration.platform can be."""

POOLERS = frozenset({
    "pgbouncer", "cnpg", "zalando", "crunchy", "percona", "stackgres", "rds-proxy", "digitalocean", "azure",
    "cloudsql", "pgpool", "pgcat", "odyssey", "supavisor", "chart", "label", "sign",
})  # fmt: skip
"""What a PoolerDeclaration.platform can be."""

WORKLOADS = frozenset({
    "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Rollout", "compose.service", "ecs", "lambda",
    "cloudrun", "procfile",
})  # fmt: skip
"""The usual WorkloadDeclaration.kind; other kinds of Kubernetes keep their own name."""


@dataclass(frozen=True, slots=True)
class ServerDeclaration:
    """One PostgreSQL server (or cluster member kind) as declared on one platform.

    ``settings`` holds what is set explicitly, by parameter name in lower case
    (max_connections, shared_buffers, superuser_reserved_connections ...): raw values as written.
    ``default_max_connections`` is the platform's own default for this very instance, with the
    reason in ``default_reason`` ("LEAST({DBInstanceClassMemory/9531392},5000) of db.t3.medium").
    ``memory_bytes`` is the memory of the machine or container that runs the server.
    """

    name: str
    platform: str  # see PLATFORMS
    at: Location
    environment: str = ""
    version: Value | None = None
    settings: dict[str, Value] = field(default_factory=dict)
    settings_complete: bool = True  # False: a file or parameter group we could not read may set more
    settings_at: Location | None = None  # where a missing setting would be written
    default_max_connections: int | None = None
    default_reason: str = ""
    default_follows_memory: bool = False
    provider_reserved: int = 0  # slots the provider keeps beyond the server's own settings
    memory_bytes: int | None = None
    memory_at: Location | None = None
    memory_label: str = ""  # "db.t3.medium", "limits.memory 512Mi"
    hosts: tuple[str, ...] = ()  # names by which clients address it, lower case
    references: tuple[str, ...] = ()  # addresses of resources that are this server (Terraform, charts)
    replica_of: str | None = None
    secrets: tuple[str, ...] = ()  # Kubernetes Secrets with its credentials; clients' addresses stand there too
    instances: Value | None = None
    role_limits: dict[str, Value] = field(default_factory=dict)  # CONNECTION LIMIT by role, without -1
    serverless: bool = False
    resource: Resource | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class PoolerDatabase:
    """One line of [databases] or its equivalent. None: inherits the pooler's setting."""

    name: str
    host: str | None = None
    port: int | None = None
    dbname: str | None = None
    user: str | None = None  # forced user: one pool for all clients
    pool_size: Value | None = None
    reserve: Value | None = None
    max_db_connections: Value | None = None
    pool_mode: Value | None = None
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class PoolerDeclaration:
    """One pooler as declared: PgBouncer in any form, RDS Proxy, managed pools, Pgpool ..."""

    name: str
    platform: str  # see POOLERS
    at: Location
    environment: str = ""
    mode: Value | None = None  # None: nothing written, see default_mode
    default_mode: str = "session"
    databases: tuple[PoolerDatabase, ...] = ()
    users: Value | None = None  # number of distinct users, where it can be told
    pool_size: Value | None = None
    default_pool_size: int | None = 20
    reserve_size: Value | None = None
    reserve_timeout: Value | None = None
    max_db_connections: Value | None = None
    max_client_conn: Value | None = None
    default_max_client_conn: int | None = 100
    percent_of_server: Value | None = None  # RDS Proxy
    total_size: Value | None = None  # platforms that give one number for everything
    auth_type: Value | None = None
    version: str | None = None
    processes: Value | None = None  # pods or so_reuseport processes; None: one
    sidecar_of: str | None = None  # the workload in whose pods it runs
    hosts: tuple[str, ...] = ()
    port: int | None = None
    targets: tuple[str, ...] = ()  # hosts, cluster names or resource addresses behind it
    enabled: bool = True
    resource: Resource | None = None
    settings: Mapping | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a workload. ``environment_variables`` are resolved where possible."""

    name: str
    image: Value | None
    at: Location
    command: tuple[Value, ...] = ()
    arguments: tuple[Value, ...] = ()
    environment_variables: dict[str, Value] = field(default_factory=dict)
    memory_bytes: int | None = None
    memory_at: Location | None = None
    ports: tuple[int, ...] = ()
    sidecar: bool = False  # a native sidecar (init container that stays)
    build: str | None = None  # build context, relative to the root
    dockerfile: str | None = None  # the Dockerfile it is built from, relative to the root
    probes: tuple[str, ...] = ()  # the commands or paths of liveness probes
    base: str = ""  # the image it is built FROM, where the repository says how it is built


@dataclass(frozen=True, slots=True)
class WorkloadDeclaration:
    """Something that runs containers or functions and may connect to a server."""

    name: str
    kind: str  # see WORKLOADS
    at: Location
    environment: str = ""
    namespace: str = ""
    replicas: Value | None = None
    max_replicas: Value | None = None  # from an autoscaler
    min_replicas: Value | None = None
    surge: Value | None = None  # absolute number or percentage text, as written
    strategy: str = "RollingUpdate"  # RollingUpdate, Recreate, BlueGreen, OnDelete, none
    containers: tuple[Container, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    concurrency: Value | None = None  # serverless: concurrent instances
    autoscaler_at: Location | None = None
    parallelism: Value | None = None
    development: bool = False  # a development Compose file
    references: tuple[str, ...] = ()  # resources it refers to (Terraform addresses)
    resource: Resource | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class AlertDeclaration:
    """One alerting or recording rule, or a sign that a monitoring stack is here."""

    name: str
    kind: str  # alert, record, exporter, stack, cloudwatch
    at: Location
    expression: str = ""
    expression_at: Location | None = None
    environment: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """Everything one reader found. Readers return these; the project adds them up."""

    resources: tuple[Resource, ...] = ()
    servers: tuple[ServerDeclaration, ...] = ()
    poolers: tuple[PoolerDeclaration, ...] = ()
    workloads: tuple[WorkloadDeclaration, ...] = ()
    alerts: tuple[AlertDeclaration, ...] = ()
    services: tuple[NetworkService, ...] = ()
    images: tuple[Image, ...] = ()
    builds: tuple[Build, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """Which folder an image is built from, as a pipeline or script says: `docker build -f DOCKERFILE -t IMAGE CONTEXT`.

    ``image`` has neither registry nor tag; paths are relative to the root.
    """

    image: str
    context: str
    at: Location
    dockerfile: str | None = None


@dataclass(frozen=True, slots=True)
class NetworkService:
    """A name clients connect to and the labels it selects (a Kubernetes Service, a Compose service)."""

    name: str
    namespace: str
    environment: str
    selector: dict[str, str]
    at: Location
    external: str | None = None
    port: int | None = None
    target_port: int | None = None
    origin: str = ""
