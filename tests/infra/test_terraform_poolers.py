"""Poolers that Terraform declares outside of RDS: containers, charts, modules, configuration in Secrets."""

from __future__ import annotations

from pgconnlint.infra.model import Infrastructure
from tests.infra.terraform_stacks import infrastructure, plain


def _read(text: str) -> Infrastructure:
    return infrastructure({"main.tf": text})[0]


def test_pgbouncer_as_an_ecs_service_of_an_image_in_a_registry_that_is_not_known() -> None:
    found = _read("""
resource "aws_db_instance" "db" { engine = "postgres" }
resource "aws_ecr_repository" "pgbouncer" { name = "pgbouncer" }
resource "aws_ecs_task_definition" "pooler" {
  family = "pooler"
  container_definitions = jsonencode([{
    name  = "pgbouncer"
    image = "${aws_ecr_repository.pgbouncer.repository_url}:latest"
    environment = [
      { name = "DB_HOST", value = aws_db_instance.db.address },
      { name = "POOL_MODE", value = "transaction" },
      { name = "DEFAULT_POOL_SIZE", value = "30" },
    ]
  }])
}
resource "aws_ecs_service" "pooler" {
  name            = "pooler"
  task_definition = aws_ecs_task_definition.pooler.arn
  desired_count   = 2
}
""")
    (pooler,) = found.poolers
    assert (pooler.platform, plain(pooler.mode), plain(pooler.pool_size), plain(pooler.processes)) == (
        "pgbouncer",
        "transaction",
        "30",
        2,
    )
    assert "aws_db_instance.db" in pooler.targets


def test_an_exporter_beside_is_no_pooler() -> None:
    found = _read("""
resource "aws_ecs_task_definition" "x" {
  family                = "x"
  container_definitions = jsonencode([{ name = "pgbouncer-exporter", image = "${var.registry}/pgbouncer-exporter" }])
}
variable "registry" {}
resource "aws_ecs_service" "x" {
  name            = "x"
  task_definition = "x"
}
""")
    assert found.poolers == ()


def test_the_rds_proxy_module_and_modules_named_after_poolers() -> None:
    found = _read("""
module "db" {
  source = "terraform-aws-modules/rds/aws"
  engine = "postgres"
}
module "proxy" {
  source                 = "terraform-aws-modules/rds-proxy/aws"
  name                   = "shop"
  engine_family          = "POSTGRESQL"
  target_db_instance     = true
  db_instance_identifier = module.db.db_instance_identifier
}
module "bouncer" {
  source = "git::https://example.org/modules.git//pgbouncer"
  host   = module.db.db_instance_address
}
module "mysql" {
  source        = "terraform-aws-modules/rds-proxy/aws"
  engine_family = "MYSQL"
}
""")
    rows = [(one.name, one.platform, plain(one.percent_of_server), one.targets) for one in found.poolers]
    assert rows == [("shop", "rds-proxy", 90, ("module.db",)), ("bouncer", "label", None, ("module.db",))]


def test_pgbouncer_ini_in_a_secret_with_parts_that_are_not_known() -> None:
    found = _read("""
variable "reserve" {}
locals {
  ini = <<-EOT
    [databases]
    shop = host=${aws_db_instance.db.address} port=5432
    [pgbouncer]
    listen_port = 6432
    pool_mode = transaction
    default_pool_size = 25
    reserve_pool_size = ${var.reserve}
  EOT
}
resource "aws_db_instance" "db" { engine = "postgres" }
resource "kubernetes_secret" "pgbouncer" {
  metadata {
    name = "pgbouncer"
  }
  data = { "pgbouncer.ini" = local.ini }
}
resource "kubernetes_deployment" "pgbouncer" {
  metadata {
    name = "pgbouncer"
  }
  spec {
    replicas = 3
    template {
      spec {
        container {
          name  = "pgbouncer"
          image = "edoburu/pgbouncer:1.23.1"
          volume_mount {
            name       = "config"
            mount_path = "/etc/pgbouncer"
          }
        }
        volume {
          name = "config"
          secret {
            secret_name = kubernetes_secret.pgbouncer.metadata[0].name
          }
        }
      }
    }
  }
}
""")
    (pooler,) = found.poolers
    assert pooler.mode is not None
    assert (plain(pooler.mode), pooler.mode.at.start.line) == ("transaction", 9)
    assert (plain(pooler.pool_size), plain(pooler.processes), plain(pooler.reserve_size)) == (25, 3, "?")


def test_charts_installed_by_helm_release() -> None:
    found = _read("""
resource "helm_release" "db" {
  name       = "db"
  repository = "https://charts.example.org/bitnami"
  chart      = "postgresql"
  values = [<<-EOT
    primary:
      extendedConfiguration: |
        max_connections = 500
  EOT
  ]
  set {
    name  = "primary.resources.limits.memory"
    value = "1Gi"
  }
}
""")
    (server,) = found.servers
    setting = server.settings["max_connections"]
    assert (plain(setting), setting.at.start.line, server.memory_bytes) == ("500", 9, 1024**3)
    assert "helm_release.db" in server.references


def test_a_cloud_run_service_reaches_its_server_through_a_named_secret() -> None:
    found = _read("""
resource "google_sql_database_instance" "main" { database_version = "POSTGRES_16" }
resource "google_secret_manager_secret" "url" { secret_id = "database-url" }
resource "google_secret_manager_secret_version" "url" {
  secret      = google_secret_manager_secret.url.id
  secret_data = "postgresql://u@/db?host=/cloudsql/${google_sql_database_instance.main.connection_name}"
}
resource "google_cloud_run_v2_service" "api" {
  name = "api"
  template {
    containers {
      image = "api"
      env {
        name = "DATABASE_URL"
        value_source {
          secret_key_ref {
            secret = google_secret_manager_secret.url.secret_id
          }
        }
      }
    }
  }
}
""")
    assert "google_sql_database_instance.main" in found.workloads[0].references
