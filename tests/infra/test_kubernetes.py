"""Manifests become workloads, servers, poolers and services."""

from __future__ import annotations

import base64

from pgconnlint.budget.endpoints import endpoints
from pgconnlint.config import Config
from pgconnlint.infra import kubernetes
from pgconnlint.infra.model import Infrastructure, PoolerDeclaration, ServerDeclaration, WorkloadDeclaration
from pgconnlint.infra.resource import Unknown, integer, scalar, text
from pgconnlint.loading import Memory
from pgconnlint.syntax.files import Files


def read(*documents: str, path: str = "k8s/all.yaml", **others: str) -> Infrastructure:
    return read_files({path: "---\n".join(documents), **others})[0]


def read_files(project: dict[str, str]) -> tuple[Infrastructure, Files]:
    source = Memory(project)
    files = Files(source.paths(), source.read)
    return kubernetes.read(files, Config()), files


def workload(spec: str, kind: str = "Deployment", name: str = "api") -> WorkloadDeclaration:
    (found,) = read(manifest(spec, kind, name)).workloads
    return found


def manifest(spec: str, kind: str = "Deployment", name: str = "api", labels: str = "{app: api}") -> str:
    """A workload whose ``spec`` is the pod's, in flow style."""
    return (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"
        f"  template:\n    metadata: {{labels: {labels}}}\n    spec: {spec}\n"
    )


def server(spec: str, *others: str, kind: str = "StatefulSet", name: str = "pg") -> ServerDeclaration:
    (found,) = read(manifest(spec, kind, name, "{app: pg}"), *others).servers
    return found


def pooler(spec: str, *others: str, name: str = "bouncer") -> PoolerDeclaration:
    (found,) = read(manifest(spec, "Deployment", name, "{app: bouncer}"), *others).poolers
    return found


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"


def test_replicas_strategy_and_autoscaler() -> None:
    found = read(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec:\n  replicas: 3\n"
        "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 50%}}\n"
        "  template: {spec: {containers: [{name: api, image: x}]}}\n",
        "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: x, namespace: shop}\n"
        "spec: {scaleTargetRef: {kind: Deployment, name: api}, minReplicas: 2, maxReplicas: 12}\n",
    )
    (one,) = found.workloads
    numbers = (integer(one.replicas), integer(one.min_replicas), integer(one.max_replicas), text(one.surge))
    assert numbers == (3, 2, 12, "50%")
    assert (one.namespace, str(one.at), str(one.autoscaler_at)) == ("shop", "k8s/all.yaml:3", "k8s/all.yaml:12")


def test_keda_without_a_maximum_scales_to_a_hundred() -> None:
    found = read(
        manifest("{containers: [{name: api, image: x}]}"),
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: x}\nspec: {scaleTargetRef: {name: api}}\n",
    )
    assert integer(found.workloads[0].max_replicas) == 100


