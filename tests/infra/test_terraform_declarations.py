"""Servers, poolers and workloads that Terraform declares."""

from __future__ import annotations

from pgconnlint.infra.model import Infrastructure, ServerDeclaration
from tests.infra.terraform_stacks import infrastructure, plain

GIB = 1024**3


def _read(text: str, **files: str) -> Infrastructure:
    return infrastructure({"main.tf": text, **{name.replace("__", "/"): held for name, held in files.items()}})[0]


def _only(found: Infrastructure) -> ServerDeclaration:
    assert len(found.servers) == 1
    return found.servers[0]


def test_rds_instance_with_its_parameter_group() -> None:
    server = _only(
        _read("""
resource "aws_db_parameter_group" "shop" {
  name_prefix = "shop-"
  family      = "postgres16"
  parameter {
    name         = "Max_Connections"
    value        = "LEAST({DBInstanceClassMemory/9531392},5000)"
    apply_method = "pending-reboot"
  }
}
resource "aws_db_instance" "shop" {
  identifier           = "shop-db"
  engine               = "postgres"
  instance_class       = "db.t3.medium"
  parameter_group_name = aws_db_parameter_group.shop.id
}
resource "aws_db_instance" "mysql" {
  engine         = "mysql"
  instance_class = "db.t3.medium"
}
resource "aws_db_instance" "aurora_mysql" {
  engine = "aurora-mysql"
}
""")
    )
    assert (server.name, server.platform, server.memory_label) == ("shop-db", "rds", "db.t3.medium")
    assert server.memory_bytes == 4 * GIB
    assert server.default_max_connections == 396
    assert server.settings_complete
    assert list(server.settings) == ["max_connections"]
    assert server.settings_at is not None
    assert server.settings_at.start.line == 2
    assert server.references == ("aws_db_instance.shop",)


def test_a_replica_only_where_a_source_is_given() -> None:
    server = _only(
        _read("""
variable "source_db" { default = "" }
resource "aws_db_instance" "shop" {
  engine              = "postgres"
  instance_class      = "db.t3.medium"
  replicate_source_db = var.source_db
}
""")
    )
    assert server.replica_of is None


_WORKSPACES = """
locals { class = { default = "db.t3.micro", prod = "db.r5.large" } }
resource "aws_db_instance" "shop" {
  identifier     = "shop-${terraform.workspace}"
  engine         = "postgres"
  instance_class = local.class[terraform.workspace]
  multi_az       = terraform.workspace == "prod"
}
"""


def test_workspaces_that_a_module_names_are_alternatives() -> None:
    found = _read(_WORKSPACES).servers
    assert sorted((one.name, one.environment, one.memory_label) for one in found) == [
        ("shop-default", "default", "db.t3.micro"),
        ("shop-prod", "prod", "db.r5.large"),
    ]


def test_variable_files_say_the_workspace_and_an_unnamed_one_stays_unknown() -> None:
    files = {"envs__production.tfvars": "size = 5\n", "envs__staging.tfvars": "size = 1\n"}
    found = _read(_WORKSPACES + 'variable "size" {}\n', **files).servers
    assert [(one.environment, one.memory_label) for one in found] == [("prod", "db.r5.large"), ("staging", "")]
    (alone,) = _read(
        'resource "aws_db_instance" "x" {\n engine = "postgres"\n identifier = terraform.workspace\n}'
    ).servers
    assert (alone.name, alone.environment) == ("x", "")


def test_parameter_groups_by_name_and_from_elsewhere() -> None:
    found = _read("""
locals { name = "shop-pg" }
resource "aws_db_parameter_group" "shop" {
  name   = local.name
  family = "postgres16"
  parameter {
    name  = "max_connections"
    value = 300
  }
}
resource "aws_db_instance" "literal" {
  engine               = "postgres"
  parameter_group_name = "shop-pg"
}
resource "aws_db_instance" "default" {
  engine               = "postgres"
  parameter_group_name = "default.postgres16"
}
resource "aws_db_instance" "elsewhere" {
  engine               = "postgres"
  parameter_group_name = "somebody-elses"
}
""")
    by_name = {server.name: server for server in found.servers}
    assert plain(by_name["literal"].settings["max_connections"]) == 300
    assert by_name["default"].settings_complete
    assert not by_name["elsewhere"].settings_complete


