"""Cloud SQL, AlloyDB, Azure flexible server and DigitalOcean clusters as servers."""

from __future__ import annotations

from dataclasses import replace

from pgconnlint.infra import platforms
from pgconnlint.infra.model import PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.resource import Resource, Unknown, Value, text
from pgconnlint.infra.terraform import parameters
from pgconnlint.infra.terraform.lookup import Lookup, elsewhere, inside
from pgconnlint.infra.terraform.parameters import Settings


def servers(lookup: Lookup) -> list[ServerDeclaration]:
    found: list[ServerDeclaration | None] = []
    found.extend(_cloudsql(item, lookup) for item in lookup.of("google_sql_database_instance"))
    found.extend(_alloydb(item, lookup) for item in lookup.of("google_alloydb_instance"))
    found.extend(_azure(item, lookup) for item in lookup.of("azurerm_postgresql_flexible_server"))
    found.extend(_digitalocean(item, lookup) for item in lookup.of("digitalocean_database_cluster"))
    found.extend(_digitalocean_replica(item, lookup) for item in lookup.of("digitalocean_database_replica"))
    return [one for one in found if one is not None]


def _cloudsql(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    version = attributes.get("database_version")
    primary = lookup.target(attributes.get("master_instance_name"), ("google_sql_database_instance",), ("name",), item)
    source = version if text(version) or primary is None else primary.attributes.get("database_version")
    if not (text(source) or "").upper().startswith("POSTGRES"):
        return None
    tier = inside(attributes, "settings", "tier")
    name = text(tier)
    settings = parameters.named(inside(attributes, "settings", "database_flags"))
    default = platforms.cloudsql_default(name) if name else None
    replica = attributes.get("master_instance_name")
    label = text(attributes.get("name")) or item.name
    return ServerDeclaration(
        name=label,
        platform="cloudsql",
        at=item.at,
        environment=item.environment,
        version=version,
        settings=settings.values,
        settings_complete=settings.complete,
        settings_at=item.at,
        default_max_connections=default.connections if default else None,
        default_reason=default.reason if default else "",
        default_follows_memory=True,
        memory_bytes=platforms.memory("gcp", name) if name else None,
        memory_at=tier.at if tier is not None else None,
        memory_label=name or "",
        references=(item.address,),
        replica_of=primary.address if primary else elsewhere(replica),
        resource=item,
        origin=item.origin,
    )


def _alloydb(item: Resource, lookup: Lookup) -> ServerDeclaration:
    attributes = item.attributes
    settings = parameters.mapped(attributes.get("database_flags"))
    kind = text(attributes.get("instance_type"))
    primary = None
    if kind == "READ_POOL":
        others = [
            one
            for one in lookup.of("google_alloydb_instance")
            if text(one.attributes.get("instance_type")) == "PRIMARY"
        ]
        primary = others[0].address if len(others) == 1 else "a primary elsewhere"
    return ServerDeclaration(
        name=text(attributes.get("instance_id")) or item.name,
        platform="alloydb",
        at=item.at,
        environment=item.environment,
        settings=settings.values,
        settings_complete=settings.complete,
        settings_at=item.at,
        default_follows_memory=True,
        references=(item.address,),
        replica_of=primary,
        instances=inside(attributes, "read_pool_config", "node_count"),
        resource=item,
        origin=item.origin,
    )


def _azure_settings(item: Resource, lookup: Lookup) -> Settings:
    """One resource per parameter; one whose name cannot be read may set anything."""
    settings = Settings(at=item.at)
    for entry in lookup.of("azurerm_postgresql_flexible_server_configuration"):
        server = entry.attributes.get("server_id")
        if lookup.target(server, ("azurerm_postgresql_flexible_server",), ("id", "name"), entry) is not item:
            continue
        name, value = text(entry.attributes.get("name")), entry.attributes.get("value")
        if name is None:
            settings.complete = False
        elif value is not None:
            settings.values[name.lower()] = value
    return settings


def _azure(item: Resource, lookup: Lookup) -> ServerDeclaration:
    attributes = item.attributes
    sku = attributes.get("sku_name")
    name = text(sku)
    settings = _azure_settings(item, lookup)
    default = platforms.azure_default(name) if name else None
    created = text(attributes.get("create_mode"))
    source = lookup.target(attributes.get("source_server_id"), ("azurerm_postgresql_flexible_server",), ("id",))
    replica = None
    if created == "Replica":
        replica = source.address if source is not None else "a primary elsewhere"
    label = text(attributes.get("name")) or item.name
    return ServerDeclaration(
        name=label,
        platform="azure",
        at=item.at,
        environment=item.environment,
        version=attributes.get("version"),
        settings=settings.values,
        settings_complete=settings.complete,
        settings_at=item.at,
        default_max_connections=default.connections if default else None,
        default_reason=default.reason if default else "",
        default_follows_memory=True,
        provider_reserved=platforms.provider_reserved("azure"),
        memory_bytes=platforms.memory("azure", name) if name else None,
        memory_at=sku.at if sku is not None else None,
        memory_label=name or "",
        hosts=(f"{label}.postgres.database.azure.com".lower(),),
        references=(item.address,),
        replica_of=replica,
        resource=item,
        origin=item.origin,
    )


def azure_poolers(lookup: Lookup, servers: list[ServerDeclaration]) -> list[PoolerDeclaration]:
    """The built-in PgBouncer of flexible servers that switch it on (Azure's defaults: 50 per database and user)."""
    found = []
    for server in servers:
        enabled = server.settings.get("pgbouncer.enabled")
        if server.platform != "azure" or text(enabled) not in ("true", "True", "on") or enabled is None:
            continue

        def setting(name: str, of: ServerDeclaration = server) -> Value | None:
            return of.settings.get(f"pgbouncer.{name}")

        found.append(
            PoolerDeclaration(
                name=server.name,
                platform="azure",
                at=enabled.at,
                environment=server.environment,
                mode=setting("pool_mode"),
                default_mode="transaction",
                pool_size=setting("default_pool_size"),
                default_pool_size=50,
                max_client_conn=setting("max_client_conn"),
                default_max_client_conn=5000,
                hosts=server.hosts,
                port=6432,
                targets=server.references,
                resource=None,
                origin=server.origin,
            )
        )
    return found


def cloudsql_poolers(servers: list[ServerDeclaration]) -> list[PoolerDeclaration]:
    """Cloud SQL's managed connection pooling where it is switched on."""
    found = []
    for server in servers:
        item = server.resource
        if server.platform != "cloudsql" or item is None:
            continue
        enabled = inside(item.attributes, "settings", "connection_pool_config", "connection_pooling_enabled")
        if enabled is None or isinstance(enabled, Unknown) or text(enabled) != "true":
            continue
        flags = parameters.named(inside(item.attributes, "settings", "connection_pool_config", "flags")).values
        found.append(
            PoolerDeclaration(
                name=server.name,
                platform="cloudsql",
                at=enabled.at,
                environment=server.environment,
                mode=flags.get("pool_mode"),
                default_mode="transaction",
                pool_size=flags.get("default_pool_size") or flags.get("max_pool_size"),
                default_pool_size=None,
                max_client_conn=flags.get("max_client_connections") or flags.get("max_client_conn"),
                default_max_client_conn=None,
                port=6432,
                targets=server.references,
                origin=server.origin,
            )
        )
    return found


_DO_CLUSTER = (("digitalocean_database_cluster",), ("id", "name"))
_DO_OWN = frozenset({"cluster_id", "pgbouncer", "timescaledb", "id", "backup_hour", "backup_minute", "pg_partman_bgw"})
"""Arguments of digitalocean_database_postgresql_config that are no server parameters."""


def _digitalocean(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    attributes = item.attributes
    if text(attributes.get("engine")) not in ("pg", "postgres", "postgresql"):
        return None
    settings = _digitalocean_settings(item, lookup)
    return _sized_by_digitalocean(item, replace(settings, at=settings.at or item.at), None)


def _digitalocean_settings(cluster: Resource, lookup: Lookup) -> Settings:
    """What digitalocean_database_postgresql_config sets for the cluster."""
    for config in lookup.of("digitalocean_database_postgresql_config"):
        if lookup.target(config.attributes.get("cluster_id"), *_DO_CLUSTER, config) is cluster:
            written = {name: value for name, value in config.attributes.items.items() if name not in _DO_OWN}
            return Settings(written, not config.attributes.partial, config.at)
    return Settings()


def _digitalocean_replica(item: Resource, lookup: Lookup) -> ServerDeclaration | None:
    """A read-only node of its own size; it takes its parameters from the cluster."""
    primary = lookup.target(item.attributes.get("cluster_id"), *_DO_CLUSTER, item)
    if primary is None or text(primary.attributes.get("engine")) not in ("pg", "postgres", "postgresql"):
        return None
    settings = _digitalocean_settings(primary, lookup)
    if "size" not in item.attributes.items and "size" in primary.attributes.items:
        items = {**item.attributes.items, "size": primary.attributes.items["size"]}
        item = replace(item, attributes=replace(item.attributes, items=items))
    return _sized_by_digitalocean(item, replace(settings, at=item.at), primary)


def _sized_by_digitalocean(item: Resource, settings: Settings, primary: Resource | None) -> ServerDeclaration:
    attributes = item.attributes
    size = attributes.get("size")
    name = text(size)
    default = platforms.digitalocean_default(name) if name else None
    return ServerDeclaration(
        name=text(attributes.get("name")) or item.name,
        platform="digitalocean",
        at=item.at,
        environment=item.environment,
        version=attributes.get("version"),
        settings=settings.values,
        settings_complete=settings.complete,
        settings_at=settings.at or item.at,
        default_max_connections=default.connections if default else None,
        default_reason=default.reason if default else "",
        default_follows_memory=True,
        memory_bytes=platforms.memory("digitalocean", name) if name else None,
        memory_at=size.at if size is not None else None,
        memory_label=name or "",
        references=(item.address,),
        replica_of=primary.address if primary is not None else None,
        instances=attributes.get("node_count"),
        resource=item,
        origin=item.origin,
    )
