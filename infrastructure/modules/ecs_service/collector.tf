# The collector beside the service: takes its spans and brings them to X-Ray.

locals {
  # What every Fargate size has to spare. The limit on the memory is the container's own: a collector
  # that outgrows it is stopped alone, and what it is meant to stay below leaves it time to refuse.
  collector_cpu_units   = 32
  collector_memory_mib  = 128
  collector_max_mib     = 96
  collector_spike_mib   = 24
  collector_health_port = 13133

  collector_config = {
    # Within a task everybody shares localhost, and nobody else shall reach these.
    receivers = { otlp = { protocols = {
      grpc = { endpoint = "127.0.0.1:4317" }
      http = { endpoint = "127.0.0.1:4318" }
    } } }
    processors = {
      memory_limiter = {
        check_interval  = "1s"
        limit_mib       = local.collector_max_mib
        spike_limit_mib = local.collector_spike_mib
      }
      resourcedetection = { detectors = ["ecs"], override = false }
      # A call of PutTraceSegments takes fifty.
      batch = { timeout = "1s", send_batch_size = 50, send_batch_max_size = 50 }
    }
    exporters = { awsxray = {
      region = local.region
      # Searchable: the traces of one release, of one environment.
      indexed_attributes = ["otel.resource.service.version", "otel.resource.deployment.environment.name"]
    } }
    extensions = {
      health_check = { endpoint = "127.0.0.1:${local.collector_health_port}" }
      # Where an SDK with X-Ray's remote sampling asks for the sampling rules.
      awsproxy = { endpoint = "127.0.0.1:2000" }
    }
    service = {
      extensions = ["health_check", "awsproxy"]
      telemetry  = { logs = { level = "warn" }, metrics = { level = "none" } }
      pipelines = { traces = {
        receivers  = ["otlp"]
        processors = ["memory_limiter", "resourcedetection", "batch"]
        exporters  = ["awsxray"]
      } }
    }
  }

  collector = var.tracing == null ? null : {
    name  = "collector"
    image = var.tracing.collector_image
    # Tracing that fails must not end the service: neither its exit nor its health is the task's.
    essential              = false
    cpu                    = local.collector_cpu_units
    memory                 = local.collector_memory_mib
    readonlyRootFilesystem = true
    portMappings           = [for port in [4317, 4318] : { containerPort = port, hostPort = port, protocol = "tcp" }]
    environment            = [{ name = "AOT_CONFIG_CONTENT", value = jsonencode(local.collector_config) }]
    # The image has no shell: this asks the health_check extension.
    healthCheck = {
      command     = ["CMD", "/healthcheck"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 10
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = var.log_group.name
        "awslogs-region"        = local.region
        "awslogs-stream-prefix" = "collector"
      }
    }
  }

  resource_attributes = var.tracing == null ? {} : {
    "service.version"             = var.tracing.release
    "deployment.environment.name" = var.tracing.environment
    "aws.log.group.names"         = var.log_group.name
  }

  # Names that every SDK knows; what the service sets for itself wins. Propagators and samplers of
  # AWS's own (`xray`) are not among them: an SDK without AWS's parts ends at a name that it does not
  # know, and a service may have such an SDK only because a library of its brought it.
  tracing_variables = var.tracing == null ? {} : merge({
    OTEL_SERVICE_NAME           = var.container_name
    OTEL_EXPORTER_OTLP_ENDPOINT = "http://localhost:4318"
    OTEL_EXPORTER_OTLP_PROTOCOL = "http/protobuf"
    OTEL_TRACES_EXPORTER        = "otlp"
    # The collector takes traces only.
    OTEL_METRICS_EXPORTER   = "none"
    OTEL_LOGS_EXPORTER      = "none"
    OTEL_TRACES_SAMPLER     = "parentbased_traceidratio"
    OTEL_TRACES_SAMPLER_ARG = tostring(var.tracing.sampling_rate)
    }, { for name, value in var.environment_variables : name => value if startswith(name, "OTEL_") }, {
    OTEL_RESOURCE_ATTRIBUTES = join(",", concat(
      compact([lookup(var.environment_variables, "OTEL_RESOURCE_ATTRIBUTES", "")]),
      [for name, value in local.resource_attributes : "${name}=${value}"],
    ))
  })
}
