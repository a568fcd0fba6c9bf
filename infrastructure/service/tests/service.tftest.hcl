mock_provider "aws" {
  mock_data "aws_ssm_parameter" {
    defaults = {
      insecure_value = <<-JSON
        {
          "vpc_id": "vpc-1", "vpc_cidr_block": "10.20.0.0/16", "egress_ip_addresses": ["192.0.2.1"],
          "public_subnet_ids": ["subnet-1", "subnet-2"], "private_subnet_ids": ["subnet-3", "subnet-4"],
          "cluster_name": "delightful-sandbox", "log_bucket": "delightful-sandbox-logs-123456789012",
          "cluster_arn": "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-sandbox"
        }
      JSON
    }
  }

  mock_data "aws_ecr_repository" {
    defaults = {
      arn            = "arn:aws:ecr:us-east-1:123456789012:repository/hello"
      repository_url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/hello"
    }
  }

  mock_resource "aws_lb" {
    defaults = {
      arn      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/hello-sandbox/0123456789abcdef"
      dns_name = "hello.example.test"
    }
  }

  mock_resource "aws_lb_listener" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/hello-sandbox/0123456789abcdef/1111111111111111"
    }
  }

  mock_resource "aws_lb_target_group" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/hello-sandbox-blue/0123456789abcdef"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/mocked"
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
      primary_endpoint_address = "master.cache.example.test"
    }
  }
}

variables {
  service      = "hello"
  environment  = "sandbox"
  image_tag    = "1111111111111111111111111111111111111111"
  image_digest = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
}

run "brings_up_blue_green_by_default" {
  variables {
    listener_port      = 8080
    test_listener_port = 8081
  }

  assert {
    condition     = output.url == "http://hello.example.test:8080" && output.test_url == "http://hello.example.test:8081"
    error_message = "Both listeners have their address."
  }

  assert {
    condition     = output.service_name == "hello-sandbox" && output.container_name == "hello" && output.codedeploy_application_name == "hello-sandbox" && output.codedeploy_deployment_group_name == "hello-sandbox"
    error_message = "Names follow from service and environment."
  }

  assert {
    condition     = length(output.target_group_arns) == 2 && length(output.alarm_names) == 6
    error_message = "Blue and green have a target group and three alarms each."
  }
}

run "brings_up_rolling_without_codedeploy" {
  variables {
    deployment_strategy = "rolling"
  }

  assert {
    condition     = output.codedeploy_application_name == null && output.codedeploy_deployment_group_name == null && output.test_listener_arn == null && output.test_url == null
    error_message = "Rolling has neither CodeDeploy nor a test listener."
  }

  assert {
    condition     = length(output.target_group_arns) == 1 && length(output.alarm_names) == 3
    error_message = "Rolling has one target group and its three alarms."
  }
}

run "passes_on_what_a_service_asks_for" {
  command = plan

  variables {
    container_port            = 8000
    cpu_units                 = 16384
    memory_mib                = 122880
    environment_variables     = { GREETING = "hello" }
    test_listener_cidr_blocks = ["198.51.100.0/24"]
  }

  assert {
    condition = tomap(local.environment_variables) == tomap({
      GREETING               = "hello"
      PORT                   = "8000"
      DELIGHTFUL_COMMIT      = "1111111111111111111111111111111111111111"
      DELIGHTFUL_SERVICE     = "hello"
      DELIGHTFUL_ENVIRONMENT = "sandbox"
    })
    error_message = "Port, commit, service and environment stand beside the service's own variables."
  }

  assert {
    condition     = local.test_ingress == tolist(["10.20.0.0/16", "192.0.2.1/32", "198.51.100.0/24"])
    error_message = "The environment's network, its way out and the named ranges may try a new version; nobody else."
  }
}

run "makes_no_store_that_nobody_asked_for" {
  command = plan

  assert {
    condition     = length(module.database) == 0 && length(module.cache) == 0 && length(aws_vpc_security_group_ingress_rule.store) == 0
    error_message = "Database and cache are there where the manifest asks, and nowhere else."
  }
}