def test_kinds_and_their_strategies() -> None:
    assert workload("{containers: [{name: a, image: x}]}", "DaemonSet").kind == "DaemonSet"
    rollout = read(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec:\n  replicas: 4\n"
        "  strategy: {blueGreen: {activeService: r}}\n  workloadRef: {kind: Deployment, name: api}\n",
        manifest("{containers: [{name: a, image: x}]}"),
    ).workloads
    assert [(one.kind, one.strategy, integer(one.replicas)) for one in rollout] == [("Rollout", "BlueGreen", 4)]
    job = read(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec: {jobTemplate: {spec: {parallelism: 3, "
        "template: {spec: {containers: [{name: a, image: x}]}}}}}\n"
    ).workloads[0]
    assert (job.kind, integer(job.parallelism)) == ("CronJob", 3)
    knative = read(
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: k}\nspec: {template: {metadata: "
        '{annotations: {autoscaling.knative.dev/maxScale: "20"}}, spec: {containers: [{image: x}]}}}\n'
    )
    assert [(one.kind, integer(one.concurrency)) for one in knative.workloads] == [("cloudrun", 20)]
    assert knative.services == ()


def test_environment_variables() -> None:
    found = read(
        CONFIG + "data: {DB_HOST: db, MODE: web, PORT: '5432'}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: hidden}\nstringData: {TOKEN: abc}\n",
        manifest(
            "{containers: [{name: api, image: x,"
            " envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: hidden}}],"
            " env: [{name: MODE, value: worker}, {name: PW, valueFrom: {secretKeyRef: {name: s, key: k}}},"
            " {name: HOST, valueFrom: {configMapKeyRef: {name: settings, key: DB_HOST}}},"
            ' {name: URL, value: "postgres://u:$(PW)@$(HOST):$(PORT)/app"}, {name: RAW, value: "$$(HOST) $(NONE)"},'
            ' {name: SAFE, value: "$(HOST):$(PORT)"}, {name: EMPTY}]}]}'
        ),
    )
    variables = found.workloads[0].containers[0].environment_variables
    known = {key: text(value) for key, value in variables.items() if not isinstance(value, Unknown)}
    assert known == {
        "DB_HOST": "db", "MODE": "worker", "PORT": "5432", "HOST": "db", "RAW": "$(HOST) $(NONE)",
        "SAFE": "db:5432", "EMPTY": "",
    }  # fmt: skip
    assert {key: value.reason for key, value in variables.items() if isinstance(value, Unknown)} == {
        "TOKEN": "in Secret `hidden`", "PW": "in Secret `s`", "URL": "in Secret `s`",
    }  # fmt: skip
    url = variables["URL"]
    assert isinstance(url, Unknown)
    assert url.text == "postgres://u:${PW}@db:5432/app"


def test_init_containers_end_and_native_sidecars_stay() -> None:
    one = workload(
        "{initContainers: [{name: migrate, image: x}, {name: proxy, image: y, restartPolicy: Always}],"
        " containers: [{name: api, image: x, resources: {limits: {memory: 1.5Gi}}}]}"
    )
    assert [(c.name, c.sidecar, c.memory_bytes) for c in one.containers] == [
        ("proxy", True, None),
        ("api", False, 1610612736),
    ]


def test_server_settings_from_arguments() -> None:
    one = server(
        "{containers: [{name: pg, image: 'postgres:16.2', args: [-c, max_connections=200, '--shared-buffers=1GB'],"
        " resources: {limits: {memory: 512Mi}}}]}"
    )
    assert {key: text(value) for key, value in one.settings.items()} == {
        "max_connections": "200",
        "shared_buffers": "1GB",
    }
    assert (one.memory_bytes, one.memory_label, text(one.version)) == (2**29, "limits.memory 512Mi", "16.2")
    at = one.settings["max_connections"].at
    assert at.end.column - at.start.column == 3


def test_server_settings_from_shell_text_and_variables() -> None:
    one = server(
        "{containers: [{name: pg, image: postgres, command: [sh, -c], "
        'args: ["exec docker-entrypoint.sh postgres -c max_connections=$MAX -N 5 -c work_mem=${WM:-8MB}"],'
        ' env: [{name: MAX, value: "300"}]}]}'
    )
    assert {key: text(value) for key, value in one.settings.items()} == {"max_connections": "5", "work_mem": "8MB"}


def test_server_settings_from_a_mounted_file() -> None:
    data = "data:\n  postgresql.conf: |\n    max_connections = 300\n    shared_buffers = 1GB\n"
    one = server(
        "{volumes: [{name: c, configMap: {name: settings}}], containers: [{name: pg, image: postgres,"
        " args: [-c, config_file=/etc/postgresql.conf]}]}",
        CONFIG + data,
    )
    setting = one.settings["max_connections"]
    assert (text(setting), str(setting.at), one.settings_complete) == ("300", "k8s/all.yaml:14", True)
    missing = server(
        "{volumes: [{name: c, configMap: {name: elsewhere}}], containers: [{name: pg, image: postgres,"
        " args: [-c, config_file=/etc/postgresql.conf]}]}"
    )
    assert not missing.settings_complete


def test_server_settings_from_scripts() -> None:
    one = server(
        "{volumes: [{name: c, configMap: {name: settings}}], containers: [{name: pg, image: postgres}]}",
        CONFIG + "data:\n  init.sql: |\n    -- alter system set max_connections = 1\n"
        "    ALTER SYSTEM SET max_connections TO '250';\n",
    )
    assert {key: text(value) for key, value in one.settings.items()} == {"max_connections": "250"}


def test_bitnami_variables_and_the_official_image_that_has_none() -> None:
    spec = '{{containers: [{{name: pg, image: {}, env: [{{name: POSTGRESQL_MAX_CONNECTIONS, value: "500"}}]}}]}}'
    assert text(server(spec.format("docker.io/bitnami/postgresql:16")).settings["max_connections"]) == "500"
    assert text(server(spec.format("quay.io/sclorg/postgresql-15-c9s")).settings["max_connections"]) == "500"
    assert server(spec.format("postgres:16")).settings == {}


def test_clients_that_use_a_server_image_are_no_servers() -> None:
    specs = (
        "{containers: [{name: x, image: postgres, command: [sh, -c, 'until pg_isready; do sleep 1; done; psql']}]}",
        "{containers: [{name: x, image: postgres, command: [sleep, infinity]}]}",
        "{containers: [{name: x, image: prometheuscommunity/postgres-exporter}]}",
        "{containers: [{name: x, image: ghcr.io/cloudnative-pg/postgresql-operator}]}",
        "{containers: [{name: x, image: emqx, env: [{name: max_connections, value: '5'}]}]}",
    )
    for spec in specs:
        assert read(manifest(spec)).servers == ()
    assert read(manifest("{containers: [{name: x, image: postgres}]}", "Job")).servers == ()


def test_hosts_are_the_services_that_select_the_pods() -> None:
    one = server(
        "{containers: [{name: pg, image: postgis/postgis}]}",
        "apiVersion: v1\nkind: Service\nmetadata: {name: DB, namespace: data}\nspec: {selector: {app: pg}}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: other}\nspec: {selector: {app: api}}\n",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: data}\n",
    )
    assert one.hosts == ("db", "db.data")


def test_repeated_names_mean_the_nearest_file() -> None:
    folder = (
        manifest("{containers: [{name: pg, image: postgres, envFrom: [{configMapRef: {name: settings}}]}]}", name="pg")
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db-%s}\nspec: {selector: {app: api}}\n---\n"
        + CONFIG
        + "data: {WHO: %s}\n"
    )
    found, _ = read_files({f"{name}/pg.yaml": folder % (name, name) for name in ("a", "b")})
    assert [(one.hosts[0], one.origin) for one in found.servers] == [("db-a", "a"), ("db-b", "b")]
    assert [text(one.containers[0].environment_variables["WHO"]) for one in found.workloads] == ["a", "b"]


def test_services_with_external_names() -> None:
    (one,) = read(
        "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n"
        "spec: {type: ExternalName, externalName: x.rds.amazonaws.com}\n"
    ).services
    assert (one.name, one.external) == ("db", "x.rds.amazonaws.com")


def test_pooler_from_variables() -> None:
    one = pooler(
        "{containers: [{name: b, image: 'edoburu/pgbouncer:1.21.0', env: [{name: DB_HOST, value: db},"
        ' {name: POOL_MODE, value: transaction}, {name: DEFAULT_POOL_SIZE, value: "25"}]}]}',
        "apiVersion: v1\nkind: Service\nmetadata: {name: pool}\nspec: {selector: {app: bouncer}}\n",
    )
    assert (text(one.mode), integer(one.pool_size), one.port, one.targets) == ("transaction", 25, 5432, ("db",))
    assert (one.version, one.hosts[0], one.sidecar_of) == ("1.21.0", "pool", None)


def test_pooler_from_bitnami_variables_beside_an_application() -> None:
    one = pooler(
        "{containers: [{name: app, image: x}, {name: b, image: bitnami/pgbouncer, env: [{name: POSTGRESQL_HOST,"
        ' value: db}, {name: PGBOUNCER_POOL_MODE, value: session}, {name: PGBOUNCER_MAX_CLIENT_CONN, value: "50"}]}]}'
    )
    assert (one.sidecar_of, one.name, text(one.mode), integer(one.max_client_conn)) == ("bouncer", "b", "session", 50)


def test_pooler_from_an_embedded_ini_keeps_its_places() -> None:
    ini = (
        "data:\n  pgbouncer.ini: |\n    [databases]\n    app = host=db port=5432 pool_size=15\n\n"
        "    [pgbouncer]\n    pool_mode = transaction\n    max_client_conn = 500\n    listen_port = 6432\n"
    )
    one = pooler(
        "{volumes: [{name: c, configMap: {name: settings}}], containers: [{name: b, image: pgbouncer/pgbouncer}]}",
        CONFIG + ini,
    )
    assert one.mode is not None
    assert (text(one.mode), str(one.mode.at)) == ("transaction", "k8s/all.yaml:18")
    assert [(database.name, database.host, integer(database.pool_size)) for database in one.databases] == [
        ("app", "db", 15)
    ]
    assert (integer(one.max_client_conn), one.port, str(one.at)) == (500, 6432, "k8s/all.yaml:3")


def test_pgpool_multiplies_and_pgcat_adds_up() -> None:
    one = pooler(
        '{containers: [{name: p, image: bitnami/pgpool, env: [{name: PGPOOL_NUM_INIT_CHILDREN, value: "50"},'
        ' {name: PGPOOL_BACKEND_NODES, value: "0:pg-0.pg:5432,1:pg-1.pg:5432"}]}]}'
    )
    assert (integer(one.total_size), one.targets) == (200, ("pg-0.pg", "pg-1.pg"))
    toml = (
        "data:\n  pgcat.toml: |\n    [pools.app]\n    pool_mode = 'transaction'\n"
        "    [pools.app.users.0]\n    pool_size = 10\n    [pools.app.users.1]\n    pool_size = 5\n"
    )
    cat = pooler(
        "{volumes: [{name: c, configMap: {name: settings}}], containers: [{name: p, image: ghcr.io/x/pgcat}]}",
        CONFIG + toml,
    )
    assert [integer(database.pool_size) for database in cat.databases] == [15]


def test_label_declares_a_pooler() -> None:
    found = read(manifest("{containers: [{name: a, image: x}]}", labels='{app: a, pgbouncer-enabled: "true"}'))
    assert [(one.platform, one.sidecar_of) for one in found.poolers] == [("label", "api")]
    assert read(manifest("{containers: [{name: a, image: x}]}", labels='{pgbouncer-enabled: "false"}')).poolers == ()


def test_chart_templates_and_definitions_are_left_alone() -> None:
    found, files = read_files(
        {
            "chart/Chart.yaml": "name: x\n",
            "chart/templates/a.yaml": manifest("{containers: [{name: a, image: {{ .Values.x }}}]}"),
            "crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n"
            "spec: {names: {kind: Cluster}}\n",
        }
    )
    assert found == Infrastructure()
    assert files.failures == []


def test_templates_outside_of_charts_are_failures() -> None:
    bad = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n"
    bad += "  {{- if .x }}\n  replicas: 3\n  {{- end }}\n"
    _, files = read_files({"a.yaml": bad})
    assert [(failure.kind, failure.line) for failure in files.failures] == [("syntax", 5)]


def test_json_lists_and_odd_shapes() -> None:
    found = read(
        '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata":'
        ' {"name": "a"}, "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x"}]}}}}, null, 5]}',
        path="all.json",
    )
    assert [one.name for one in found.workloads] == ["a"]
    odd = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: []\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: [1], "
        "template: {spec: {containers: [5, {name: [x], image: {a: b}, env: x, args: 5}], volumes: {}}}}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: 5, selector: []}\n",
        "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: x}\nspec: [a]\n",
        "apiVersion: postgresql.cnpg.io/v1\nkind: Pooler\nmetadata: {name: x}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: [x]\n",
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\nspec: {}\n",
    )
    read(*odd)


def test_scalar_of_a_quoted_number() -> None:
    one = read(
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: "3", template: {spec: '
        "{containers: [{name: a, image: x}]}}}\n"
    ).workloads[0]
    assert (scalar(one.replicas), integer(one.replicas)) == ("3", 3)


POSTGRES = manifest("{containers: [{name: pg, image: postgres}]}", name="pg")


def _environments(*paths: str) -> list[tuple[str, str]]:
    found, _ = read_files(dict.fromkeys(paths, POSTGRES))
    return [(str(one.at).rpartition(":")[0], one.environment) for one in found.servers]


def test_manifests_of_one_name_are_alternatives() -> None:
    assert _environments("a/k8s/pg.yaml", "b/k8s/pg.yaml") == [("a/k8s/pg.yaml", "a"), ("b/k8s/pg.yaml", "b")]
    assert _environments("s/one.yaml", "s/two.yaml") == [("s/one.yaml", "one"), ("s/two.yaml", "two")]
    assert _environments("k/pg.yaml", "k/ha/pg.yaml") == [("k/ha/pg.yaml", "ha"), ("k/pg.yaml", "pg")]
    assert _environments("a/x/pg.yaml", "b/x/pg.yaml", "b/y/pg.yaml") == [
        ("a/x/pg.yaml", "a"),
        ("b/x/pg.yaml", "x"),
        ("b/y/pg.yaml", "y"),
    ]
    assert _environments("dev/pg.yaml", "prod/pg.yaml") == [("dev/pg.yaml", "dev"), ("prod/pg.yaml", "prod")]


def test_what_is_told_apart_by_namespace_stays_together() -> None:
    one = manifest("{containers: [{name: a, image: x}]}").replace("{name: api}", "{name: api, namespace: %s}")
    found, _ = read_files({"a.yaml": one % "a", "b.yaml": one % "b"})
    assert [each.environment for each in found.workloads] == ["", ""]


def test_an_address_is_known_though_its_password_is_secret() -> None:
    one = workload(
        "{containers: [{name: a, image: x, env: [{name: PW, valueFrom: {secretKeyRef: {name: s, key: k}}},"
        ' {name: DATABASE_URL, value: "postgres://u:$(PW)@db.shop:5433/app"},'
        ' {name: DB_URL, value: "postgres://u@$(PW)/app"}]}]}'
    )
    found = [(each.host, each.port) for each in endpoints(one.containers[0])]
    assert found == [("db.shop", 5433), (None, None)]


def test_an_image_of_ones_own_that_serves_the_port_is_a_server() -> None:
    spec = (
        "{{containers: [{{name: db, image: registry/shop-db, ports: [{{containerPort: {}}}], env: [{{name: {}}}]}}]}}"
    )
    assert server(spec.format(5432, "POSTGRES_DB")).name == "pg"
    assert read(manifest(spec.format(8080, "POSTGRES_DB"))).servers == ()
    assert read(manifest(spec.format(5432, "DB_HOST"))).servers == ()
    assert read(manifest(spec.format(5432, "POSTGRES_DB").replace("shop-db", "pgbouncer"))).servers == ()


def test_a_configuration_that_is_not_here_has_no_defaults() -> None:
    for spec in (
        "{containers: [{name: b, image: registry/pgbouncer}]}",
        "{volumes: [{name: c, secret: {secretName: gone}}], containers: [{name: b, image: edoburu/pgbouncer,"
        " volumeMounts: [{name: c, mountPath: /etc/pgbouncer}]}]}",
    ):
        one = pooler(spec)
        assert isinstance(one.mode, Unknown)
        assert isinstance(one.pool_size, Unknown)


def test_pooler_configuration_in_a_secret() -> None:
    ini = base64.b64encode(b"[databases]\n* = host=db\n[pgbouncer]\npool_mode = transaction\n").decode()
    one = pooler(
        "{volumes: [{name: c, secret: {secretName: conf}}], containers: [{name: b, image: edoburu/pgbouncer}]}",
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: conf}}\ndata:\n  pgbouncer.ini: {ini}\n"
        "  userlist.txt: eA==\n",
    )
    assert one.mode is not None
    assert (text(one.mode), str(one.mode.at)) == ("transaction", "k8s/all.yaml:13")
    broken = pooler(
        "{volumes: [{name: c, secret: {secretName: conf}}], containers: [{name: b, image: edoburu/pgbouncer}]}",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: conf}\ndata: {pgbouncer.ini: '***'}\n",
    )
    assert isinstance(broken.mode, Unknown)


def test_patches_that_nobody_lists_are_no_workloads() -> None:
    part = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\nspec: {template: {spec: {containers: [%s]}}}\n"
    found, _ = read_files(
        {
            "a/patches/image.yaml": part % "{name: b, image: edoburu/pgbouncer}",
            "a/env.yaml": part % "{name: b, env: []}",
            "a/whole.yaml": part % "{name: b, image: edoburu/pgbouncer}",
        }
    )
    assert [str(one.at) for one in found.workloads] == ["a/whole.yaml:3"]
