"""Charts that are known by their values: what a release declares when its templates are not in the repository.

Names, defaults and keys: the charts' own values files (facts on charts, section 5.8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pgconnlint.infra import chart_poolers
from pgconnlint.infra.chart_values import Installed, at_path, fullname, hosts, memory, snake_case
from pgconnlint.infra.model import AlertDeclaration, Infrastructure, PoolerDeclaration, ServerDeclaration
from pgconnlint.infra.postgres import command_line_settings, setting_problems, settings_from_text
from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, sequence, text
from pgconnlint.infra.yaml_values import embedded
from pgconnlint.syntax.files import Files
from pgconnlint.text import Location

DEFAULT_MAX_CONNECTIONS = 100

_CNPG = re.compile(r"cloudnative-pg|cnpg|enterprisedb", re.IGNORECASE)


def declarations_from_values(
    chart: str,
    release: str,
    values: Mapping | None,
    at: Location,
    environment: str = "",
    origin: str = "",
    *,
    repository: str = "",
    namespace: str = "",
    files: Files | None = None,
    alias: str = "",
) -> Infrastructure:
    """What a release of ``chart`` declares, told by the values it is installed with; nothing for unknown charts.

    ``chart`` may carry a repository (`bitnami/postgresql`, `oci://registry/charts/postgresql`). ``values`` are
    merged already; ``at`` is the release itself. ``files`` lets blocks of text in the values keep their places.
    ``alias`` is the name a parent chart gives it.
    """
    name = chart.rstrip("/").rsplit("/", 1)[-1].lower()
    given = values if values is not None else Mapping({}, at)
    installed = Installed(
        name, release, given, at, environment, origin, f"{repository} {chart}", namespace, files, alias
    )
    return _declared(installed)


def _declared(installed: Installed) -> Infrastructure:
    match installed.chart:
        case "postgresql":
            return _postgresql(installed)
        case "postgresql-ha":
            return _postgresql_ha(installed)
        case "pgbouncer" | "pg-bouncer" | "postgres-pgbouncer":
            return chart_poolers.pgbouncer(installed)
        case "pgdog":
            return chart_poolers.pgdog(installed)
        case "airflow":
            return _airflow(installed)
        case "cluster" | "cnpg-cluster" | "cloudnative-pg-cluster" if _is_cnpg(installed):
            return _cnpg(installed)
        case "pg-db":
            return _percona(installed)
    return _embedded_server(installed)


def _is_cnpg(installed: Installed) -> bool:
    return installed.chart != "cluster" or bool(_CNPG.search(installed.source)) or "poolers" in installed.values.items


@dataclass(frozen=True, slots=True)
class _Settings:
    """Server settings found in values; ``complete``: nothing unread can add to them."""

    known: dict[str, Value]
    complete: bool
    problems: tuple[Resource, ...] = ()


def _postgresql(installed: Installed) -> Infrastructure:
    """The bitnami chart, its predecessor in `stable`, and those that copy its values."""
    values = installed.values
    name = fullname(installed, "postgresql")
    settings = _bitnami_settings(installed)
    current = text(values.get("architecture")) == "replication"
    replicated = current or text(at_path(values, "replication.enabled")) == "true"
    primary = f"{name}-primary" if current else name
    place = _first_place(installed, "primary.extendedConfiguration", "primary.configuration", "primary")
    bytes_, memory_at = memory(installed, "primary.resources", "master.resources", "resources")
    preset = text(at_path(values, "primary.resourcesPreset"))
    label = f"limits.memory {text(at_path(values, 'primary.resources.limits.memory')) or ''}".strip()
    if bytes_ is None and preset in _PRESETS:
        bytes_, label = _PRESETS[preset], f"resourcesPreset {preset}"
        memory_at = _first_place(installed, "primary.resourcesPreset")
    server = ServerDeclaration(
        name=name,
        platform="bitnami",
        at=installed.at,
        environment=installed.environment,
        version=_version(values),
        settings=settings.known,
        settings_complete=settings.complete and not values.partial,
        settings_at=place,
        default_max_connections=DEFAULT_MAX_CONNECTIONS,
        default_reason="PostgreSQL's default, which the chart leaves alone",
        memory_bytes=bytes_,
        memory_at=memory_at,
        memory_label=label if bytes_ is not None else "",
        hosts=hosts(installed, primary, f"{primary}-hl"),
        instances=_replicas(values) if replicated else None,
        secrets=_secrets(values),
        resource=installed.resource(),
        origin=installed.origin,
    )
    return Infrastructure(resources=(installed.resource(), *settings.problems), servers=(server,))


def _secrets(values: Mapping) -> tuple[str, ...]:
    paths = ("auth.existingSecret", "global.postgresql.auth.existingSecret", "existingSecret")
    return tuple(name for path in paths if (name := text(at_path(values, path))))


_PRESETS = {
    "nano": 192 << 20, "micro": 384 << 20, "small": 768 << 20, "medium": 1536 << 20, "large": 3072 << 20,
    "xlarge": 6144 << 20, "2xlarge": 12288 << 20,
}  # fmt: skip
"""limits.memory of bitnami's resource presets (common chart, _resources.tpl)."""


