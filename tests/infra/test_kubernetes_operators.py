"""Operators' objects become servers and poolers with their defaults."""

from __future__ import annotations

from pgconnlint.infra.resource import integer, text
from tests.infra.test_kubernetes import read


def test_cloudnativepg() -> None:
    found = read(
        "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg, namespace: data}\nspec:\n"
        "  instances: 3\n  imageName: ghcr.io/cloudnative-pg/postgresql:16.3-1\n"
        '  postgresql: {parameters: {max_connections: "200"}}\n  resources: {limits: {memory: 2Gi}}\n',
        "apiVersion: postgresql.cnpg.io/v1\nkind: Pooler\nmetadata: {name: pool, namespace: data}\nspec:\n"
        '  cluster: {name: pg}\n  instances: 3\n  pgbouncer: {parameters: {default_pool_size: "50"}}\n',
        "apiVersion: cluster.x-k8s.io/v1\nkind: Cluster\nmetadata: {name: other}\nspec: {}\n",
    )
    (server,) = found.servers
    assert (text(server.settings["max_connections"]), server.memory_bytes, text(server.version)) == (
        "200",
        2**31,
        "16.3",
    )
    assert server.hosts[:2] == ("pg-rw", "pg-rw.data")
    (pooler,) = found.poolers
    assert (pooler.mode, pooler.default_mode, integer(pooler.pool_size), integer(pooler.processes)) == (
        None,
        "session",
        50,
        3,
    )
    assert (pooler.hosts, pooler.port, pooler.targets) == (("pool", "pool.data"), 5432, ("pg-rw", "pg"))


def test_enterprisedb_postgres_for_kubernetes_is_the_same_operator() -> None:
    found = read("apiVersion: postgresql.k8s.enterprisedb.io/v1\nkind: Cluster\nmetadata: {name: pg}\nspec: {}\n")
    assert [(one.platform, one.default_max_connections) for one in found.servers] == [("cnpg", 100)]


def test_zalando_divides_by_instances() -> None:
    head = "apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: acid}\nspec:\n"
    found = read(head + "  enableConnectionPooler: true\n  resources: {limits: {memory: 6Gi}}\n")
    assert [one.default_max_connections for one in found.servers] == [204]
    (pooler,) = found.poolers
    assert (integer(pooler.total_size), integer(pooler.processes), pooler.default_mode) == (30, 2, "transaction")
    assert str(pooler.at) == "k8s/all.yaml:5"
    (own,) = read(head + "  connectionPooler: {numberOfInstances: 3, maxDBConnections: 90, mode: session}\n").poolers
    assert (integer(own.total_size), text(own.mode)) == (30, "session")
    assert read(head + "  enableConnectionPooler: false\n  connectionPooler: {mode: session}\n").poolers == ()
    assert read(head + "  numberOfInstances: 2\n").poolers == ()


def test_crunchy_and_percona() -> None:
    body = (
        "spec:\n  postgresVersion: 16\n  instances: [{replicas: 2, resources: {limits: {memory: 4Gi}}}, {}]\n"
        '  patroni: {dynamicConfiguration: {postgresql: {parameters: {max_connections: "150", work_mem: 8MB}}}}\n'
        "  config: {parameters: {max_connections: 250}}\n"
        "  proxy: {pgBouncer: {replicas: 2, config: {global: {pool_mode: transaction, default_pool_size: '40'}}}}\n"
    )
    for kind, version in (
        ("PostgresCluster", "postgres-operator.crunchydata.com/v1beta1"),
        ("PerconaPGCluster", "pgv2.percona.com/v2"),
    ):
        found = read(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: hippo}}\n" + body)
        (server,) = found.servers
        assert (text(server.settings["max_connections"]), text(server.settings["work_mem"])) == ("250", "8MB")
        assert (integer(server.instances), server.memory_bytes) == (3, 2**32)
        (pooler,) = found.poolers
        assert (text(pooler.mode), integer(pooler.pool_size), integer(pooler.processes)) == ("transaction", 40, 2)
        assert pooler.hosts[0] == "hippo-pgbouncer"


def test_stackgres_has_a_sidecar_that_bounds_nothing() -> None:
    head = "apiVersion: stackgres.io/v1\nkind: {}\nmetadata: {{name: {}}}\nspec:\n"
    found = read(
        head.format("SGCluster", "db") + "  instances: 2\n  sgInstanceProfile: small\n"
        "  configurations: {sgPostgresConfig: conf, sgPoolingConfig: pool}\n",
        head.format("SGPostgresConfig", "conf") + '  postgresql.conf: {max_connections: "400"}\n',
        head.format("SGInstanceProfile", "small") + '  memory: "2Gi"\n',
        head.format("SGPoolingConfig", "pool")
        + "  pgBouncer: {pgbouncer.ini: {pgbouncer: {pool_mode: transaction, default_pool_size: '80'}}}\n",
    )
    (server,) = found.servers
    assert (text(server.settings["max_connections"]), server.memory_bytes, server.provider_reserved) == (
        "400",
        2**31,
        5,
    )
    (pooler,) = found.poolers
    assert (text(pooler.mode), integer(pooler.pool_size)) == ("transaction", 80)
    (bare,) = read(head.format("SGCluster", "db") + "  instances: 1\n").poolers
    assert (bare.default_mode, bare.default_pool_size, bare.default_max_client_conn) == ("session", 1000, 1000)
    off = head.format("SGCluster", "db") + "  pods: {disableConnectionPooling: true}\n"
    assert read(off).poolers == ()


def test_kubedb() -> None:
    found = read(
        "apiVersion: kubedb.com/v1\nkind: Postgres\nmetadata: {name: pg}\n"
        "spec: {replicas: 3, configSecret: {name: x}}\n",
        "apiVersion: kubedb.com/v1\nkind: PgBouncer\nmetadata: {name: pool}\n"
        "spec: {replicas: 2, database: {databaseRef: {name: pg}},"
        " connectionPool: {poolMode: transaction, defaultPoolSize: 30}}\n",
    )
    assert [one.settings_complete for one in found.servers] == [False]
    (pooler,) = found.poolers
    assert (integer(pooler.pool_size), pooler.targets) == (30, ("pg",))
