"""Compose: file sets, interpolation, merging, extends, profiles; what services become."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.compose import read
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.resource import Unknown, Value, text
from pgconnlint.project import Project


def compose_files(files: dict[str, str]) -> Infrastructure:
    return read(Project.from_memory(files).files, Config())


def shown(value: Value | None) -> str | None:
    return f"?{value.reason}" if isinstance(value, Unknown) else text(value)


def test_settings_from_string_and_list_commands() -> None:
    found = compose_files(
        {
            "docker-compose.yml": """
services:
  a:
    image: postgres:16-alpine
    command: postgres -c max_connections=200 -c "work_mem=8 MB"
    deploy: {resources: {limits: {memory: 512M}}}
  b:
    image: postgis/postgis:15-3.4
    command: ["-c", "max_connections=300", "--shared-buffers=1GB"]
    mem_limit: 2g
  c:
    image: bitnami/postgresql:16
    environment:
      - POSTGRESQL_MAX_CONNECTIONS=400
  d:
    image: postgres:16
    command: pg_dump -h a
  e:
    image: prometheuscommunity/postgres-exporter
"""
        }
    )
    assert [one.name for one in found.servers] == ["a", "b", "c"]
    a, b, c = found.servers
    assert {name: shown(value) for name, value in a.settings.items()} == {"max_connections": "200", "work_mem": "8 MB"}
    assert (a.memory_bytes, a.memory_label, shown(a.version)) == (512 * 1024**2, "limits.memory 512M", "16")
    assert {name: shown(value) for name, value in b.settings.items()} == {
        "max_connections": "300",
        "shared_buffers": "1GB",
    }
    assert (b.memory_bytes, b.memory_label) == (2 * 1024**3, "mem_limit 2g")
    assert shown(c.settings["max_connections"]) == "400"


def test_interpolation() -> None:
    found = compose_files(
        {
            ".env": "SIZE=50\nEMPTY=\n",
            "compose.yaml": """
services:
  db:
    image: postgres:${VERSION:-15}
    environment:
      A: ${SIZE}
      B: ${EMPTY:-x}
      C: ${EMPTY-x}
      D: ${NOWHERE}
      E: "$$HOME ${SIZE:+set}"
      F: ${NOWHERE:-${SIZE}}
      G: postgres://app:${PASSWORD}@db:5432/shop
      H: $SIZE
""",
        }
    )
    (workload,) = found.workloads
    variables = workload.containers[0].environment_variables
    assert {name: shown(value) for name, value in variables.items() if name not in "DG"} == {
        "A": "50",
        "B": "x",
        "C": "",
        "E": "$HOME set",
        "F": "50",
        "H": "50",
    }
    assert isinstance(variables["D"], Unknown)
    url = variables["G"]
    assert isinstance(url, Unknown)
    assert url.text == "postgres://app:${...}@db:5432/shop"
    assert shown(found.servers[0].version) == "15"


def test_override_merges_and_commands_are_replaced() -> None:
    found = compose_files(
        {
            "docker-compose.yml": """
services:
  api:
    image: api
    command: [gunicorn, -w, "4"]
    environment: [A=1, B=2]
    ports: ["8000:8000"]
""",
            "docker-compose.override.yml": """
services:
  api:
    command: gunicorn --reload
    environment: {B: 3}
    ports: ["9000:9000/tcp"]
""",
        }
    )
    (api,) = found.workloads
    container = api.containers[0]
    assert [shown(word) for word in container.arguments] == ["gunicorn", "--reload"]
    assert {name: shown(value) for name, value in container.environment_variables.items()} == {"A": "1", "B": "3"}
    assert container.ports == (8000, 9000)
    assert api.development


def test_other_files_are_alternatives() -> None:
    found = compose_files(
        {
            "docker-compose.yml": "services:\n  api: {image: api, deploy: {replicas: 1}}\n"
            "  db: {image: 'postgres:16'}\n",
            "docker-compose.prod.yml": "services:\n  api: {deploy: {replicas: 8}}\n",
            "docker-compose.monitoring.yml": "services:\n  grafana: {image: grafana/grafana}\n",
        }
    )
    replicas = {(one.name, one.environment): shown(one.replicas) for one in found.workloads}
    assert replicas == {
        ("api", "local"): "1",
        ("db", "local"): None,
        ("api", "prod"): "8",
        ("db", "prod"): None,
        ("grafana", ""): None,
    }
    assert [(one.name, one.environment) for one in found.servers] == [("db", "local"), ("db", "prod")]


def test_extends_anchors_env_file_and_profiles() -> None:
    found = compose_files(
        {
            "compose.yml": """
