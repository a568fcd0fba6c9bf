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
  tracing = {
    collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0"
    release         = "1111111111111111111111111111111111111111"
    environment     = "sandbox"
    sampling_rate   = 0.25
  }
}

run "runs_a_collector_that_cannot_end_the_service" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[*].name == ["hello", "collector"]
    error_message = "The collector stands beside the service."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[*].essential == [true, false]
    error_message = "A collector that exits leaves the task running."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].image == var.tracing.collector_image
    error_message = "The collector is the version that was named."
  }

  assert {
    condition     = sum(jsondecode(aws_ecs_task_definition.this.container_definitions)[*].cpu) == 256 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].cpu > 200 && jsondecode(aws_ecs_task_definition.this.container_definitions)[1].memory < 256
    error_message = "Both fit the smallest Fargate size, and most of it is the service's."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].dependsOn == [{ containerName = "collector", condition = "START" }]
    error_message = "The service starts after the collector and is stopped before it."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].healthCheck.command == ["CMD", "/healthcheck"]
    error_message = "The image has no shell."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].logConfiguration.options["awslogs-stream-prefix"] == "collector"
    error_message = "Its log is told from the service's."
  }
}

run "takes_spans_within_the_task_and_brings_them_to_xray" {
  command = plan

  assert {
    condition     = local.collector_config.receivers.otlp.protocols == { grpc = { endpoint = "127.0.0.1:4317" }, http = { endpoint = "127.0.0.1:4318" } }
    error_message = "Nobody outside of the task reaches the collector."
  }

  assert {
    condition     = local.collector_config.service.pipelines.traces.processors[0] == "memory_limiter" && local.collector_config.processors.memory_limiter.limit_mib < jsondecode(aws_ecs_task_definition.this.container_definitions)[1].memory
    error_message = "The collector refuses before its memory is gone."
  }

  assert {
    condition     = jsondecode(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].environment[0].value).exporters.awsxray.region == "eu-west-1"
    error_message = "Spans go to X-Ray in the region of the cluster."
  }

  assert {
    condition     = alltrue([for part in ["receivers", "processors", "exporters"] : alltrue([for name in local.collector_config.service.pipelines.traces[part] : contains(keys(local.collector_config[part]), name)])])
    error_message = "The pipeline uses what is configured."
  }
}

run "tells_the_service_where_its_spans_go_and_which_release_it_is" {
  command = plan

  variables {
    environment_variables = { PORT = "8000", OTEL_TRACES_SAMPLER = "xray", OTEL_RESOURCE_ATTRIBUTES = "team=a" }
    secrets               = { OTEL_EXPORTER_OTLP_ENDPOINT = "arn:aws:ssm:eu-west-1:123456789012:parameter/elsewhere" }
  }

  assert {
    condition = { for pair in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : pair.name => pair.value } == {
      PORT                        = "8000"
      OTEL_SERVICE_NAME           = "hello"
      OTEL_EXPORTER_OTLP_PROTOCOL = "http/protobuf"
      OTEL_TRACES_EXPORTER        = "otlp"
      OTEL_METRICS_EXPORTER       = "none"
      OTEL_LOGS_EXPORTER          = "none"
      OTEL_TRACES_SAMPLER         = "xray"
      OTEL_TRACES_SAMPLER_ARG     = "0.25"
      OTEL_RESOURCE_ATTRIBUTES    = "team=a,aws.log.group.names=/delightful/sandbox/hello,deployment.environment.name=sandbox,service.version=1111111111111111111111111111111111111111"
    }
    error_message = "The service's own word wins, a secret is not set twice, and the release is always told."
  }
}

# An SDK that lacks a propagator ends at its name, and a library may have brought the SDK.
run "names_nothing_that_only_sdks_of_aws_know" {
  command = plan

  assert {
    condition     = !contains(values(local.tracing_variables), "xray") && !contains(keys(local.tracing_variables), "OTEL_PROPAGATORS")
    error_message = "A service that carries a plain SDK must start."
  }
}

run "runs_the_service_alone_without_tracing" {
  command = plan

  variables {
    tracing = null
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[*].name == ["hello"]
    error_message = "No collector without tracing."
  }

  assert {
    condition     = length(setintersection(keys(jsondecode(aws_ecs_task_definition.this.container_definitions)[0]), ["cpu", "dependsOn"])) == 0 && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment == [{ name = "PORT", value = "8000" }]
    error_message = "Nothing tells of a collector that is not there."
  }
}

run "refuses_a_collector_of_whatever_version" {
  command = plan

  variables {
    tracing = {
      collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:latest"
      release         = "1111111111111111111111111111111111111111"
      environment     = "sandbox"
      sampling_rate   = 1
    }
  }

  expect_failures = [var.tracing]
}

run "refuses_a_service_of_the_collectors_name" {
  command = plan

  variables {
    container_name = "collector"
  }

  expect_failures = [var.container_name]
}
