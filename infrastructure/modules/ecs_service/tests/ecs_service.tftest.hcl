mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/mocked"
    }
  }
}

variables {
  name                            = "hello-sandbox"
  container_name                  = "hello"
  image                           = "registry.example.test/hello:1111111111111111111111111111111111111111@sha256:2222222222222222222222222222222222222222222222222222222222222222"
  repository_arn                  = "arn:aws:ecr:us-east-1:123456789012:repository/hello"
  start_command                   = []
  container_port                  = 8000
  cpu_units                       = 256
  memory_mib                      = 512
  desired_count                   = 1
  environment_variables           = { PORT = "8000" }
  secrets                         = {}
  controller                      = "CODE_DEPLOY"
  health_check_grace_seconds      = 30
  cluster_arn                     = "arn:aws:ecs:eu-west-1:123456789012:cluster/delightful-sandbox"
  vpc_id                          = "vpc-1"
  subnet_ids                      = ["subnet-1", "subnet-2"]
  load_balancer_security_group_id = "sg-1"
  target_group_arn                = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/hello-sandbox-blue/0123456789abcdef"
  log_group                       = { name = "/delightful/sandbox/hello", arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/delightful/sandbox/hello" }
  alarm_names                     = ["hello-sandbox-blue-latency"]
  tags                            = {}
}

run "runs_the_image_by_its_digest_under_codedeploy_behind_the_load_balancer" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image == var.image
    error_message = "The task definition must run repository:tag@digest."
  }

  assert {
    condition     = !contains(keys(jsondecode(aws_ecs_task_definition.this.container_definitions)[0]), "command")
    error_message = "Without a start command the image's own is kept."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].logConfiguration.options["awslogs-region"] == "eu-west-1"
    error_message = "Logs go to the region of the cluster."
  }

  assert {
    condition     = aws_ecs_task_definition.this.skip_destroy
    error_message = "Earlier revisions are rollback targets."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_controller[0].type == "CODE_DEPLOY" && length(aws_ecs_service.this.deployment_circuit_breaker) == 0
    error_message = "A circuit breaker belongs to rolling updates only."
  }

  assert {
    condition     = length(aws_ecs_service.this.load_balancer) == 1 && !aws_ecs_service.this.network_configuration[0].assign_public_ip
    error_message = "One target group, no public address."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.load_balancer.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.load_balancer.cidr_ipv4 == null
    error_message = "Nothing but the load balancer may reach a task."
  }

  assert {
    condition     = alltrue([for role in [aws_iam_role.execution, aws_iam_role.task] : jsondecode(role.assume_role_policy).Statement[0].Principal == { Service = "ecs-tasks.amazonaws.com" }])
    error_message = "Only ECS may take on the roles."
  }

  assert {
    condition     = jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "The service's own role is for tasks of this account."
  }
}

run "turns_a_failed_rolling_update_back" {
  command = plan

  variables {
    controller = "ECS"
  }

  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "A rolling update needs a circuit breaker that goes back."
  }

  assert {
    condition     = toset(aws_ecs_service.this.alarms[0].alarm_names) == toset(var.alarm_names) && aws_ecs_service.this.alarms[0].rollback
    error_message = "A rolling update stops and goes back on an alarm."
  }
}

run "reads_named_secrets_and_no_others" {
  variables {
    secrets = {
      TOKEN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf:key::"
      DSN   = "arn:aws:ssm:eu-west-1:123456789012:parameter/hello/dsn"
    }
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Resource
      if startswith(statement.Action[0], "secretsmanager:") || startswith(statement.Action[0], "ssm:")
      ] == [
      ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"],
      ["arn:aws:ssm:eu-west-1:123456789012:parameter/hello/dsn"],
    ]
    error_message = "The execution role reads exactly the secrets that the container names."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Resource != ["*"] || statement.Action == ["ecr:GetAuthorizationToken"]])
    error_message = "Only the registry's token is given for everything."
  }
}

run "refuses_an_image_without_a_digest" {
  command = plan

  variables {
    image = "registry.example.test/hello:1111111111111111111111111111111111111111"
  }

  expect_failures = [var.image]
}

run "refuses_an_unknown_controller" {
  command = plan

  variables {
    controller = "EXTERNAL"
  }

  expect_failures = [var.controller]
}