def test_replicas_follow_their_primary() -> None:
    found = _read("""
resource "aws_db_instance" "primary" {
  identifier = "primary"
  engine     = "postgres"
}
resource "aws_db_instance" "replica" {
  identifier          = "replica"
  replicate_source_db = aws_db_instance.primary.identifier
}
""")
    assert [(one.name, one.replica_of) for one in found.servers] == [
        ("primary", None),
        ("replica", "aws_db_instance.primary"),
    ]


def test_aurora_with_members_and_serverless() -> None:
    found = _read("""
resource "aws_rds_cluster_parameter_group" "shop" {
  family = "aurora-postgresql15"
  parameter {
    name  = "max_connections"
    value = "500"
  }
}
resource "aws_rds_cluster" "shop" {
  cluster_identifier              = "shop"
  engine                          = "aurora-postgresql"
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.shop.name
}
resource "aws_rds_cluster_instance" "shop" {
  count              = 2
  cluster_identifier = aws_rds_cluster.shop.id
  instance_class     = "db.r5.large"
}
resource "aws_rds_cluster" "burst" {
  cluster_identifier = "burst"
  engine             = "aurora-postgresql"
  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 16
  }
}
resource "aws_rds_cluster_instance" "burst" {
  cluster_identifier = aws_rds_cluster.burst.id
  instance_class     = "db.serverless"
}
resource "aws_rds_cluster" "mysql" {
  engine = "aurora-mysql"
}
""")
    shop, burst = found.servers
    assert (shop.platform, plain(shop.instances), shop.default_max_connections) == ("aurora", 2, 1600)
    assert plain(shop.settings["max_connections"]) == "500"
    assert "aws_rds_cluster_instance.shop[1]" in shop.references
    assert (burst.serverless, burst.default_max_connections, burst.memory_label) == (True, 2000, "16 ACU")


def test_registry_modules() -> None:
    found = _read("""
module "db" {
  source         = "terraform-aws-modules/rds/aws"
  version        = "6.1.0"
  identifier     = "orders"
  engine         = "postgres"
  family         = "postgres15"
  instance_class = "db.m5.large"
  parameters     = [{ name = "max_connections", value = "400", apply_method = "pending-reboot" }]
}
module "aurora" {
  source         = "terraform-aws-modules/rds-aurora/aws"
  name           = "billing"
  engine         = "aurora-postgresql"
  instance_class = "db.r6g.large"
  instances      = { one = {}, two = {} }
}
module "sql" {
  source           = "terraform-google-modules/sql-db/google//modules/postgresql"
  name             = "events"
  tier             = "db-custom-2-7680"
  database_version = "POSTGRES_15"
  database_flags   = [{ name = "max_connections", value = "250" }]
}
module "cp" {
  source         = "cloudposse/rds/aws"
  name           = "crm"
  engine         = "postgres"
  instance_class = "db.t3.small"
  db_parameter   = [{ name = "max_connections", value = "90", apply_method = "pending-reboot" }]
}
module "cluster" {
  source       = "git::https://github.com/cloudposse/terraform-aws-rds-cluster.git?ref=1.0"
  name         = "wide"
  engine       = "aurora-postgresql"
  cluster_size = 3
  instance_type = "db.r5.large"
}
module "mysql" {
  source = "terraform-aws-modules/rds/aws"
  engine = "mysql"
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  environment {
    variables = { HOST = module.db.db_instance_address }
  }
}
""")
    rows = [
        (one.name, one.platform, one.memory_label, plain(one.settings.get("max_connections"))) for one in found.servers
    ]
    assert rows == [
        ("orders", "rds", "db.m5.large", "400"),
        ("billing", "aurora", "db.r6g.large", None),
        ("events", "cloudsql", "db-custom-2-7680", "250"),
        ("crm", "rds", "db.t3.small", "90"),
        ("wide", "aurora", "db.r5.large", None),
    ]
    assert plain(found.servers[1].instances) == 2
    assert found.workloads[0].references == ("module.db",)


