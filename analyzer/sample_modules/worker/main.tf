locals {
  # arn:partition:ecs:region:account:cluster/name
  region = split(":", var.cluster_arn)[3]

  container = {
    name        = "worker"
    image       = var.image
    essential   = true
    command     = var.command
    environment = [for name, value in var.environment_variables : { name = name, value = value } if !contains(keys(var.secrets), name)]
    secrets     = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    # An init process hands SIGTERM on and reaps what the worker leaves behind.
    linuxParameters = { initProcessEnabled = true }
    # Seconds in which a job that was begun may end.
    stopTimeout = var.stop_seconds
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = var.log_group_name
        "awslogs-region"        = local.region
        "awslogs-stream-prefix" = "worker"
      }
    }
  }
}

resource "aws_ecs_task_definition" "this" {
  #checkov:skip=CKV_AWS_336:the root file system is writable, as the service's own is, because most images expect that
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu_units
  memory                   = var.memory_mib
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = var.task_role_arn
  container_definitions    = jsonencode([local.container])
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.desired_count
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  tags            = var.tags

  # What may not run twice stops before its successor starts.
  deployment_minimum_healthy_percent = var.one_at_a_time ? 0 : 100
  deployment_maximum_percent         = var.one_at_a_time ? 100 : 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }
}