def _replicas(values: Mapping) -> Value | None:
    written = at_path(values, "readReplicas.replicaCount") or at_path(values, "replication.slaveReplicas")
    if isinstance(written, Known) and isinstance(written.value, int | float):
        return Known(int(written.value) + 1, written.at)
    return written if isinstance(written, Unknown) else Known(2, values.at)


def _first_place(installed: Installed, *paths: str) -> Location:
    """Where the first of these keys is written, else the release itself."""
    for path in paths:
        value = at_path(installed.values, path)
        if value is not None:
            parent, _, key = path.rpartition(".")
            holder = at_path(installed.values, parent) if parent else installed.values
            return holder.key_at(key) if isinstance(holder, Mapping) else value.at
    return installed.at


def _version(values: Mapping) -> Value | None:
    tag = at_path(values, "image.tag")
    written = text(tag)
    found = re.match(r"(\d+)(?:\.\d+)*", written or "")
    return Known(found[1], tag.at) if found and tag is not None else None


_ELSEWHERE = ("existingConfigmap", "existingExtendedConfigmap", "configurationConfigMap", "extendedConfConfigMap")
"""Keys that name a ConfigMap with configuration."""


def _bitnami_settings(installed: Installed) -> _Settings:
    """What the chart hands to the server: configuration text, command line, environment, the old chart's maps."""
    known: dict[str, Value] = {}
    complete = True
    for section in ("", "master", "primary"):
        held = at_path(installed.values, section) if section else installed.values
        if isinstance(held, Unknown):
            complete = False
        if not isinstance(held, Mapping):
            continue
        for key in ("extendedConfiguration", "extendedConf", "configuration", "postgresqlExtendedConf"):
            complete &= _from_text_or_map(installed, held.get(key), known)
        if "configuration" not in held.items:
            complete &= _from_text_or_map(installed, held.get("postgresqlConfiguration"), known)
        for key in _ELSEWHERE:
            complete &= text(held.get(key)) in (None, "")
        _from_words(held.get("args"), known)
        _from_words(held.get("command"), known)
        for key in ("extraEnvVars", "extraEnv"):
            _from_environment(held.get(key), known)
        written = held.get("postgresqlMaxConnections") or held.get("maxConnections")
        if written is not None and text(written) != "":
            known["max_connections"] = written
    problems = setting_problems(_texts(known), None, installed.environment, installed.origin)
    return _Settings(known, complete, problems)


def _texts(known: dict[str, Value]) -> dict[str, Value]:
    """Values as the text of a configuration file has them."""
    shown = {name: replace(value, value=text(value)) for name, value in known.items() if isinstance(value, Known)}
    return dict(shown)


def _from_text_or_map(installed: Installed, written: Value | None, known: dict[str, Value]) -> bool:
    """Add the settings of a block of text or of a map; False where they cannot be read."""
    match written:
        case None | Known(value=None) | Known(value=""):
            return True
        case Known(value=str()):
            document = embedded(installed.readable, written, "postgres", "postgresql.conf")
            if document is None:
                return False
            known.update(settings_from_text(document))
            return True
        case Unknown(source=source) if source is not None and written.text:
            known.update(settings_from_text(source))
            return True
        case Mapping(items=items):
            known.update({snake_case(key): value for key, value in items.items()})
            return not written.partial
    return False


