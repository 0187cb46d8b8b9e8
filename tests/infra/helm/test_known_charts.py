"""Charts whose templates are elsewhere: what their values alone say."""

from __future__ import annotations

import pytest

from pgconnlint.infra.charts import declarations_from_values
from pgconnlint.infra.model import Infrastructure, ServerDeclaration
from pgconnlint.infra.resource import Mapping, Value, integer, text
from pgconnlint.infra.yaml_values import values
from pgconnlint.project import Project


def declared(chart: str, release: str, written: str, repository: str = "") -> tuple[Infrastructure, str]:
    project = Project.from_memory({"values.yaml": written or "{}"})
    document = project.files.document("values.yaml")
    assert document is not None
    read = values(document, project.files)
    given = read[0] if read else None
    assert given is None or isinstance(given, Mapping)
    at = document.at(0, 0)
    return declarations_from_values(
        chart, release, given, at, "prod", "here", repository=repository, files=project.files
    ), written


def covered(value: Value | None, written: str) -> str:
    assert value is not None
    return written[value.at.span.start : value.at.span.end]


def server(chart: str, release: str, written: str, repository: str = "") -> ServerDeclaration:
    (found,) = declared(chart, release, written, repository)[0].servers
    return found


def test_postgresql_without_values_has_the_default() -> None:
    found = server("bitnami/postgresql", "shop", "")
    assert (found.name, found.platform, found.environment) == ("shop-postgresql", "bitnami", "prod")
    assert found.default_max_connections == 100
    assert found.settings == {}
    assert found.settings_complete
    assert "shop-postgresql" in found.hosts


@pytest.mark.parametrize(
    "written",
    [
        "primary:\n  extendedConfiguration: |\n    # more\n    max_connections = 300\n",
        "primary:\n  configuration: |-\n    listen_addresses = '*'\n    max_connections = 300\n",
        'primary:\n  args: ["-c", "max_connections=300"]\n',
        'primary:\n  extraEnvVars: [{name: POSTGRESQL_MAX_CONNECTIONS, value: "300"}]\n',
        "postgresqlExtendedConf: {maxConnections: 300}\n",
        "postgresqlConfiguration:\n  max_connections: 300\n",
        'postgresqlMaxConnections: "300"\n',
    ],
)
def test_max_connections_wherever_the_chart_takes_it(written: str) -> None:
    found = server("postgresql", "db", written)
    value = found.settings["max_connections"]
    assert integer(value) == 300
    assert "300" in covered(value, written)


def test_postgresql_memory_names_and_architecture() -> None:
    written = """fullnameOverride: pg
architecture: replication
image: {tag: 15.4.0-debian-11-r45}
primary:
  resources: {limits: {memory: 2Gi}}
readReplicas: {replicaCount: 2}
"""
    found = server("oci://registry-1.docker.io/bitnamicharts/postgresql", "db", written)
    assert found.name == "pg"
    assert found.hosts[0] == "pg-primary"
    assert found.memory_bytes == 2 << 30
    assert found.memory_label == "limits.memory 2Gi"
    assert integer(found.instances) == 3
    assert text(found.version) == "15"


def test_a_preset_is_memory_only_when_it_is_written() -> None:
    assert server("postgresql", "db", "primary: {resourcesPreset: small}\n").memory_bytes == 768 << 20
    assert server("postgresql", "db", "primary: {}\n").memory_bytes is None


def test_configuration_kept_elsewhere_is_incomplete() -> None:
    assert not server("postgresql", "db", "primary: {existingExtendedConfigmap: tuned}\n").settings_complete


def test_postgresql_ha_has_pgpool_in_front() -> None:
    written = """postgresql: {maxConnections: 400, replicaCount: 2}
pgpool: {replicaCount: 3, numInitChildren: 64, maxPool: 2}
"""
    found, _ = declared("postgresql-ha", "db", written)
    (main,) = found.servers
    (pooler,) = found.poolers
    assert integer(main.settings["max_connections"]) == 400
    assert main.name == "db-postgresql-ha-postgresql"
    assert integer(pooler.total_size) == 128
    assert integer(pooler.processes) == 3
    assert pooler.targets == ("db-postgresql-ha-postgresql",)
    (plain,) = declared("postgresql-ha", "db", "")[0].poolers
    assert integer(plain.total_size) == 128