x-common: &common
  environment: &variables
    A: "1"
services:
  base:
    <<: *common
    image: app
    env_file: [common.env]
  worker:
    extends: base
    scale: 3
    environment:
      <<: *variables
      B: "2"
  other:
    extends: {file: sub/compose.yml, service: shared}
  tools:
    image: tools
    profiles: [debug]
""",
            "sub/compose.yml": "services:\n  shared: {image: shared, environment: {C: '3'}}\n",
            "common.env": "A=from file\nZ='9' # nine\n",
        }
    )
    by_name = {one.name: one for one in found.workloads if one.origin == "compose.yml"}
    worker = by_name["worker"].containers[0]
    assert {name: shown(value) for name, value in worker.environment_variables.items()} == {
        "A": "1",
        "B": "2",
        "Z": "9",
    }
    assert shown(by_name["worker"].replicas) == "3"
    assert shown(by_name["other"].containers[0].image) == "shared"
    assert "tools" not in by_name


def test_mounted_files_belong_to_their_service() -> None:
    files = {
        "docker-compose.yml": """
services:
  db:
    image: postgres:16
    command: postgres -c config_file=/etc/postgresql/postgresql.conf -c max_connections=70
    volumes: ["./conf/postgresql.conf:/etc/postgresql/postgresql.conf:ro"]
  pooler:
    image: edoburu/pgbouncer:v1.23.1-p2
    volumes:
      - {type: bind, source: ./conf/pgbouncer.ini, target: /etc/pgbouncer/pgbouncer.ini}
    deploy: {replicas: 2}
""",
        "conf/postgresql.conf": "max_connections = 50\nshared_buffers = 256MB\n",
        "conf/pgbouncer.ini": "[databases]\nshop = host=db\n[pgbouncer]\npool_mode = transaction\n",
    }
    found = Project.from_memory(files).infrastructure
    (server,) = found.servers
    assert {name: shown(value) for name, value in server.settings.items()} == {
        "max_connections": "70",
        "shared_buffers": "256MB",
    }
    assert server.settings_complete
    (pooler,) = found.poolers
    assert (pooler.name, shown(pooler.mode), pooler.version, shown(pooler.processes)) == (
        "pooler",
        "transaction",
        "1.23.1",
        "2",
    )
    assert pooler.hosts == ("pooler",)


def test_command_of_the_image_that_is_built() -> None:
    found = compose_files(
        {
            "compose.yml": "services:\n  api: {build: ./api}\n",
            "api/Dockerfile": "FROM python:3.12 AS base\nENV WEB_CONCURRENCY=3\nFROM base\n"
            'EXPOSE 8000\nCMD ["gunicorn", "app"]\n',
        }
    )
    container = found.workloads[0].containers[0]
    assert [shown(word) for word in container.arguments] == ["gunicorn", "app"]
    assert shown(container.environment_variables["WEB_CONCURRENCY"]) == "3"
    assert (container.ports, container.build) == ((8000,), "api")


def test_poolers_of_all_kinds() -> None:
    found = compose_files(
        {
            "compose.yml": """
services:
  a: {image: pgcat/pgcat, ports: ["6432:6432"]}
  b:
    image: bitnami/pgpool:4
    environment: {PGPOOL_NUM_INIT_CHILDREN: 10, PGPOOL_MAX_POOL: 2, PGPOOL_BACKEND_NODES: "0:pg-0:5432,1:pg-1:5432"}
  c:
    image: bitnami/pgbouncer:1.22
    environment: {POSTGRESQL_HOST: db, PGBOUNCER_POOL_MODE: Transaction, PGBOUNCER_DEFAULT_POOL_SIZE: 7}
"""
        }
    )
    a, b, c = found.poolers
    assert (a.platform, a.default_mode) == ("pgcat", "transaction")
    assert (b.platform, shown(b.total_size), b.targets) == ("pgpool", "20", ("pg-0", "pg-1"))
    assert (c.platform, shown(c.mode), shown(c.pool_size), c.targets) == ("pgbouncer", "transaction", "7", ("db",))


def test_configuration_files_of_other_poolers() -> None:
    found = compose_files(
        {
            "compose.yml": """
