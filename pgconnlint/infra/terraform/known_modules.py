"""Well-known registry modules by their documented inputs (infrastructure facts 4.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from pgconnlint.infra import platforms
from pgconnlint.infra.model import PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, text
from pgconnlint.infra.terraform import aws_servers, parameters
from pgconnlint.infra.terraform.aws_servers import Sized
from pgconnlint.infra.terraform.lookup import Lookup, block, references
from pgconnlint.infra.terraform.parameters import Settings

Read = Callable[[Resource, Lookup], ServerDeclaration | None]


def servers(lookup: Lookup) -> list[ServerDeclaration]:
    """The servers that calls of well-known modules declare."""
    found = []
    for item in lookup.of("module"):
        source = (text(item.attributes.get("source")) or "").lower()
        for pattern, read in _MODULES:
            if pattern.search(source):
                server = read(item, lookup)
                found.extend([server] if server is not None else [])
                break
    return found


def poolers(lookup: Lookup) -> list[PoolerDeclaration]:
    """The RDS Proxy module, and modules whose source says that they put a pooler in front."""
    found = []
    for item in lookup.of("module"):
        source = (text(item.attributes.get("source")) or "").lower()
        family = text(item.attributes.get("engine_family"))
        if _off(item.attributes.get("create")) or (family is not None and family.upper() != "POSTGRESQL"):
            continue
        if _PROXY.search(source):
            found.append(_proxy(item, lookup))
        elif _POOLER.search(source):
            found.append(_labelled(item))
    return found


def _proxy(item: Resource, lookup: Lookup) -> PoolerDeclaration:
    attributes = item.attributes
    share = attributes.get("max_connections_percent")
    targets: list[str] = []
    for key in ("db_instance_identifier", "db_cluster_identifier"):
        value = attributes.get(key)
        server = lookup.target(value, ("aws_db_instance", "aws_rds_cluster"), ("identifier", "cluster_identifier"))
        written = text(value)
        if server is not None:
            targets.append(server.address)
        elif written:
            targets.append(written)
        else:
            targets.extend(references(value))
    return PoolerDeclaration(
        name=text(attributes.get("name")) or item.name,
        platform="rds-proxy",
        at=item.at,
        environment=item.environment,
        default_mode="transaction",
        default_pool_size=None,
        default_max_client_conn=None,
        # 90 is the module's own default
        percent_of_server=share if share is not None else Known(90, item.at),
        port=5432,
        targets=tuple(targets),
        resource=item,
        origin=item.origin,
    )


def _labelled(item: Resource) -> PoolerDeclaration:
    """A pooler about which nothing but its being there is known."""
    return PoolerDeclaration(
        name=item.name,
        platform="label",
        at=item.at,
        environment=item.environment,
        default_mode="transaction",
        default_pool_size=None,
        default_max_client_conn=None,
        targets=references(item.attributes),
        resource=item,
        origin=item.origin,
    )


def _off(value: Value | None) -> bool:
    """Switched off for certain."""
    return text(value) == "false"


def _first(item: Resource, *names: str) -> Value | None:
    return next((value for name in names if (value := item.attributes.get(name)) is not None), None)


def _server(item: Resource, platform: str, name: Value | None, settings: Settings, sized: Sized) -> ServerDeclaration:
    return ServerDeclaration(
        name=text(name) or item.name,
        platform=platform,
        at=item.at,
        environment=item.environment,
        version=_first(item, "engine_version", "database_version"),
        settings=settings.values,
        settings_complete=settings.complete and not item.attributes.partial,
        settings_at=settings.at or item.at,
        default_max_connections=sized.default.connections if sized.default else None,
        default_reason=sized.default.reason if sized.default else "",
        default_follows_memory=True,
        memory_bytes=sized.memory,
        memory_at=sized.at,
        memory_label=sized.label,
        references=(item.address,),
        resource=item,
        origin=item.origin,
    )


def _group_elsewhere(settings: Settings, value: Value | None, lookup: Lookup, created: bool) -> Settings:
    """Settings of a group made outside of the module, which the module is told to use."""
    if created or value is None:
        return settings
    own, _ = parameters.attached(value, lookup)
    return own


def _rds(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    engine = text(attributes.get("engine"))
    family = text(attributes.get("family")) or ""
    if _off(attributes.get("create_db_instance")):
        return None
    if engine != "postgres" and not (engine is None and family.startswith("postgres")):
        return None
    settings = parameters.named(attributes.get("parameters"))
    created = not _off(attributes.get("create_db_parameter_group"))
    settings = _group_elsewhere(settings, attributes.get("parameter_group_name"), lookup, created)
    server = _server(
        item,
        "rds",
        attributes.get("identifier"),
        settings,
        aws_servers.of_class(attributes.get("instance_class"), aurora=False),
    )
    source = attributes.get("replicate_source_db")
    return server if source is None else replace(server, replica_of=_primary(source))


def _primary(source: Value) -> str:
    if isinstance(source, Unknown) and source.references:
        return source.references[0]
    return text(source) or "a primary elsewhere"


def _aurora(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    engine = text(attributes.get("engine"))
    if engine not in ("aurora-postgresql", "postgres") or _off(attributes.get("create")):
        return None
    settings = Settings()
    for name in ("cluster_parameter_group", "db_parameter_group"):
        group = attributes.get(name)
        if isinstance(group, Mapping):
            settings = parameters.named(group.get("parameters")).over(settings)
        elif isinstance(group, Unknown):
            settings.complete = False
    for name in ("db_cluster_parameter_group_parameters", "db_parameter_group_parameters"):
        settings = parameters.named(attributes.get(name)).over(settings)
    for create, name in (
        ("create_db_cluster_parameter_group", "db_cluster_parameter_group_name"),
        ("create_db_parameter_group", "db_parameter_group_name"),
    ):
        value = attributes.get(name)
        if value is not None and text(attributes.get(create)) != "true":
            own, _ = parameters.attached(value, lookup)
            settings = own.over(settings)
    instances = attributes.get("instances")
    count = (
        Known(len(instances.items), instances.at) if isinstance(instances, Mapping) and not instances.partial else None
    )
    server = _server(item, "aurora", attributes.get("name"), settings, _aurora_size(item))
    return replace(server, instances=count, serverless=server.memory_label.endswith("ACU"))


def _aurora_size(item: Resource) -> Sized:
    """The class of the first instance, else of the cluster."""
    attributes = item.attributes
    size = _first(item, "cluster_instance_class", "instance_class")
    instances = attributes.get("instances")
    if isinstance(instances, Mapping):
        own = [one.get("instance_class") for one in instances.items.values() if isinstance(one, Mapping)]
        size = next((value for value in own if value is not None), size)
    if text(size) == "db.serverless":
        scaling = block(attributes.get("serverlessv2_scaling_configuration"))
        return aws_servers.serverless(scaling) if scaling is not None else Sized()
    return aws_servers.of_class(size, aurora=True)


def _cloudsql(item: Resource, lookup: Lookup) -> ServerDeclaration:
    attributes = item.attributes
    # the module's own default tier is written here as nobody's decision
    tier = attributes.get("tier")
    name = text(tier) if tier is not None else "db-f1-micro"
    default = platforms.cloudsql_default(name) if name else None
    memory = platforms.memory("gcp", name) if name else None
    sized = Sized(memory, tier.at if tier is not None else item.at, name or "", default)
    return _server(item, "cloudsql", attributes.get("name"), parameters.named(attributes.get("database_flags")), sized)


def _cloudposse_rds(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    if text(attributes.get("engine")) != "postgres" or _off(attributes.get("enabled")):
        return None
    settings = parameters.named(attributes.get("db_parameter"))
    value = attributes.get("parameter_group_name")
    settings = _group_elsewhere(settings, value, lookup, created=value is None or text(value) == "")
    return _server(
        item,
        "rds",
        attributes.get("name"),
        settings,
        aws_servers.of_class(attributes.get("instance_class"), aurora=False),
    )


def _cloudposse_cluster(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    engine = text(attributes.get("engine"))
    if engine not in ("aurora-postgresql", "postgres") or _off(attributes.get("enabled")):
        return None
    whole = parameters.named(attributes.get("cluster_parameters"))
    settings = parameters.named(attributes.get("instance_parameters")).over(whole)
    size = attributes.get("instance_type")
    if text(size) == "db.serverless":
        scaling = block(attributes.get("serverlessv2_scaling_configuration"))
        sized = aws_servers.serverless(scaling) if scaling is not None else Sized()
    else:
        sized = aws_servers.of_class(size, aurora=True)
    server = _server(item, "aurora", attributes.get("name"), settings, sized)
    return replace(server, instances=attributes.get("cluster_size"))


_PROXY = re.compile(r"terraform-aws-modules/(?:terraform-aws-)?rds-proxy(?:/aws|\.git|$|\?)")
_POOLER = re.compile(r"rds[-_]?proxy|db[-_]?proxy|pgbouncer|pgcat|pgpool")
_MODULES: tuple[tuple[re.Pattern[str], Read], ...] = (
    (re.compile(r"terraform-aws-modules/(?:terraform-aws-)?rds-aurora(?:/aws|\.git|$|\?)"), _aurora),
    (re.compile(r"terraform-aws-modules/(?:terraform-aws-)?rds(?:/aws|\.git|$|\?)"), _rds),
    (
        re.compile(
            r"(?:terraform-google-modules|googlecloudplatform)/(?:terraform-google-)?sql-db.*modules/postgresql"
        ),
        _cloudsql,
    ),
    (re.compile(r"cloudposse/(?:terraform-aws-)?rds-cluster(?:/aws|\.git|$|\?)"), _cloudposse_cluster),
    (re.compile(r"cloudposse/(?:terraform-aws-)?rds(?:/aws|\.git|$|\?)"), _cloudposse_rds),
)
PARAMETER_INPUTS = {
    "parameters": "", "db_parameter": "", "cluster_parameters": "", "instance_parameters": "",
    "db_cluster_parameter_group_parameters": "", "db_parameter_group_parameters": "",
    "cluster_parameter_group": "parameters", "db_parameter_group": "parameters",
}  # fmt: skip
"""Inputs of the AWS modules that hold parameters, and the key below which they stand."""


def is_aws(source: str) -> bool:
    """Whether the source is one of the AWS modules above."""
    return any(pattern.search(source.lower()) and read is not _cloudsql for pattern, read in _MODULES)


def parameter_lists(item: Resource) -> list[Sequence]:
    """The lists of parameters a call of a known AWS module gives."""
    found = []
    for name, inner in PARAMETER_INPUTS.items():
        value = item.attributes.get(name)
        if inner and isinstance(value, Mapping):
            value = value.get(inner)
        if isinstance(value, Sequence):
            found.append(value)
    return found
