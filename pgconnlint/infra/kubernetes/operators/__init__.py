"""PostgreSQL operators: each object kind to its reader."""

from __future__ import annotations

from collections.abc import Callable

from pgconnlint.infra.kubernetes.manifests import api_group
from pgconnlint.infra.kubernetes.operators import cloudnativepg, crunchy, kubedb, stackgres, zalando
from pgconnlint.infra.kubernetes.operators.shared import Found
from pgconnlint.infra.kubernetes.scope import Scope
from pgconnlint.infra.resource import Resource

_READERS: dict[tuple[str, str], Callable[[Resource, Scope], Found]] = {
    ("postgresql.cnpg.io", "Cluster"): cloudnativepg.cluster,
    ("postgresql.cnpg.io", "Pooler"): cloudnativepg.pooler,
    ("postgresql.k8s.enterprisedb.io", "Cluster"): cloudnativepg.cluster,
    ("postgresql.k8s.enterprisedb.io", "Pooler"): cloudnativepg.pooler,
    ("acid.zalan.do", "postgresql"): zalando.cluster,
    ("postgres-operator.crunchydata.com", "PostgresCluster"): crunchy.cluster,
    ("pgv2.percona.com", "PerconaPGCluster"): crunchy.percona,
    ("stackgres.io", "SGCluster"): stackgres.cluster,
    ("kubedb.com", "Postgres"): kubedb.server,
    ("kubedb.com", "PgBouncer"): kubedb.pooler,
}
"""API group and kind to the function that reads it."""


def declarations(scope: Scope) -> Found:
    """What the operators' objects declare, in the manifests' order."""
    found = [reader(item, scope) for item in scope.resources if (reader := _READERS.get((api_group(item), item.kind)))]
    return Found(
        servers=tuple(server for one in found for server in one.servers),
        poolers=tuple(pooler for one in found for pooler in one.poolers),
    )
