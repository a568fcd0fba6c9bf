mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = {
      arn      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/prefect/0123456789abcdef"
      dns_name = "prefect.example.test"
    }
  }

  mock_resource "aws_lb_target_group" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prefect-blue/0123456789abcdef"
    }
  }

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

  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:us-east-1:123456789012:mocked"
    }
  }

  mock_resource "aws_db_instance" {
    defaults = {
      address            = "database.example.test"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1", secret_status = "active", kms_key_id = "key" }]
    }
  }

  mock_resource "aws_elasticache_replication_group" {
    defaults = {
      primary_endpoint_address = "messages.example.test"
    }
  }
}

variables {
  name                     = "delightful-staging"
  environment              = "staging"
  cluster_arn              = "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-staging"
  vpc_id                   = "vpc-1"
  public_subnet_ids        = ["subnet-1", "subnet-2"]
  private_subnet_ids       = ["subnet-3", "subnet-4"]
  public                   = false
  ingress_cidr_blocks      = ["10.30.0.0/16"]
  egress_ip_addresses      = ["192.0.2.1", "192.0.2.2"]
  auth_secret_arn          = "arn:aws:secretsmanager:us-east-1:123456789012:secret:delightful/staging/prefect-auth-AbCdEf"
  work_pool                = "delightful-ecs"
  flow_task_role_arn       = "arn:aws:iam::123456789012:role/delightful/delightful-staging-worker"
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/delightful/delightful-staging-boundary"
  log_retention_days       = 30
  alarm_topic_arns         = ["arn:aws:sns:us-east-1:123456789012:alarms"]
  server                   = { count = 2, cpu_units = 512, memory_mib = 1024 }
  background               = { cpu_units = 512, memory_mib = 1024 }
  worker                   = { count = 1, cpu_units = 512, memory_mib = 1024 }
  messages                 = { node_type = "cache.t4g.small", node_count = 1, snapshot_retention_days = 1 }
  tags                     = {}

  images = {
    server = "example.test/prefect@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    worker = "123456789012.dkr.ecr.us-east-1.amazonaws.com/worker@sha256:2222222222222222222222222222222222222222222222222222222222222222"
  }

  database = {
    instance_class               = "db.t4g.medium"
    storage_gib                  = 20
    max_storage_gib              = 100
    multi_az                     = false
    backup_retention_days        = 7
    deletion_protection          = true
    password_rotation_days       = 90
    performance_insights_enabled = true
  }
}

run "authenticates_every_client" {
  assert {
    condition     = local.server_secrets.PREFECT_SERVER_API_AUTH_STRING == var.auth_secret_arn && output.published.auth_secret_arn == var.auth_secret_arn
    error_message = "Server and clients read the same secret, by reference."
  }

  assert {
    condition     = output.published.worker_image == var.images.worker
    error_message = "Flow runs are given the image that their execution role may pull."
  }

  assert {
    condition     = local.server_secrets.PREFECT_SERVER_DATABASE_PASSWORD == "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1:password::"
    error_message = "The password comes from the secret that RDS keeps."
  }

  assert {
    condition     = alltrue([for name in keys(local.server_environment) : !strcontains(name, "PASSWORD") && !strcontains(name, "AUTH") && !strcontains(name, "CONNECTION_URL")])
    error_message = "Nothing secret stands in plain text."
  }
}

run "shares_everything_between_servers_through_redis" {
  assert {
    condition = toset([for name, value in local.server_environment : value if startswith(value, "prefect_redis.") || startswith(value, "rediss://")]) == toset([
      "prefect_redis.messaging", "prefect_redis.ordering", "prefect_redis.lease_storage", "prefect_redis.cleanup_queue", "rediss://messages.example.test:6379/0",
    ])
    error_message = "What two servers must agree on is never kept in one's memory."
  }

  assert {
    condition     = local.server_environment.PREFECT_SERVER_DATABASE_MIGRATE_ON_START == "false"
    error_message = "Only the background task prepares the database."
  }
}