def test_cloud_sql_alloydb_azure_and_digitalocean() -> None:
    found = _read("""
resource "google_sql_database_instance" "a" {
  name             = "a"
  database_version = "POSTGRES_15"
  settings {
    tier = "db-f1-micro"
    database_flags {
      name  = "max_connections"
      value = "60"
    }
  }
}
resource "google_sql_database_instance" "mysql" {
  database_version = "MYSQL_8_0"
  settings {
    tier = "db-f1-micro"
  }
}
resource "google_alloydb_instance" "b" {
  instance_id    = "b"
  instance_type  = "PRIMARY"
  database_flags = { max_connections = "900" }
}
resource "azurerm_postgresql_flexible_server" "c" {
  name     = "c-pg"
  sku_name = "GP_Standard_D2s_v3"
}
resource "azurerm_postgresql_flexible_server_configuration" "c" {
  name      = "pgbouncer.enabled"
  server_id = azurerm_postgresql_flexible_server.c.id
  value     = "true"
}
resource "digitalocean_database_cluster" "d" {
  name       = "d"
  engine     = "pg"
  size       = "db-s-1vcpu-1gb"
  node_count = 1
}
resource "digitalocean_database_cluster" "redis" {
  engine = "redis"
  size   = "db-s-1vcpu-1gb"
}
resource "digitalocean_database_connection_pool" "d" {
  cluster_id = digitalocean_database_cluster.d.id
  name       = "pool-01"
  mode       = "transaction"
  size       = 20
  db_name    = "shop"
  user       = "shop"
}
""")
    rows = [(one.platform, one.name, one.default_max_connections, one.provider_reserved) for one in found.servers]
    assert rows == [
        ("cloudsql", "a", 25, 0),
        ("alloydb", "b", None, 0),
        ("azure", "c-pg", 859, 12),
        ("digitalocean", "d", 25, 0),
    ]
    poolers = [(one.platform, one.targets, plain(one.total_size), one.port) for one in found.poolers]
    assert poolers == [
        ("digitalocean", ("digitalocean_database_cluster.d",), 20, 25061),
        ("azure", ("azurerm_postgresql_flexible_server.c",), None, 6432),
    ]


def test_rds_proxy_and_what_reaches_it() -> None:
    found = _read("""
resource "aws_rds_cluster" "shop" {
  cluster_identifier = "shop"
  engine             = "aurora-postgresql"
}
resource "aws_db_proxy" "shop" {
  name          = "shop"
  engine_family = "POSTGRESQL"
}
resource "aws_db_proxy_default_target_group" "shop" {
  db_proxy_name = aws_db_proxy.shop.name
  connection_pool_config {
    max_connections_percent = 80
  }
}
resource "aws_db_proxy_target" "shop" {
  db_cluster_identifier = aws_rds_cluster.shop.id
  db_proxy_name         = aws_db_proxy.shop.name
  target_group_name     = aws_db_proxy_default_target_group.shop.name
}
resource "aws_db_proxy_endpoint" "readers" {
  db_proxy_name = aws_db_proxy.shop.name
  target_role   = "READ_ONLY"
}
resource "aws_ssm_parameter" "host" {
  name  = "/shop/host"
  value = aws_db_proxy.shop.endpoint
}
resource "aws_lambda_function" "f" {
  function_name                  = "f"
  reserved_concurrent_executions = 40
  environment {
    variables = { HOST_PARAMETER = aws_ssm_parameter.host.name, READERS = aws_db_proxy_endpoint.readers.endpoint }
  }
}
""")
    (proxy,) = found.poolers
    assert (proxy.platform, plain(proxy.percent_of_server), proxy.targets) == (
        "rds-proxy",
        80,
        ("aws_rds_cluster.shop",),
    )
    (function,) = found.workloads
    assert plain(function.concurrency) == 40
    assert "aws_db_proxy.shop" in function.references