run "gives_a_service_its_postgres_and_redis" {
  variables {
    database = { engine = "postgres", version = "16" }
    cache    = { engine = "redis" }
  }

  assert {
    condition = tomap(local.store_environment) == tomap({
      DATABASE_ENGINE = "postgres"
      DATABASE_HOST   = "database.example.test"
      DATABASE_PORT   = "5432"
      DATABASE_NAME   = "app"
      REDIS_URL       = "rediss://master.cache.example.test:6379/0"
    })
    error_message = "The tasks are told where their stores are."
  }

  assert {
    condition = tomap(local.store_secrets) == tomap({
      DATABASE_USERNAME = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1:username::"
      DATABASE_PASSWORD = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1:password::"
    })
    error_message = "The password is told by reference, never by value."
  }

  assert {
    condition     = { for store, rule in aws_vpc_security_group_ingress_rule.store : store => rule.from_port } == { database = 5432, cache = 6379 }
    error_message = "Each store is open at its own port only."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.store : rule.referenced_security_group_id == module.ecs_service.security_group_id && rule.cidr_ipv4 == null])
    error_message = "Nobody but the service's tasks reaches a store."
  }
}

run "gives_a_service_its_mysql" {
  command = plan

  variables {
    database = { engine = "mysql" }
  }

  assert {
    condition     = local.store_environment.DATABASE_ENGINE == "mysql" && local.store_environment.DATABASE_PORT == "3306" && !contains(keys(local.store_environment), "REDIS_URL")
    error_message = "MySQL is told in the same words, and no cache beside it."
  }
}

run "leaves_what_a_service_sets_itself" {
  command = plan

  variables {
    database              = { engine = "postgres" }
    cache                 = { engine = "redis" }
    environment_variables = { DATABASE_HOST = "db.example.com" }
    secrets               = { DATABASE_PASSWORD = "arn:aws:ssm:us-east-1:123456789012:parameter/own", REDIS_URL = "arn:aws:ssm:us-east-1:123456789012:parameter/redis" }
  }

  assert {
    condition     = toset(keys(local.store_environment)) == toset(["DATABASE_ENGINE", "DATABASE_NAME", "DATABASE_PORT"]) && keys(local.store_secrets) == ["DATABASE_USERNAME"]
    error_message = "ECS refuses a name that is given twice; an earlier release's own settings come back with it."
  }
}

run "shortens_a_long_name_without_losing_it" {
  command = plan

  variables {
    service     = "a-service-with-the-longest-name"
    environment = "productionstable"
    database    = { engine = "mysql" }
    cache       = { engine = "redis" }
  }

  assert {
    condition     = length(local.short_name) <= 26 && startswith(local.short_name, "a-service-with-the-")
    error_message = "Load balancer and target group names end at 32 characters."
  }
}

run "refuses_what_cannot_be" {
  command = plan

  variables {
    service                      = "Hello"
    environment                  = "pre-production"
    image_tag                    = "1111111"
    image_digest                 = "sha256:22"
    cpu_units                    = 512
    memory_mib                   = 512
    container_port               = 70000
    listener_port                = 0
    health_check                 = { path = "healthz" }
    environment_variables        = { PORT = "80" }
    deployment_strategy          = "canary"
    deployment_configuration     = "CodeDeployDefault.OneAtATime"
    ready_wait_minutes           = 0
    termination_wait_minutes     = 2881
    deregistration_delay_seconds = 3601
    xray_sampling_rate           = 5
    alarm_error_rate_percent     = 0
  }

  expect_failures = [
    var.service,
    var.environment,
    var.image_tag,
    var.image_digest,
    var.memory_mib,
    var.container_port,
    var.listener_port,
    var.health_check,
    var.environment_variables,
    var.deployment_strategy,
    var.deployment_configuration,
    var.ready_wait_minutes,
    var.termination_wait_minutes,
    var.deregistration_delay_seconds,
    var.xray_sampling_rate,
    var.alarm_error_rate_percent,
  ]
}