def _from_words(written: Value | None, known: dict[str, Value]) -> None:
    if not isinstance(written, Sequence):
        return
    words = [text(item) or "" for item in written.items]
    for name, value, index in command_line_settings(words):
        known[name] = Known(value, written.items[index].at)


def _from_environment(written: Value | None, known: dict[str, Value]) -> None:
    for entry in sequence(written):
        if isinstance(entry, Mapping) and text(entry.get("name")) == "POSTGRESQL_MAX_CONNECTIONS":
            value = entry.get("value")
            if value is not None:
                known["max_connections"] = value


def _postgresql_ha(installed: Installed) -> Infrastructure:
    """bitnami/postgresql-ha: repmgr nodes, and Pgpool in front of them."""
    values = installed.values
    name = fullname(installed, "postgresql-ha")
    known: dict[str, Value] = {}
    complete = not values.partial
    for key in ("extendedConf", "configuration"):
        complete &= _from_text_or_map(installed, at_path(values, f"postgresql.{key}"), known)
    for key in ("configurationCM", "extendedConfCM"):
        complete &= text(at_path(values, f"postgresql.{key}")) in (None, "")
    written = at_path(values, "postgresql.maxConnections")
    if written is not None and text(written) != "":
        known["max_connections"] = written
    bytes_, memory_at = memory(installed, "postgresql.resources")
    server = ServerDeclaration(
        name=f"{name}-postgresql",
        platform="bitnami",
        at=installed.at,
        environment=installed.environment,
        settings=known,
        settings_complete=complete,
        settings_at=_first_place(installed, "postgresql.maxConnections", "postgresql"),
        default_max_connections=DEFAULT_MAX_CONNECTIONS,
        default_reason="PostgreSQL's default, which the chart leaves alone",
        memory_bytes=bytes_,
        memory_at=memory_at,
        memory_label="limits.memory" if bytes_ is not None else "",
        hosts=hosts(installed, f"{name}-postgresql", f"{name}-postgresql-headless"),
        instances=at_path(values, "postgresql.replicaCount") or Known(3, installed.at),
        resource=installed.resource(),
        origin=installed.origin,
    )
    problems = setting_problems(_texts(known), None, installed.environment, installed.origin)
    pooler = chart_poolers.pgpool(installed, name)
    return Infrastructure(resources=(installed.resource(), *problems), servers=(server,), poolers=(pooler,))


def _airflow(installed: Installed) -> Infrastructure:
    """Airflow's own PgBouncer, and the database it brings unless told where another one is."""
    poolers: tuple[PoolerDeclaration, ...] = ()
    pooler = chart_poolers.airflow(installed)
    if pooler is not None:
        poolers = (pooler,)
    inner = _embedded_server(installed, default=not chart_poolers.external_database(installed))
    return Infrastructure(
        resources=inner.resources or (installed.resource(),), servers=inner.servers, poolers=(*poolers, *inner.poolers)
    )


_ADDRESSES = ("host", "hostname", "externalHost", "existingHost", "url", "existingUrl")
"""Keys of `postgresql` that name a server elsewhere; bitnami's chart knows none of them."""


def _embedded_server(installed: Installed, *, default: bool = False) -> Infrastructure:
    """The bitnami chart inside another one: `postgresql.enabled: true` is the custom everywhere."""
    inner = installed.values.get("postgresql")
    switched = at_path(installed.values, "postgresql.enabled")
    flag = text(switched)
    if flag != "true" and not (default and switched is None and not installed.values.partial):
        return Infrastructure()
    held = inner if isinstance(inner, Mapping) else Mapping({}, installed.at)
    if any(text(held.get(key)) for key in _ADDRESSES):
        return Infrastructure()  # the switch says which database the program uses, not that the chart brings one
    place = installed.values.key_at("postgresql") if isinstance(inner, Mapping) else installed.at
    return _postgresql(replace(installed, chart="postgresql", values=held, at=place, alias=""))


