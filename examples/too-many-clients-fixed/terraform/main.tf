terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_db_parameter_group" "shop" {
  name   = "shop-postgres16"
  family = "postgres16"

  parameter {
    name         = "max_connections"
    value        = var.max_connections
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "shared_buffers"
    value        = "{DBInstanceClassMemory/32768}" # pages of 8 kB: a quarter of the memory
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "idle_in_transaction_session_timeout"
    value = "60000"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "500"
  }
}

resource "aws_db_instance" "shop" {
  identifier           = "shop"
  engine               = "postgres"
  engine_version       = "16.4"
  instance_class       = "db.t3.medium"
  allocated_storage    = 100
  db_name              = "shop"
  username             = "shop"
  password             = var.password
  parameter_group_name = aws_db_parameter_group.shop.name
  multi_az             = true
  skip_final_snapshot  = false
}