def test_ecs_services_with_task_definitions_and_autoscaling() -> None:
    found = _read("""
resource "aws_ecs_cluster" "main" { name = "main" }
resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = jsonencode([{
    name        = "api"
    image       = "shop/api:${var.tag}"
    command     = ["gunicorn", "-w", "4", "shop.wsgi"]
    memory      = 512
    environment = [{ name = "PGHOST", value = aws_db_instance.shop.address }, { name = "POOL", value = "5" }]
    secrets     = [{ name = "DATABASE_URL", valueFrom = aws_secretsmanager_secret.db.arn }]
  }])
}
variable "tag" {}
resource "aws_secretsmanager_secret" "db" { name = "db" }
resource "aws_db_instance" "shop" { engine = "postgres" }
resource "aws_ecs_service" "api" {
  name                       = "api"
  cluster                    = aws_ecs_cluster.main.id
  task_definition            = aws_ecs_task_definition.api.arn
  desired_count              = 3
  deployment_maximum_percent = 150
}
resource "aws_appautoscaling_target" "api" {
  max_capacity       = 12
  min_capacity       = 3
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.api.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
}
""")
    (service,) = found.workloads
    assert (plain(service.replicas), plain(service.max_replicas), plain(service.surge)) == (3, 12, "50%")
    (container,) = service.containers
    assert [plain(word) for word in container.arguments] == ["gunicorn", "-w", "4", "shop.wsgi"]
    assert container.memory_bytes == 512 * 1024**2
    assert plain(container.environment_variables["POOL"]) == "5"
    assert "aws_db_instance.shop" in service.references


def test_container_definitions_as_a_template_file() -> None:
    found = _read(
        """
resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = templatefile("${path.module}/task.json.tpl", { image = var.image, pool = 7 })
}
variable "image" {}
resource "aws_ecs_service" "api" {
  name            = "api"
  task_definition = "api"
  desired_count   = 2
}
""",
        **{
            "task.json.tpl": '[{"name": "api", "image": "${image}",\n "environment": [{"name": "POOL", '
            '"value": "${pool}"}]}]'
        },
    )
    (container,) = found.workloads[0].containers
    pool = container.environment_variables["POOL"]
    assert plain(pool) == "7"
    assert (pool.at.path, pool.at.start.line) == ("task.json.tpl", 2)


def test_cloud_run() -> None:
    found = _read("""
resource "google_cloud_run_v2_service" "api" {
  name = "api"
  template {
    scaling {
      max_instance_count = 30
    }
    containers {
      image = "api"
      env {
        name  = "DB_HOST"
        value = google_sql_database_instance.db.private_ip_address
      }
    }
  }
}
resource "google_cloud_run_service" "old" {
  name = "old"
  template {
    metadata {
      annotations = { "autoscaling.knative.dev/maxScale" = "8" }
    }
    spec {
      containers {
        image = "old"
      }
    }
  }
}
resource "google_sql_database_instance" "db" {
  database_version = "POSTGRES_15"
}
""")
    by_name = {one.name: one for one in found.workloads}
    assert plain(by_name["api"].concurrency) == 30
    assert by_name["api"].references == ("google_sql_database_instance.db",)
    assert plain(by_name["old"].concurrency) == "8"


def test_kubernetes_resources_read_as_manifests() -> None:
    found = _read("""
resource "kubernetes_deployment_v1" "api" {
  metadata {
    name      = "api"
    namespace = "shop"
  }
  spec {
    replicas = 3
    strategy {
      type = "RollingUpdate"
      rolling_update {
        max_surge = "25%"
      }
    }
    selector {
      match_labels = { app = "api" }
    }
    template {
      metadata {
        labels = { app = "api" }
      }
      spec {
        container {
          name  = "api"
          image = "shop/api:1"
          env {
            name  = "DATABASE_URL"
            value = "postgres://u@${aws_db_instance.shop.address}/shop"
          }
          env {
            name = "POOL"
            value_from {
              config_map_key_ref {
                name = kubernetes_config_map.shop.metadata[0].name
                key  = "pool"
              }
            }
          }
        }
      }
    }
  }
}
resource "kubernetes_config_map" "shop" {
  metadata {
    name      = "shop"
    namespace = "shop"
  }
  data = { pool = "9" }
}
resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {
  metadata {
    name      = "api"
    namespace = "shop"
  }
  spec {
    max_replicas = 20
    scale_target_ref {
      kind = "Deployment"
      name = kubernetes_deployment_v1.api.metadata[0].name
    }
  }
}
resource "aws_db_instance" "shop" { engine = "postgres" }
""")
    (workload,) = found.workloads
    assert (plain(workload.replicas), plain(workload.max_replicas), plain(workload.surge)) == (3, 20, "25%")
    assert workload.references == ("aws_db_instance.shop",)
    assert plain(workload.containers[0].environment_variables["POOL"]) == "9"
    assert workload.at.start.line == 2


