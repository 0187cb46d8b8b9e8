"""Small stacks that tests put together: Kubernetes and Compose texts, pools, and what the budget makes of them."""

from __future__ import annotations

import tomllib

from pgconnlint.budget.model import Budget, Phase
from pgconnlint.config import Config, parse
from pgconnlint.project import Project

CLUSTER = """apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: shop}
spec:
  instances: 1
  postgresql: {parameters: {max_connections: "100"}}
"""
NODE_POOL = "const { Pool } = require('pg');\nmodule.exports.pool = new Pool({ max: %s });\n"
PYTHON_POOL = """import os
from sqlalchemy import create_engine
engine = create_engine(os.environ['DATABASE_URL'], pool_size=%s)
"""


def deployment(name: str, image: str, replicas: str = "2", kind: str = "Deployment") -> str:
    """A workload of Kubernetes that is given the cluster's address."""
    return f"""---
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}}}
spec:
  {f"replicas: {replicas}" if kind == "Deployment" else ""}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: main
          image: {image}
          env: [{{name: DATABASE_URL, value: "postgres://shop@shop-rw:5432/shop"}}]
"""


def compose(services: str) -> str:
    """A Compose file with a PostgreSQL service called `db` and others; those are indented by two."""
    return f"services:\n  db:\n    image: postgres:16\n{services}"


def budgets(files: dict[str, str], config: str = "") -> tuple[Budget, ...]:
    return Project.from_memory(files, _config(config)).budgets


def _config(written: str) -> Config:
    return parse(tomllib.loads(written), "pgconnlint.toml") if written else Config()


def sums(files: dict[str, str], config: str = "") -> dict[str, list[str]]:
    """Client name to its products at peak, poolers and servers without clients left out."""
    found: dict[str, list[str]] = {}
    for budget in budgets(files, config):
        for demand in (*budget.demands, *budget.pooled):
            found.setdefault(demand.name, []).append(demand.sums[Phase.PEAK])
    return found