run "refuses_what_is_reserved_or_contradicts_itself" {
  command = plan

  variables {
    service            = "internal-api"
    listener_port      = 8080
    test_listener_port = 8080
    health_check       = { interval_seconds = 5, timeout_seconds = 5 }
    secrets            = { TOKEN = "hunter2" }
    log_retention_days = 2
  }

  expect_failures = [var.service, var.test_listener_port, var.health_check, var.secrets, var.log_retention_days]
}

run "refuses_stores_that_it_does_not_know" {
  command = plan

  variables {
    database = { engine = "mariadb" }
    cache    = { engine = "memcached" }
  }

  expect_failures = [var.database, var.cache]
}

run "refuses_one_engines_version_for_the_other" {
  command = plan

  variables {
    database = { engine = "mysql", version = "16" }
  }

  expect_failures = [var.database]
}

run "refuses_sizes_that_aws_lacks" {
  command = plan

  variables {
    database_settings = { instance_class = "t4g.micro", storage_gib = 100, max_storage_gib = 100, backup_retention_days = 0 }
    cache_settings    = { node_type = "db.t4g.micro", node_count = 7 }
  }

  expect_failures = [var.database_settings, var.cache_settings]
}

run "refuses_stores_in_production_that_staging_may_have" {
  command = plan

  variables {
    environment       = "production"
    desired_count     = 2
    database          = { engine = "postgres" }
    database_settings = { multi_az = false, deletion_protection = false, backup_retention_days = 7 }
    cache             = { engine = "redis" }
    cache_settings    = { node_count = 1 }
  }

  expect_failures = [var.database_settings, var.cache_settings]
}

run "asks_nothing_of_production_stores_that_are_not_there" {
  command = plan

  variables {
    environment   = "production"
    desired_count = 2
  }

  assert {
    condition     = length(module.database) == 0
    error_message = "A service without a database needs no settings for one."
  }
}

run "leaves_the_number_of_tasks_to_people_where_no_scaling_is_asked_for" {
  command = plan

  assert {
    condition     = length(module.autoscaling) == 0
    error_message = "Without scaling there is no scaler."
  }
}

run "scales_between_bounds_by_what_is_asked_for" {
  variables {
    deployment_strategy = "rolling"
    scaling             = { min_count = 2, max_count = 10, cpu_percent = 60, requests_per_task = 1000 }
  }

  assert {
    condition     = module.autoscaling[0].policy_names == tolist(["hello-sandbox-cpu", "hello-sandbox-requests"])
    error_message = "Each average that is asked for is kept to, and no other."
  }
}

run "refuses_a_start_outside_of_the_bounds" {
  command = plan

  variables {
    desired_count = 3
    scaling       = { min_count = 1, max_count = 2, cpu_percent = 60 }
  }

  expect_failures = [var.scaling]
}

run "refuses_scaling_that_keeps_to_nothing" {
  command = plan

  variables {
    scaling = { min_count = 1, max_count = 2 }
  }

  expect_failures = [var.scaling]
}

run "refuses_scaling_without_a_bound" {
  command = plan

  variables {
    scaling = { min_count = 1, cpu_percent = 60 }
  }

  expect_failures = [var.scaling]
}

run "refuses_averages_and_counts_out_of_range" {
  command = plan

  variables {
    desired_count = 2
    scaling       = { min_count = 1, max_count = 101, cpu_percent = 5, memory_percent = 96 }
  }

  expect_failures = [var.scaling]
}

# Its target group loses the traffic with every release.
run "refuses_to_count_requests_under_blue_green" {
  command = plan

  variables {
    scaling = { min_count = 1, max_count = 2, requests_per_task = 1000 }
  }

  expect_failures = [var.scaling]
}

run "refuses_one_task_alone_in_production" {
  command = plan

  variables {
    environment         = "production"
    access_logs_enabled = true
    deletion_protection = true
    scaling             = { min_count = 1, max_count = 4, cpu_percent = 60 }
  }

  expect_failures = [var.scaling]
}

