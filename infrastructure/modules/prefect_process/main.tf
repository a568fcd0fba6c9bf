locals {
  # arn:partition:ecs:region:account:cluster/name
  cluster    = split(":", var.cluster_arn)
  region     = local.cluster[3]
  account_id = local.cluster[4]

  log_configuration = {
    logDriver = "awslogs"
    options = {
      "awslogs-group"         = aws_cloudwatch_log_group.this.name
      "awslogs-region"        = local.region
      "awslogs-stream-prefix" = "prefect"
    }
  }

  # What every container of the task has in common.
  base = {
    image            = var.image
    environment      = [for name, value in var.environment_variables : { name = name, value = value }]
    secrets          = [for name, reference in var.secrets : { name = name, valueFrom = reference }]
    logConfiguration = local.log_configuration
    linuxParameters  = { initProcessEnabled = true }
  }

  process = merge(local.base, {
    name         = "prefect"
    essential    = true
    command      = var.command
    portMappings = var.port == null ? [] : [{ containerPort = var.port, hostPort = var.port, protocol = "tcp" }]
    dependsOn    = var.preparing_command == null ? [] : [{ containerName = "prepare", condition = "SUCCESS" }]
    # Seconds between SIGTERM and SIGKILL; Fargate allows no more.
    stopTimeout = 120
    healthCheck = {
      command     = concat(["CMD"], var.health_check_command)
      interval    = 30
      timeout     = 15
      retries     = 4
      startPeriod = 120
    }
  })

  # Runs to its end before the process begins.
  preparation = merge(local.base, { name = "prepare", essential = false, command = var.preparing_command })
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own, docs/decisions/0006
  name              = var.log_group_name
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

# Images, logs and secrets come over HTTPS, from endpoints or through the NAT gateway.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "AWS, and what else answers over TLS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu_units
  memory                   = var.memory_mib
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode(concat([local.process], var.preparing_command == null ? [] : [local.preparation]))
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

  # A process that may not run twice stops before its successor starts.
  deployment_minimum_healthy_percent = var.one_at_a_time ? 0 : 100
  deployment_maximum_percent         = var.one_at_a_time ? 100 : 200
  health_check_grace_period_seconds  = var.target_group_arn == null ? null : 180

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = var.target_group_arn == null ? [] : [var.target_group_arn]

    content {
      target_group_arn = load_balancer.value
      container_name   = local.process.name
      container_port   = var.port
    }
  }

  depends_on = [aws_iam_role_policy.execution, aws_vpc_security_group_egress_rule.https]
}
