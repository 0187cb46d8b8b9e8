"""Each kind of workload in each phase, from files, against the formulas written down in docs/budget.md."""

from __future__ import annotations

import pytest

from pgconnlint.budget.model import Phase
from tests.budget.stacks import CLUSTER, NODE_POOL, budgets, compose, deployment

PHASES = (Phase.STEADY, Phase.PEAK, Phase.ROLLOUT, Phase.RESTART)
POOL = {"api/db.js": NODE_POOL % 5}


def _phases(files: dict[str, str]) -> list[int | None]:
    [budget] = budgets(files)
    return [budget.total(phase) for phase in PHASES]


def _job(kind: str, spec: str) -> str:
    pod = deployment("api", "shop/api", kind="Job").partition("  template:\n")[2]
    template = "  template:\n" + pod
    if kind == "CronJob":
        inner = "\n".join("    " + line if line else line for line in template.split("\n"))
        head = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: api}\nspec:\n  jobTemplate:\n    spec:\n"
        return f"{head}{spec}{inner}"
    return f"---\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: api}}\nspec:\n{spec}{template}"


@pytest.mark.parametrize(
    ("kind", "spec", "each"),
    [
        ("Job", "", 5),
        ("Job", "  parallelism: 4\n  completions: 40\n", 20),
        ("CronJob", "      parallelism: 3\n", 15),
    ],
)
def test_jobs_count_their_parallelism_in_every_phase(kind: str, spec: str, each: int) -> None:
    assert _phases({"stack.yaml": CLUSTER + _job(kind, spec), **POOL}) == [each] * 4


HPA = """---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  scaleTargetRef: {kind: Deployment, name: api, apiVersion: apps/v1}
  minReplicas: 2
  maxReplicas: 10
"""


def test_an_autoscaler_sets_the_peak_and_what_follows_from_it() -> None:
    """2 pods, at most 10; 25 % of 10 rounded up is 3; twice 10."""
    assert _phases({"stack.yaml": CLUSTER + deployment("api", "shop/api") + HPA, **POOL}) == [10, 50, 65, 100]


ECS = """resource "aws_db_instance" "shop" {
  identifier     = "shop"
  engine         = "postgres"
  instance_class = "db.t3.large"
}
resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "shop/api"
    environment = [{ name = "DATABASE_URL", value = "postgres://a@${aws_db_instance.shop.address}/a" }]
  }])
}
resource "aws_ecs_service" "api" {
  name            = "api"
  task_definition = aws_ecs_task_definition.api.arn
  desired_count   = 3
%s}
resource "aws_appautoscaling_target" "api" {
  max_capacity       = 12
  min_capacity       = 3
  resource_id        = "service/main/${aws_ecs_service.api.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
}
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("  deployment_maximum_percent = 150\n", [15, 60, 90, 120]),
        ("", [15, 60, 120, 120]),
        ("  deployment_maximum_percent = 100\n", [15, 60, 60, 120]),
    ],
)
def test_ecs_tasks(written: str, expected: list[int]) -> None:
    """3 tasks, at most 12, and `deployment_maximum_percent` of those during a deployment: 200 unless written."""
    assert _phases({"main.tf": ECS % written, **POOL}) == expected


LAMBDA = """resource "aws_db_instance" "shop" {
  identifier     = "shop"
  engine         = "postgres"
  instance_class = "db.t3.large"
}
resource "aws_lambda_function" "api" {
  function_name = "api"
  filename      = "api.zip"
%s  environment {
    variables = { DATABASE_URL = "postgres://a@${aws_db_instance.shop.address}/a" }
  }
}
"""


def test_functions_count_their_concurrency_in_every_phase() -> None:
    assert _phases({"main.tf": LAMBDA % "  reserved_concurrent_executions = 40\n", **POOL}) == [200] * 4
    assert _phases({"main.tf": LAMBDA % "", **POOL}) == [None] * 4


def test_compose_replicas_have_no_surge() -> None:
    services = "  api:\n    build: ./api\n    deploy: {replicas: 4}\n"
    services += "    environment: {DATABASE_URL: 'postgres://a@db/a'}\n"
    assert _phases({"docker-compose.yml": compose(services), **POOL}) == [20, 20, 20, 40]
