"""RDS instances and Aurora clusters as servers."""

from __future__ import annotations

from pgconnlint.infra import platforms
from pgconnlint.infra.model import ServerDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value, scalar, text
from pgconnlint.infra.terraform import parameters
from pgconnlint.infra.terraform.lookup import Lookup, elsewhere, inside
from pgconnlint.infra.terraform.parameters import Settings
from pgconnlint.text import Location

POSTGRES = frozenset({"postgres", "aurora-postgresql"})
_CLUSTER_KEYS = ("cluster_identifier", "id")


def servers(lookup: Lookup) -> list[ServerDeclaration]:
    instances = [one for item in lookup.of("aws_db_instance") if (one := _instance(item, lookup))]
    clusters = [one for item in lookup.of("aws_rds_cluster") if (one := _cluster(item, lookup))]
    return [*instances, *clusters]


def _source(item: Resource, lookup: Lookup) -> Resource | None:
    """The primary of a replica."""
    return lookup.target(item.attributes.get("replicate_source_db"), ("aws_db_instance",), ("identifier", "arn"), item)


def _is_postgres(item: Resource, lookup: Lookup, group: Resource | None) -> bool:
    """Whether the engine is PostgreSQL; without a readable engine, the primary's or the parameter group's family."""
    engine = text(item.attributes.get("engine"))
    if engine is not None:
        return engine in POSTGRES
    source = _source(item, lookup)
    if source is not None and source is not item:
        return text(source.attributes.get("engine")) in POSTGRES
    family = text(group.attributes.get("family")) if group is not None else None
    return family is not None and family.startswith(("postgres", "aurora-postgresql"))


def _instance(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    settings, group = parameters.attached(attributes.get("parameter_group_name"), lookup, item)
    if not _is_postgres(item, lookup, group):
        return None
    source = _source(item, lookup)
    replicates = attributes.get("replicate_source_db")
    sized = of_class(attributes.get("instance_class"), aurora=False)
    return ServerDeclaration(
        name=text(attributes.get("identifier")) or item.name,
        platform="rds",
        at=item.at,
        environment=item.environment,
        version=attributes.get("engine_version"),
        settings=settings.values,
        settings_complete=settings.complete,
        settings_at=settings.at or item.at,
        default_max_connections=sized.default.connections if sized.default else None,
        default_reason=sized.default.reason if sized.default else "",
        default_follows_memory=True,
        memory_bytes=sized.memory,
        memory_at=sized.at,
        memory_label=sized.label,
        references=(item.address,),
        replica_of=source.address if source is not None else elsewhere(replicates),
        resource=item,
        origin=item.origin,
    )


class Sized:
    """What an instance class gives: memory in bytes, its place and label, the default of max_connections."""

    def __init__(
        self,
        memory: int | None = None,
        at: Location | None = None,
        label: str = "",
        default: platforms.Default | None = None,
    ) -> None:
        self.memory = memory
        self.at = at
        self.label = label
        self.default = default


def of_class(value: Value | None, *, aurora: bool) -> Sized:
    """The size an `instance_class` stands for; nothing where it is unknown."""
    name = text(value)
    if value is None or name is None:
        return Sized(at=value.at if value is not None else None)
    return Sized(platforms.memory("aws", name), value.at, name, platforms.rds_default(name, aurora=aurora))


def serverless(scaling: Mapping) -> Sized:
    """The size of Aurora Serverless v2 at its largest capacity."""
    largest, smallest = scaling.get("max_capacity"), scaling.get("min_capacity")
    maximum, minimum = _number(largest), _number(smallest)
    if largest is None or maximum is None:
        return Sized(at=scaling.at)
    if minimum is None and smallest is not None:
        return Sized(int(maximum * 2 * platforms.GIB), largest.at, f"{maximum:g} ACU")
    default = platforms.aurora_serverless(maximum, minimum)
    return Sized(int(maximum * 2 * platforms.GIB), largest.at, f"{maximum:g} ACU", default)


def _number(value: Value | None) -> float | None:
    match scalar(value):
        case bool() | None:
            return None
        case int(number) | float(number):
            return float(number)
        case str(written):
            try:
                return float(written)
            except ValueError:
                return None


def _members(item: Resource, lookup: Lookup) -> list[Resource]:
    return [
        one
        for one in lookup.of("aws_rds_cluster_instance")
        if lookup.target(one.attributes.get("cluster_identifier"), ("aws_rds_cluster",), _CLUSTER_KEYS, one) is item
    ]


def _cluster(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    whole, group = parameters.attached(attributes.get("db_cluster_parameter_group_name"), lookup, item)
    if not _is_postgres(item, lookup, group):
        return None
    members = _members(item, lookup)
    settings = _with_members(whole, members, lookup)
    sized = _cluster_size(item, members)
    multi_az = text(attributes.get("engine")) == "postgres"
    names = (f"{item.address}", *(member.address for member in members))
    source = attributes.get("replication_source_identifier")
    return ServerDeclaration(
        name=text(attributes.get("cluster_identifier")) or item.name,
        platform="rds" if multi_az else "aurora",
        at=item.at,
        environment=item.environment,
        version=attributes.get("engine_version"),
        settings=settings.values,
        settings_complete=settings.complete,
        settings_at=settings.at or item.at,
        default_max_connections=sized.default.connections if sized.default else None,
        default_reason=sized.default.reason if sized.default else "",
        default_follows_memory=True,
        memory_bytes=sized.memory,
        memory_at=sized.at,
        memory_label=sized.label,
        references=names,
        replica_of=elsewhere(source),
        instances=Known(len(members), item.at) if members else None,
        serverless=sized.label.endswith("ACU"),
        resource=item,
        origin=item.origin,
    )


def _with_members(whole: Settings, members: list[Resource], lookup: Lookup) -> Settings:
    """An instance's own parameter group overrides the cluster's."""
    for member in members[:1]:
        own, _ = parameters.attached(member.attributes.get("db_parameter_group_name"), lookup, member)
        return own.over(whole) if own.values or not own.complete else whole
    return whole


def _cluster_size(item: Resource, members: list[Resource]) -> Sized:
    attributes = item.attributes
    scaling = inside(attributes, "serverlessv2_scaling_configuration")
    classes = [member.attributes.get("instance_class") for member in members]
    first = classes[0] if classes else None
    if text(first) == "db.serverless":
        from pgconnlint.infra.terraform.lookup import block

        limits = block(scaling)
        return serverless(limits) if limits is not None else Sized()
    if first is not None:
        return of_class(first, aurora=True)
    if isinstance(scaling, Unknown):
        return Sized()
    return of_class(attributes.get("db_cluster_instance_class"), aurora=False)
