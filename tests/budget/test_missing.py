"""What must be declared is named exactly: adding those lines, and nothing else, makes the budget whole."""

from __future__ import annotations

import pytest

from pgconnlint.budget.missing import to_declare
from tests.budget.stacks import CLUSTER, NODE_POOL, PYTHON_POOL, budgets, compose, deployment

SECRET = CLUSTER.replace('"100"', "100").replace("  postgresql: {parameters: {max_connections: 100}}\n", "")
URL = "    environment: {DATABASE_URL: 'postgres://a@db/a'}\n"
LAMBDA = """resource "aws_db_instance" "main" {
  identifier     = "main"
  engine         = "postgres"
  instance_class = "db.t3.micro"
}
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  filename      = "orders/package.zip"
  environment { variables = { DB_HOST = aws_db_instance.main.address } }
}
"""
TWO = {"billing/db.js": NODE_POOL % 3, "mailer/db.js": NODE_POOL % 7}
CASES: dict[str, dict[str, str]] = {
    "which source": {"stack.yaml": CLUSTER + deployment("api", "r.example/x"), **TWO},
    "no source here": {
        "stack.yaml": CLUSTER + deployment("billing", "r.example/billing") + deployment("api", "r.example/x"),
        "billing/db.js": NODE_POOL % 3,
    },
    "pool size": {
        "stack.yaml": CLUSTER + deployment("api", "shop/api"),
        "api/db.js": NODE_POOL % "Number(process.env.POOL_SIZE)",
    },
    "processes": {
        "docker-compose.yml": compose(f"  api:\n    build: .\n    command: celery -A app worker\n{URL}"),
        "app.py": PYTHON_POOL % 5,
    },
    "nodes": {"stack.yaml": CLUSTER + deployment("api", "shop/api", kind="DaemonSet"), "api/db.js": NODE_POOL % 5},
    "unbounded": {
        "stack.yaml": CLUSTER + deployment("api", "shop/api"),
        "api/db.py": PYTHON_POOL % "5, max_overflow=-1",
    },
    "functions": {"main.tf": LAMBDA, "orders/index.js": NODE_POOL % 2},
    "functions of elsewhere": {"main.tf": LAMBDA, "site/index.js": NODE_POOL % 2},
    "scaled elsewhere": {
        "Procfile": "web: gunicorn app:app -w 2\n",
        "app.py": PYTHON_POOL % 5,
        "x.toml": "",
    },
    "a server that is not here": {
        "stack.yaml": deployment("api", "shop/api"),
        "api/db.js": NODE_POOL % 5,
    },
}


@pytest.mark.parametrize("name", CASES)
def test_the_lines_named_make_the_budget_whole(name: str) -> None:
    files = CASES[name]
    config = ""
    before = [fact for budget in budgets(files) for fact in to_declare(budget)]
    assert before
    for fact in dict.fromkeys(one.toml for one in before):
        config += fact.replace("= N", "= 4") + "\n"
    after = budgets(files, config)
    assert [fact for budget in after for fact in to_declare(budget)] == []
    assert any(budget.gate is not None and budget.demands for budget in after)


def test_a_declared_number_keeps_the_servers_names() -> None:
    files = {"stack.yaml": CLUSTER + deployment("api", "shop/api"), "api/db.js": NODE_POOL % 5}
    [budget] = budgets(files, '[[server]]\nname = "shop"\nmax_connections = 500\n')
    assert (budget.server.capacity, len(budget.demands), budget.server.declaration.platform) == (497, 1, "cnpg")
