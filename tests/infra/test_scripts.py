"""Configuration files that scripts write, and Patroni's where it stands alone."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra import patroni, scripts
from pgconnlint.infra.model import Infrastructure
from pgconnlint.infra.reading import read
from pgconnlint.infra.resource import Unknown, text
from pgconnlint.syntax.files import Files

PATRONI = """scope: shop
restapi: {listen: 0.0.0.0:8008}
bootstrap:
  dcs:
    postgresql:
      parameters:
        max_connections: 500
        shared_buffers: ${SHARED}
"""


def _files(files: dict[str, str]) -> Files:
    return Files(files, lambda path: files[path].encode())


def _scripts(files: dict[str, str]) -> Infrastructure:
    return scripts.read(_files(files), Config())


def test_here_documents_become_what_they_configure() -> None:
    script = (
        """#!/bin/bash
# cat > /etc/pgbouncer/pgbouncer.ini <<EOF
cat > /etc/pgbouncer/pgbouncer.ini <<EOF
[databases]
shop = host=10.0.0.5 dbname=shop
[pgbouncer]
pool_mode = session
default_pool_size = $POOL_SIZE
max_client_conn = 400
EOF
sudo tee /etc/postgresql/16/main/postgresql.conf <<'END' >/dev/null
max_connections = 300
END
cat <<-EOT > /etc/patroni/patroni.yml
"""
        + PATRONI
    )
    found = _scripts({"setup/install.sh": script + "EOT\n"})
    (pooler,) = found.poolers
    assert (text(pooler.mode), text(pooler.max_client_conn), pooler.targets) == ("session", "400", ("10.0.0.5",))
    assert isinstance(pooler.pool_size, Unknown)
    assert pooler.mode is not None
    assert str(pooler.mode.at) == "setup/install.sh:7"
    own, managed = found.servers
    assert (own.platform, text(own.settings["max_connections"])) == ("conf", "300")
    assert str(own.settings["max_connections"].at) == "setup/install.sh:12"
    assert text(managed.settings["max_connections"]) == "500"
    assert isinstance(managed.settings["shared_buffers"], Unknown)
    assert [one.at.path for one in found.resources] == []


def test_scripts_that_end_early_or_write_other_things() -> None:
    assert _scripts({"a.sh": "cat > pgbouncer.ini <<EOF\n[pgbouncer]\n"}) == Infrastructure()
    assert (
        _scripts({"a.sh": "cat <<EOF\npgbouncer.ini\nEOF\n", "b.sh": "pgbouncer pgbouncer.ini << EOF\n"}).poolers == ()
    )
    assert _scripts({"a.sh": "cat >> postgresql.conf <<EOF\nmax_connections = 1\nEOF\n"}).servers == ()


def test_manifests_of_operators_that_a_script_applies() -> None:
    script = """
kubectl apply --context "$CTX" -n "$NS" -f - <<EOF
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: ${NAME}
spec:
  instances: 3
  postgresql: {parameters: {max_connections: "500", shared_buffers: "${SHARED}GB"}}
  resources: {limits: {memory: "${MEMORY}"}}
---
apiVersion: postgresql.cnpg.io/v1
kind: Pooler
metadata:
  name: ${NAME}-pooler
spec:
  cluster:
    name: ${NAME}
  instances: 3
  pgbouncer: {poolMode: transaction}
EOF
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: Pod
metadata: {name: once}
spec: {containers: [{name: a, image: "postgres:16"}]}
EOF
"""
    found = _scripts({"deploy.sh": script})
    (server,), (pooler,) = found.servers, found.poolers
    assert (server.name, text(server.settings["max_connections"]), server.memory_bytes) == ("${NAME}", "500", None)
    assert str(server.settings["max_connections"].at) == "deploy.sh:9"
    assert (text(pooler.mode), pooler.targets[1]) == ("transaction", "${name}")
    assert not server.settings_complete
    assert found.workloads == ()


def test_a_patroni_file_alone() -> None:
    files = _files({"db/patroni.yml": PATRONI, "patroni.yaml.rendered": PATRONI, "patroni-x.yml": "scope: a\n"})
    (server,) = patroni.read(files, Config()).servers
    assert (server.name, text(server.settings["max_connections"])) == ("db/patroni.yml", "500")


def test_the_same_pooler_written_twice_is_one() -> None:
    ini = "[databases]\nshop = host=db\n[pgbouncer]\npool_mode = transaction\n"
    found = read(_files({"a/pgbouncer.ini": ini, "b/pgbouncer.ini": ini, "prod/pgbouncer.ini": ini}), Config())
    assert [(one.name, one.environment) for one in found.poolers] == [
        ("a/pgbouncer.ini", ""),
        ("prod/pgbouncer.ini", "prod"),
    ]


def test_what_the_shell_fills_in_is_no_mistake() -> None:
    script = (
        "kubectl apply -f - <<EOF\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\n"
        "metadata: { name: $1, namespace: ${NS} }\nspec: {instances: 1}\nEOF\n"
    )
    files = _files({"drill.sh": script})
    scripts.read(files, Config())
    assert files.failures == []