def test_variable_sets_are_alternatives() -> None:
    files = {
        "terraform/main.tf": """
variable "class" {}
variable "connections" { default = "100" }
resource "aws_db_instance" "shop" {
  identifier     = "shop"
  engine         = "postgres"
  instance_class = var.class
}
""",
        "terraform/terraform.tfvars": 'connections = "1"\nclass = "db.t3.nano"\n',
        "terraform/z.auto.tfvars": 'connections = "2"\n',
        "terraform/envs/prod.tfvars": 'class = "db.r5.large"\n',
        "terraform/envs/staging/main.tfvars": 'class = "db.t3.small"\n',
        "terraform/envs/example.tfvars": 'class = "db.t3.micro"\n',
        "terraform/other.tfvars.json": '{"unrelated": 1}',
    }
    found, failures = infrastructure(files)
    assert failures == []
    assert [(one.environment, one.memory_label) for one in found.servers] == [
        ("prod", "db.r5.large"),
        ("staging", "db.t3.small"),
    ]


def test_environments_of_roots_and_terragrunt_units() -> None:
    files = {
        "modules/db/main.tf": """
variable "class" {}
resource "aws_db_instance" "shop" {
  identifier     = "shop"
  engine         = "postgres"
  instance_class = var.class
}
""",
        "envs/dev/main.tf": 'module "db" {\n  source = "../../modules/db"\n  class  = "db.t3.micro"\n}\n',
        "live/prod/db/terragrunt.hcl": """
terraform {
  source = "../../../modules//db"
}
locals { class = "db.r5.large" }
inputs = { class = local.class }
""",
        "live/staging/db/terragrunt.hcl": """
terraform {
  source = "tfr:///terraform-aws-modules/rds/aws?version=6.0.0"
}
inputs = {
  identifier     = "stage"
  engine         = "postgres"
  instance_class = "db.t3.small"
}
""",
    }
    found, _ = infrastructure(files)
    assert [(one.environment, one.name, one.memory_label) for one in found.servers] == [
        ("dev", "shop", "db.t3.micro"),
        ("prod", "shop", "db.r5.large"),
        ("staging", "stage", "db.t3.small"),
    ]


def test_opentofu_files_shadow_and_json_is_read() -> None:
    files = {
        "db.tf": 'resource "aws_db_instance" "a" {\n  engine = "mysql"\n}\n',
        "db.tofu": 'resource "aws_db_instance" "a" {\n  engine = "postgres"\n}\n',
        "more.tf.json": """{"variable": {"class": {"default": "db.t3.micro"}},
 "resource": {"aws_db_instance": {"b": {"engine": "postgres", "instance_class": "${var.class}"}}}}""",
    }
    found, failures = infrastructure(files)
    assert failures == []
    assert [(one.name, one.memory_label) for one in found.servers] == [("a", ""), ("b", "db.t3.micro")]


PLAN = """{
  "format_version": "1.2", "terraform_version": "1.11.4",
  "planned_values": {"root_module": {"resources": [
    {"address": "aws_db_parameter_group.shop", "mode": "managed", "type": "aws_db_parameter_group", "name": "shop",
     "values": {"family": "postgres16", "name_prefix": "shop",
                "parameter": [{"apply_method": "immediate", "name": "max_connections", "value": "750"}]}},
    {"address": "aws_db_instance.shop[0]", "mode": "managed", "type": "aws_db_instance", "name": "shop", "index": 0,
     "values": {"identifier": "shop-prod", "engine": "postgres", "instance_class": "db.r5.large",
                "replicate_source_db": null}}
  ], "child_modules": []}},
  "resource_changes": [
    {"address": "aws_db_instance.shop[0]",
     "change": {"after_unknown": {"address": true, "parameter_group_name": true}}}
  ],
  "configuration": {"root_module": {"resources": [
    {"address": "aws_db_instance.shop",
     "expressions": {"parameter_group_name":
       {"references": ["aws_db_parameter_group.shop.name", "aws_db_parameter_group.shop"]}}}
  ]}}
}"""


