# A web shop's database: parameter group, primary, replica, alarm.
locals {
  name = "${var.project}-${var.environment}"
  parameters = merge(
    {
      max_connections             = var.max_connections
      "log_min_duration_statement" = 500
      (var.extra_parameter)       = "on" // computed key
    },
    var.environment == "prod" ? { shared_preload_libraries = "pg_stat_statements" } : {},
  )
  replicas = { for i, zone in slice(data.aws_availability_zones.all.names, 0, var.replicas) : zone => i... }
}

resource "aws_db_parameter_group" "main" {
  name_prefix = "${local.name}-"
  family      = "postgres${split(".", var.engine_version)[0]}"

  dynamic "parameter" {
    for_each = local.parameters
    iterator = setting
    content {
      name         = setting.key
      value        = tostring(setting.value)
      apply_method = contains(["max_connections", "shared_preload_libraries"], setting.key) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [description]
  }
}

resource "aws_db_instance" "main" {
  identifier              = local.name
  engine                  = "postgres"
  engine_version          = var.engine_version
  instance_class          = lookup(var.classes, var.environment, "db.t3.medium")
  allocated_storage       = 100
  max_allocated_storage   = -1
  iops                    = 3.5e3
  multi_az                = var.environment == "prod" && !var.cheap
  parameter_group_name    = aws_db_parameter_group.main.name
  backup_window           = "03:00-04:00"
  password                = random_password.main[0].result
  db_subnet_group_name    = try(aws_db_subnet_group.main[0].name, null)
  vpc_security_group_ids  = [aws_security_group.db.id, aws_security_group.ops["admin"].id]
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  tags = merge(var.tags, { Name = "\"${local.name}\" database", Cost = "$${literal}" })
}

resource "aws_db_instance" "replica" {
  for_each            = local.replicas
  identifier          = format("%s-replica-%02d", local.name, each.value[0])
  replicate_source_db = aws_db_instance.main.identifier
  instance_class      = aws_db_instance.main.instance_class
  depends_on          = [aws_db_instance.main]
}

output "endpoints" {
  value = concat([aws_db_instance.main.endpoint], values(aws_db_instance.replica)[*].endpoint)
}