run "names_both_ends_of_every_connection" {
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.connection) == keys(aws_vpc_security_group_egress_rule.connection) && length(aws_vpc_security_group_ingress_rule.connection) == 5
    error_message = "What may go out may come in, and the other way round."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.connection : rule.cidr_ipv4 == null && rule.from_port == rule.to_port])
    error_message = "A rule names a security group and one port."
  }
}

run "lets_the_worker_run_flows_and_nothing_else" {
  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.worker.policy).Statement : statement.Sid => statement.Resource
      if statement.Resource == ["*"]
      } == {
      DescribeWhatTheyRun = ["*"]
      CheckTheNetwork     = ["*"]
    }
    error_message = "Only calls that take no resource are open."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.worker.policy).Statement[0].Resource == ["arn:aws:ecs:us-east-1:123456789012:task-definition/prefect_delightful-ecs_*:*"] && jsondecode(aws_iam_role_policy.worker.policy).Statement[0].Condition.ArnEquals["ecs:cluster"] == var.cluster_arn
    error_message = "It runs its own pool's task definitions, in this cluster."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.worker.policy).Statement :
      statement.Resource == [aws_iam_role.flow_execution.arn, var.flow_task_role_arn] && statement.Condition.StringEquals["iam:PassedToService"] == "ecs-tasks.amazonaws.com"
      if contains(statement.Action, "iam:PassRole")
    ])
    error_message = "It passes the two roles of flows, to ECS tasks only."
  }
}

run "starts_flows_with_the_workers_image_and_nothing_else" {
  assert {
    condition     = aws_iam_role.flow_execution.permissions_boundary == var.permissions_boundary_arn
    error_message = "An apply role may make no role without the boundary."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.flow_execution.policy).Statement : statement.Resource] == [
      ["arn:aws:logs:us-east-1:123456789012:log-group:mocked:*"],
      [var.auth_secret_arn],
      ["*"],
      ["arn:aws:ecr:us-east-1:123456789012:repository/worker"],
    ]
    error_message = "Starting a flow needs its log group, the API's credential and one repository."
  }
}

run "opens_port_80_for_worker_and_flows_alone" {
  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.plain_api) == ["flow", "worker"] && output.published.api_url == "http://prefect.example.test/api"
    error_message = "Without a certificate the API is called on port 80."
  }
}

run "speaks_tls_under_its_own_name" {
  variables {
    public = true
    https  = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0123", domain_name = "prefect.example.com" }
  }

  assert {
    condition     = output.published.api_url == "https://prefect.example.com/api" && length(aws_vpc_security_group_egress_rule.plain_api) == 0
    error_message = "Clients call the name that the certificate is for."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.nat[*].cidr_ipv4 == ["192.0.2.1/32", "192.0.2.2/32"]
    error_message = "Worker and flows come in by their way out."
  }
}

run "says_when_nobody_answers" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.server.treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.server.alarm_actions == toset(var.alarm_topic_arns)
    error_message = "A server that is gone sends no data, and must be noticed."
  }
}

run "refuses_to_be_public_in_plain_text" {
  command = plan

  variables {
    public = true
  }

  expect_failures = [var.public]
}

run "refuses_what_cannot_be" {
  command = plan

  variables {
    environment              = "internal"
    auth_secret_arn          = "user:password"
    work_pool                = "My Pool"
    flow_task_role_arn       = "arn:aws:iam::123456789012:role/*"
    permissions_boundary_arn = "AdministratorAccess"
    alarm_topic_arns         = ["alarms"]
    ingress_cidr_blocks      = ["everyone"]
    https                    = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0123", domain_name = "prefect" }
  }

  expect_failures = [var.environment, var.auth_secret_arn, var.work_pool, var.flow_task_role_arn, var.permissions_boundary_arn, var.alarm_topic_arns, var.ingress_cidr_blocks, var.https]
}