services:
  a:
    image: pgcat/pgcat
    volumes: ["./pgcat.toml:/etc/pgcat/pgcat.toml"]
  pgpool: {build: ./pgpool}
  c:
    image: yandex/odyssey
    volumes: ["./odyssey:/etc/odyssey"]
""",
            "pgcat.toml": '[general]\nport = 6433\n[pools.app]\npool_mode = "session"\n[pools.app.users.0]\n'
            'pool_size = 30\n[pools.app.users.1]\n[pools.app.shards.0]\nservers = [["pg-0", 5432, "primary"]]\n',
            "pgpool/pgpool.conf": "backend_hostname0 = 'PG-primary'\nnum_init_children = 64\nmax_pool = 2\n"
            "port = 5433\n",
            "odyssey/odyssey.conf": 'storage "pg" {\n host "db"\n}\ndatabase default {\n user default {\n'
            '  pool "transaction"\n  pool_size 40\n }\n}\n',
        }
    )
    a, pgpool, c = sorted(found.poolers, key=lambda one: ("a", "pgpool", "c").index(one.name))
    assert (shown(a.mode), [shown(one.pool_size) for one in a.databases], a.port) == ("session", ["39"], 6433)
    assert a.targets == ("pg-0",)
    assert (shown(pgpool.total_size), shown(pgpool.max_client_conn)) == ("128", "64")
    assert (pgpool.targets, pgpool.port) == (("pg-primary",), 5433)
    assert pgpool.total_size is not None
    assert str(pgpool.total_size.at) == "pgpool/pgpool.conf:2"
    assert (shown(c.mode), shown(c.pool_size), c.targets) == ("transaction", "40", ("db",))


def test_odd_files_do_no_harm() -> None:
    deep = "services:\n  a:\n    image: x\n    extends: a\n  b: {extends: c}\n  c: {extends: b}\n"
    deep += "  d: [1]\n  e:\n  f: {image: [1]}\n"
    found = compose_files({"compose.yml": deep, "docker-compose.yml": "services: 3\n", "stack.yml": "- a\n"})
    assert {one.name for one in found.workloads} == {"a", "b", "c", "f"}


def test_includes_and_configs() -> None:
    files = {
        "compose/compose.yaml": "include: [db.yaml, app.yaml]\n",
        "compose/db.yaml": "include: [base.yaml]\nservices:\n  db:\n    image: postgres:17\n"
        "    configs: [{source: conf, target: /etc/postgresql/postgresql.conf}]\n",
        "compose/base.yaml": "configs: {conf: {file: ../pg/postgresql.conf}}\n",
        "compose/app.yaml": "services: {app: {image: app}}\n",
        "pg/postgresql.conf": "max_connections = 60\n",
    }
    found = Project.from_memory(files).infrastructure
    assert [one.name for one in found.workloads] == ["db", "app"]
    assert [(one.name, shown(one.settings["max_connections"])) for one in found.servers] == [("db", "60")]


def test_a_pooler_behind_a_profile_is_off() -> None:
    found = compose_files(
        {
            "compose.yml": "services:\n  a: {image: edoburu/pgbouncer, profiles: [pooling]}\n"
            "  b: {image: edoburu/pgbouncer, profiles: [production]}\n  c: {image: edoburu/pgbouncer}\n"
        }
    )
    assert [(one.name, one.environment, one.enabled) for one in found.poolers] == [
        ("a", "pooling", False),
        ("b", "prod", True),
        ("c", "", True),
    ]


def test_profiles_with_a_server_are_alternatives() -> None:
    found = compose_files(
        {
            "compose.yml": "services:\n  db: {image: 'postgres:16', profiles: [full]}\n"
            "  app: {image: app, profiles: [full]}\n"
            "  admin: {image: pgadmin, profiles: [tools]}\n  web: {image: web}\n"
        }
    )
    assert [(one.name, one.environment) for one in found.workloads] == [("db", "full"), ("app", "full"), ("web", "")]


def test_where_a_pooler_connects_to() -> None:
    found = compose_files(
        {
            "compose.yml": """
services:
  db: {image: 'postgres:16'}
  a:
    image: edoburu/pgbouncer
    entrypoint: [/bin/sh, -c, 'export DATABASE_URL="postgres://u:$$P@db:5432/x"; exec /entrypoint.sh']
    environment: {POOL_MODE: transaction}
  b:
    image: company/pgbouncer
    depends_on: {db: {condition: service_healthy}}
"""
        }
    )
    assert [one.targets for one in found.poolers] == [("db",), ("db",)]