def _cnpg(installed: Installed) -> Infrastructure:
    """The cloudnative-pg `cluster` chart: its values are the Cluster's specification and its Poolers'."""
    values = installed.values
    name = fullname(installed, "cluster")
    cluster = values.get("cluster")
    spec = dict(cluster.items) if isinstance(cluster, Mapping) else {}
    wholly = isinstance(cluster, Mapping) or cluster is None
    spec.setdefault("instances", Known(3, installed.at))
    keys = cluster.keys if isinstance(cluster, Mapping) else {}
    place = values.key_at("cluster")
    partial = values.partial or not wholly or (isinstance(cluster, Mapping) and cluster.partial)
    manifests = [_manifest("postgresql.cnpg.io/v1", "Cluster", name, Mapping(spec, place, keys, partial), installed)]
    for entry in sequence(values.get("poolers")):
        if isinstance(entry, Mapping):
            manifests.append(_cnpg_pooler(entry, name, installed))
    declared = _declare(manifests, installed)
    rules = at_path(values, "cluster.monitoring.prometheusRule.enabled")
    if text(at_path(values, "cluster.monitoring.enabled")) != "true" or text(rules) == "false":
        return declared
    return replace(declared, alerts=(*declared.alerts, _cnpg_alert(installed)))


def _cnpg_alert(installed: Installed) -> AlertDeclaration:
    """CNPGClusterHighConnectionsWarning, which the chart brings with its monitoring."""
    return AlertDeclaration(
        "CNPGClusterHighConnectionsWarning",
        "alert",
        installed.at,
        'sum by (pod) (cnpg_backends_total) / max by (pod) (cnpg_pg_settings_setting{name="max_connections"}) > 0.8',
        environment=installed.environment,
        origin=installed.origin,
    )


def _cnpg_pooler(entry: Mapping, cluster: str, installed: Installed) -> Mapping:
    inner: dict[str, Value] = {key: entry.items[key] for key in ("poolMode", "parameters") if key in entry.items}
    spec: dict[str, Value] = {key: entry.items[key] for key in ("instances", "type", "template") if key in entry.items}
    spec["cluster"] = Mapping({"name": Known(cluster, entry.at)}, entry.at)
    spec["pgbouncer"] = Mapping(inner, entry.at, {key: entry.key_at(key) for key in inner})
    keys = {key: entry.key_at(key) for key in spec}
    name = f"{cluster}-pooler-{text(entry.get('name')) or 'rw'}"
    return _manifest("postgresql.cnpg.io/v1", "Pooler", name, Mapping(spec, entry.at, keys), installed)


def _percona(installed: Installed) -> Infrastructure:
    """percona/pg-db: the values are the custom resource's specification; the chart's own has 3 of PgBouncer."""
    name = fullname(installed, "pg-db")
    values = installed.values
    proxy = values.items.get("proxy") or Mapping({}, installed.at)
    bouncer = (proxy.items.get("pgBouncer") if isinstance(proxy, Mapping) else None) or Mapping({}, proxy.at)
    if isinstance(proxy, Mapping) and isinstance(bouncer, Mapping):
        pooler = replace(bouncer, items={"replicas": Known(3, bouncer.at), **bouncer.items})
        proxy = replace(proxy, items={**proxy.items, "pgBouncer": pooler})
        values = replace(values, items={**values.items, "proxy": proxy})
    manifest = _manifest("pgv2.percona.com/v2", "PerconaPGCluster", name, values, installed)
    return _declare([manifest], installed)


def _manifest(version: str, kind: str, name: str, spec: Mapping, installed: Installed) -> Mapping:
    at = installed.at
    metadata: dict[str, Value] = {"name": Known(name, at)}
    if installed.namespace:
        metadata["namespace"] = Known(installed.namespace, at)
    items: dict[str, Value] = {
        "apiVersion": Known(version, at),
        "kind": Known(kind, at),
        "metadata": Mapping(metadata, at),
        "spec": spec,
    }
    return Mapping(items, at)


def _declare(manifests: list[Mapping], installed: Installed) -> Infrastructure:
    from pgconnlint.infra.kubernetes import declare
    from pgconnlint.infra.kubernetes.manifests import resource

    made = [resource(one, installed.environment, installed.origin) for one in manifests]
    return declare(
        [one for one in made if one is not None], installed.readable, installed.environment, installed.origin
    )