run "traces_where_it_is_told_to" {
  command = plan

  variables {
    tracing            = true
    collector_image    = "public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0"
    xray_sampling_rate = 0.1
  }

  assert {
    condition     = local.tracing.release == var.image_tag && local.tracing.sampling_rate == 0.1
    error_message = "Spans tell the commit that made them."
  }
}

run "traces_nothing_by_itself" {
  command = plan

  assert {
    condition     = local.tracing == null
    error_message = "The environment decides whether there is a collector."
  }
}

run "refuses_tracing_without_a_collector" {
  command = plan

  variables {
    tracing = true
  }

  expect_failures = [var.collector_image]
}

run "refuses_a_collector_of_whatever_version" {
  command = plan

  variables {
    tracing         = true
    collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:latest"
  }

  expect_failures = [var.collector_image]
}

run "refuses_to_trace_a_service_of_the_collectors_name" {
  command = plan

  variables {
    service         = "collector"
    tracing         = true
    collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0"
  }

  expect_failures = [var.tracing]
}

run "raises_alarms_of_the_whole_service_that_stop_no_rollout" {
  variables {
    scaling             = { min_count = 2, max_count = 10, cpu_percent = 60 }
    alarm_topic_arns    = ["arn:aws:sns:us-east-1:123456789012:alarms"]
    alarm_cpu_percent   = 80
    deletion_protection = true
  }

  assert {
    condition     = !anytrue([for name in output.alarm_names : endswith(name, "-cpu") || endswith(name, "-memory")])
    error_message = "Blue and green share one CPU: it must not stop the one that repairs the other."
  }
}

run "refuses_an_alarm_below_what_the_scaler_keeps_to" {
  command = plan

  variables {
    scaling              = { min_count = 2, max_count = 10, cpu_percent = 60, memory_percent = 70 }
    alarm_cpu_percent    = 60
    alarm_memory_percent = 70
  }

  expect_failures = [var.alarm_cpu_percent, var.alarm_memory_percent]
}

run "refuses_alarms_that_never_or_always_fire_and_topics_that_are_none" {
  command = plan

  variables {
    alarm_cpu_percent    = 101
    alarm_memory_percent = 5
    alarm_usage_minutes  = 0
    alarm_topic_arns     = ["alarms"]
  }

  expect_failures = [var.alarm_cpu_percent, var.alarm_memory_percent, var.alarm_usage_minutes, var.alarm_topic_arns]
}

run "keeps_access_logs_in_the_bucket_of_the_platform" {
  command = plan

  variables {
    access_logs_enabled = true
  }

  assert {
    condition     = local.access_logs_bucket == "delightful-sandbox-logs-123456789012"
    error_message = "The bucket is the one that the platform names."
  }
}

run "keeps_no_access_logs_by_itself" {
  command = plan

  assert {
    condition     = local.access_logs_bucket == null
    error_message = "The environment decides whether requests are kept."
  }
}

run "refuses_access_logs_without_a_bucket" {
  command = plan

  override_data {
    target = data.aws_ssm_parameter.platform
    values = {
      insecure_value = <<-JSON
        {
          "vpc_id": "vpc-1", "vpc_cidr_block": "10.20.0.0/16", "egress_ip_addresses": ["192.0.2.1"],
          "public_subnet_ids": ["subnet-1", "subnet-2"], "private_subnet_ids": ["subnet-3", "subnet-4"],
          "cluster_name": "delightful-sandbox", "log_bucket": null,
          "cluster_arn": "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-sandbox"
        }
      JSON
    }
  }

  variables {
    access_logs_enabled = true
  }

  expect_failures = [data.aws_ssm_parameter.platform]
}

run "refuses_in_production_what_staging_may" {
  command = plan

  variables {
    environment         = "production"
    desired_count       = 1
    log_retention_days  = 14
    access_logs_enabled = false
    deletion_protection = false
  }

  expect_failures = [var.desired_count, var.log_retention_days, var.access_logs_enabled, var.deletion_protection]
}