def test_a_plan_alone() -> None:
    found, failures = infrastructure({"prod.tfplan.json": PLAN})
    assert failures == []
    server = _only(found)
    assert (server.name, server.environment, server.memory_label) == ("shop-prod", "prod", "db.r5.large")
    assert plain(server.settings["max_connections"]) == "750"
    assert server.at.path == "prod.tfplan.json"


def test_a_plan_over_its_source() -> None:
    source = """
variable "class" {}
variable "connections" {}
resource "aws_db_parameter_group" "shop" {
  name_prefix = "shop"
  family      = "postgres16"
  parameter {
    name  = "max_connections"
    value = var.connections
  }
}
resource "aws_db_instance" "shop" {
  count                = var.class != "" ? 1 : 0
  identifier           = "shop-prod"
  engine               = "postgres"
  instance_class       = var.class
  parameter_group_name = aws_db_parameter_group.shop.name
}
"""
    found, _ = infrastructure({"main.tf": source, "plan.json": PLAN})
    server = _only(found)
    assert (server.at.path, server.memory_label) == ("main.tf", "db.r5.large")
    setting = server.settings["max_connections"]
    assert plain(setting) == "750"
    assert (setting.at.path, setting.at.start.line) == ("main.tf", 9)


def test_the_same_names_in_two_modules_do_not_mix() -> None:
    module = """
variable "connections" {}
resource "aws_rds_cluster_parameter_group" "db" {
  name   = "shop"
  family = "aurora-postgresql15"
  parameter {
    name  = "max_connections"
    value = var.connections
  }
}
resource "aws_rds_cluster" "db" {
  cluster_identifier              = "shop"
  engine                          = "aurora-postgresql"
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.db.name
}
resource "aws_rds_cluster_instance" "db" {
  cluster_identifier = aws_rds_cluster.db.cluster_identifier
  instance_class     = "db.r5.large"
}
"""
    root = """
module "east" {
  source      = "./db"
  connections = 100
}
module "west" {
  source      = "./db"
  connections = 200
}
"""
    found, _ = infrastructure({"main.tf": root, "db/main.tf": module})
    rows = [
        (plain(one.settings["max_connections"]), plain(one.instances), len(one.references)) for one in found.servers
    ]
    assert rows == [(100, 1, 2), (200, 1, 2)]


def test_digitalocean_settings_replicas_and_limits_of_roles() -> None:
    found = _read("""
resource "digitalocean_database_cluster" "pg" {
  name   = "shop"
  engine = "pg"
  size   = "db-s-2vcpu-4gb"
}
resource "digitalocean_database_postgresql_config" "pg" {
  cluster_id                          = digitalocean_database_cluster.pg.id
  idle_in_transaction_session_timeout = 60000
  pgbouncer { min_pool_size = 5 }
}
resource "digitalocean_database_replica" "pg" {
  cluster_id = digitalocean_database_cluster.pg.id
  name       = "shop-ro"
}
resource "postgresql_role" "app" {
  name             = "app"
  connection_limit = 40
}
resource "postgresql_role" "free" { name = "free" }
""")
    cluster, replica = found.servers
    assert {name: plain(value) for name, value in cluster.settings.items()} == {
        "idle_in_transaction_session_timeout": 60000
    }
    assert {name: plain(value) for name, value in cluster.role_limits.items()} == {"app": 40}
    assert (replica.name, replica.replica_of, replica.memory_label) == (
        "shop-ro",
        "digitalocean_database_cluster.pg",
        "db-s-2vcpu-4gb",
    )
    assert replica.role_limits == {}
