variable "services" {
  description = "What runs, and how often"
  type = map(object({
    image    = string
    count    = optional(number, 2)
    command  = optional(list(string))
    settings = optional(map(string), {})
  }))
  default = {
    web = { image = "shop/web:1.4", count = 6 }
    jobs = {
      image   = "shop/jobs:1.4"
      command = ["celery", "-A", "shop", "worker", "--concurrency=8"]
      settings = {
        POOL_SIZE = "5"
      }
    }
  }
  validation {
    condition     = alltrue([for s in var.services : s.count >= 0])
    error_message = "A count may not be negative."
  }
}

resource "aws_ecs_task_definition" "service" {
  for_each = var.services
  family   = "shop-${each.key}"
  container_definitions = jsonencode([
    {
      name    = each.key
      image   = each.value.image
      command = each.value.command
      environment = concat(
        [for k, v in each.value.settings : { name = k, value = v }],
        [{ name = "DATABASE_HOST", value = aws_db_proxy.main.endpoint }],
      )
      logConfiguration = {
        logDriver = "awslogs"
        options   = { "awslogs-group" = "/ecs/${each.key}", "awslogs-region" = var.region }
      }
    }
  ])
}

resource "aws_ecs_service" "service" {
  for_each                           = var.services
  name                               = each.key
  task_definition                    = aws_ecs_task_definition.service[each.key].arn
  desired_count                      = each.value.count
  deployment_maximum_percent         = 150
  deployment_minimum_healthy_percent = 100

  network_configuration {
    subnets          = module.vpc.private_subnets
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = each.key == "web" ? [1] : []
    content {
      target_group_arn = aws_lb_target_group.web.arn
      container_name   = each.key
      container_port   = 8000
    }
  }
}
