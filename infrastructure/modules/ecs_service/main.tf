locals {
  # arn:partition:ecs:region:account:cluster/name
  cluster    = split(":", var.cluster_arn)
  region     = local.cluster[3]
  account_id = local.cluster[4]
  is_rolling = var.controller == "ECS"

  container = {
    name      = var.container_name
    image     = var.image
    essential = true
    # Beside another container, one without a share of its own would get next to none.
    cpu = local.collector == null ? null : var.cpu_units - local.collector_cpu_units
    # Started after the collector and therefore stopped before it: its last spans still leave.
    dependsOn    = local.collector == null ? null : [{ containerName = local.collector.name, condition = "START" }]
    command      = length(var.start_command) == 0 ? null : var.start_command
    portMappings = [{ containerPort = var.container_port, hostPort = var.container_port, protocol = "tcp" }]
    environment  = [for name, value in merge(var.environment_variables, local.tracing_variables) : { name = name, value = value } if !contains(keys(var.secrets), name)]
    secrets      = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    # An init process hands SIGTERM on and reaps what the service leaves behind.
    linuxParameters = { initProcessEnabled = true }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = var.log_group.name
        "awslogs-region"        = local.region
        "awslogs-stream-prefix" = var.container_name
      }
    }
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu_units
  memory                   = var.memory_mib
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions = jsonencode(concat(
    [{ for key, value in local.container : key => value if value != null }],
    [for container in [local.collector] : container if container != null],
  ))
  # Earlier revisions are what a rollback goes back to.
  skip_destroy = true
  tags         = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-task"
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

# Every TCP port, but from the load balancer only: while traffic shifts, the old and the new
# tasks may listen on different ports, and an apply must not close the old one.
resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 1
  to_port                      = 65535
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  security_group_id            = var.load_balancer_security_group_id
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 1
  to_port                      = 65535
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "anywhere" {
  security_group_id = aws_security_group.this.id
  description       = "What the service calls: image registry, logs, databases, other services"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  tags              = var.tags
}

resource "aws_ecs_service" "this" {
  name                              = var.name
  cluster                           = var.cluster_arn
  task_definition                   = aws_ecs_task_definition.this.arn
  desired_count                     = var.desired_count
  launch_type                       = "FARGATE"
  health_check_grace_period_seconds = var.health_check_grace_seconds
  propagate_tags                    = "SERVICE"
  tags                              = var.tags

  deployment_controller {
    type = var.controller
  }

  dynamic "deployment_circuit_breaker" {
    for_each = local.is_rolling ? [true] : []

    content {
      enable   = true
      rollback = true
    }
  }

  dynamic "alarms" {
    for_each = local.is_rolling ? [true] : []

    content {
      alarm_names = var.alarm_names
      enable      = true
      rollback    = true
    }
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  # One group only: CodeDeploy attaches the other to the tasks that it starts.
  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = var.container_name
    container_port   = var.container_port
  }

  lifecycle {
    # The rollout engine and scaling own these; ECS refuses them from anyone else on a service
    # that CodeDeploy controls.
    ignore_changes = [task_definition, load_balancer, desired_count, network_configuration]
  }

  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task]
}
