mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/mocked"
    }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:us-east-1:123456789012:log-group:mocked"
    }
  }
}

variables {
  name                     = "delightful-staging-prefect-server"
  cluster_arn              = "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-staging"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1"]
  image                    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/prefect/server:3.9.1@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  command                  = ["prefect", "server", "start"]
  health_check_command     = ["true"]
  cpu_units                = 512
  memory_mib               = 1024
  desired_count            = 2
  environment_variables    = { PREFECT_SERVER_API_HOST = "0.0.0.0" }
  secrets                  = { PASSWORD = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1:password::" }
  log_group_name           = "/delightful/staging/prefect-server"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/delightful/delightful-staging-boundary"
  log_retention_days       = 30
  tags                     = {}
}

run "reads_the_named_secret_and_pulls_the_named_repository" {
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Resource] == [
      ["arn:aws:logs:us-east-1:123456789012:log-group:mocked:*"],
      ["arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1"],
      ["*"],
      ["arn:aws:ecr:eu-west-1:123456789012:repository/prefect/server"],
    ]
    error_message = "The execution role reaches its own log group, secrets and repository, and nothing else."
  }

  assert {
    condition     = jsondecode(aws_iam_role.task.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "No other account's tasks may take on the role."
  }
}

run "needs_no_ecr_for_another_registry" {
  command = apply

  variables {
    image = "docker.io/prefecthq/prefect@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  }

  assert {
    condition     = length(jsondecode(aws_iam_role_policy.execution.policy).Statement) == 2
    error_message = "Where the image lies elsewhere, ECR is none of its business."
  }
}

run "starts_the_process_alone" {
  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 1 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].dependsOn == []
    error_message = "Without a preparing command there is one container, which waits for nothing."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 100 && aws_ecs_service.this.deployment_maximum_percent == 200
    error_message = "New tasks are well before old ones leave."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets == [{ name = "PASSWORD", valueFrom = var.secrets.PASSWORD }]
    error_message = "Secrets are handed over by reference."
  }
}

run "prepares_before_it_starts" {
  variables {
    preparing_command = ["prefect", "server", "database", "upgrade", "--yes"]
    one_at_a_time     = true
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].dependsOn == [{ containerName = "prepare", condition = "SUCCESS" }]
    error_message = "The process waits until its preparation succeeded."
  }

  assert {
    condition     = tolist(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].command) == var.preparing_command && !jsondecode(aws_ecs_task_definition.this.container_definitions)[1].essential
    error_message = "The preparation has a container that may end."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 0 && aws_ecs_service.this.deployment_maximum_percent == 100
    error_message = "Two of these processes must never run at once."
  }
}

run "refuses_an_image_without_digest" {
  command = plan

  variables {
    image = "prefecthq/prefect:3.9.1-python3.11"
  }

  expect_failures = [var.image]
}

run "refuses_a_secret_by_value" {
  command = plan

  variables {
    secrets = { PASSWORD = "hunter2" }
  }

  expect_failures = [var.secrets]
}

run "refuses_sizes_and_periods_that_aws_lacks" {
  command = plan

  variables {
    memory_mib         = 8192
    desired_count      = 1.5
    log_retention_days = 2
    port               = 70000
    name               = "Prefect"
    subnet_ids         = []
  }

  expect_failures = [var.memory_mib, var.desired_count, var.log_retention_days, var.port, var.name, var.subnet_ids]
}

run "refuses_commands_without_a_program" {
  command = plan

  variables {
    command              = []
    health_check_command = []
  }

  expect_failures = [var.command, var.health_check_command]
}
