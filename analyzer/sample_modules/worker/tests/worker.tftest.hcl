mock_provider "aws" {}

variables {
  name               = "shop-staging-worker"
  cluster_arn        = "arn:aws:ecs:us-east-1:123456789012:cluster/staging"
  image              = "registry.example.test/shop:1@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  command            = ["celery", "worker"]
  execution_role_arn = "arn:aws:iam::123456789012:role/shop-staging-execution"
  task_role_arn      = "arn:aws:iam::123456789012:role/shop-staging-task"
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_id  = "sg-1"
  log_group_name     = "/delightful/staging/shop"
  tags               = {}
}

run "runs_the_command_behind_no_load_balancer" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command == ["celery", "worker"] && length(aws_ecs_service.this.load_balancer) == 0
    error_message = "The image runs with the worker's command, and has no traffic."
  }

  assert {
    condition     = !one(aws_ecs_service.this.network_configuration[*].assign_public_ip) && one(aws_ecs_service.this.deployment_circuit_breaker[*].rollback)
    error_message = "It stands in private subnets, and a failed change is turned back."
  }
}

run "stops_the_old_one_first_where_two_may_not_run" {
  command = plan

  variables {
    one_at_a_time = true
  }

  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 0 && aws_ecs_service.this.deployment_maximum_percent == 100
    error_message = "A scheduler never runs twice."
  }
}

run "refuses_a_secret_in_the_open" {
  command = plan

  variables {
    secrets = { TOKEN = "hunter2" }
    command = []
  }

  expect_failures = [var.secrets, var.command]
}