def test_pgbouncer_chart() -> None:
    written = """replicaCount: 2
config:
  pgbouncer: {pool_mode: transaction, default_pool_size: 25, max_client_conn: "900", bogus_key: 1}
  databases:
    app: {host: db-postgresql, port: 5432, pool_size: 10}
    "*": {host: db-postgresql}
"""
    found, _ = declared("pgbouncer", "edge", written, "https://icoretech.github.io/helm")
    (pooler,) = found.poolers
    assert pooler.name == "edge-pgbouncer"
    assert text(pooler.mode) == "transaction"
    assert covered(pooler.pool_size, written) == "25"
    assert integer(pooler.max_client_conn) == 900
    assert integer(pooler.processes) == 2
    assert [(one.name, one.host, integer(one.pool_size)) for one in pooler.databases] == [
        ("app", "db-postgresql", 10),
        ("*", "db-postgresql", None),
    ]
    assert any(one.kind == "pgbouncer.ini.problem" for one in found.resources)


def test_pgbouncer_chart_with_a_file() -> None:
    written = "config: |\n  [databases]\n  app = host=pg\n  [pgbouncer]\n  pool_mode = session\n"
    (pooler,) = declared("pgbouncer", "edge", written)[0].poolers
    assert covered(pooler.mode, written) == "session"


def test_airflow() -> None:
    off, _ = declared("airflow", "air", "data: {metadataConnection: {host: db}}\n", "https://airflow.apache.org")
    assert (off.servers, off.poolers) == ((), ())
    written = "pgbouncer: {enabled: true, metadataPoolSize: 20}\ndata: {metadataConnection: {host: db}}\n"
    (pooler,) = declared("airflow", "air", written, "https://airflow.apache.org")[0].poolers
    assert [(one.name, integer(one.pool_size)) for one in pooler.databases] == [
        ("air-metadata", 20),
        ("air-result-backend", 5),
    ]
    assert pooler.default_max_client_conn == 100
    assert pooler.targets == ("db",)
    (inner,) = declared("airflow", "air", "pgbouncer: {enabled: true}\n")[0].servers
    assert inner.name == "air-postgresql"


def test_cloudnative_pg_cluster() -> None:
    written = """cluster:
  instances: 3
  resources: {limits: {memory: 4Gi}}
  postgresql:
    parameters: {max_connections: "250"}
poolers:
  - {name: rw, type: rw, poolMode: transaction, instances: 2, parameters: {default_pool_size: "30"}}
"""
    found, _ = declared("cluster", "main", written, "https://cloudnative-pg.github.io/charts")
    (main,) = found.servers
    (pooler,) = found.poolers
    assert (main.platform, main.name) == ("cnpg", "main-cluster")
    assert covered(main.settings["max_connections"], written) == '"250"'
    assert main.memory_bytes == 4 << 30
    assert text(pooler.mode) == "transaction"
    assert integer(pooler.pool_size) == 30
    assert declared("cluster", "main", written.replace("poolers", "others"))[0].servers == ()


def test_an_unknown_chart_brings_a_database_only_when_it_says_so() -> None:
    assert declared("keycloak", "auth", "postgresql: {auth: {}}\n")[0] == Infrastructure()
    found = server("keycloak", "auth", "postgresql: {enabled: true, primary: {args: [-c, max_connections=50]}}\n")
    assert found.name == "auth-postgresql"
    assert integer(found.settings["max_connections"]) == 50


def test_dependencies_that_are_not_in_the_repository() -> None:
    files = {
        "app/Chart.yaml": """apiVersion: v2
name: app
version: 0.1.0
dependencies:
  - {name: postgresql, alias: db, version: 12.x, repository: "https://charts.bitnami.com/bitnami",
     condition: db.enabled}
  - {name: pgbouncer, version: 1.x, repository: "https://icoretech.github.io/helm", condition: pgbouncer.enabled}
""",
        "app/values.yaml": """db: {enabled: true, primary: {resources: {limits: {memory: 1Gi}}}}
pgbouncer: {enabled: false}
""",
        "app/values-prod.yaml": "db: {enabled: false}\n",
        "app/values-dev.yaml": "db:\n  primary:\n    extendedConfiguration: |\n      max_connections = 42\n",
    }
    project = Project.from_memory(files)
    read = project.infrastructure
    (found,) = read.servers
    assert (found.environment, found.name, found.memory_bytes) == ("dev", "app-db", 1 << 30)
    value = found.settings["max_connections"]
    assert (value.at.path, value.at.start.line) == ("app/values-dev.yaml", 4)
    assert found.at.path == "app/Chart.yaml"
    assert read.poolers == ()
