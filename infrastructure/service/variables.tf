variable "service" {
  description = "Name of the service, of its image repository and of its container."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.service)) && length(var.service) >= 2 && length(var.service) <= 31
    error_message = "service must be 2 to 31 lowercase letters, digits and single hyphens, and start with a letter."
  }

  validation {
    condition     = !startswith(var.service, "internal-")
    error_message = "service must not start with internal-, which AWS reserves in the names of load balancers."
  }
}

variable "environment" {
  description = "Name of the environment whose platform the service runs on."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lowercase letters and digits, and start with a letter."
  }
}

# ---- image

variable "image_tag" {
  description = "Commit that the image was built from, which is its tag."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{40}$", var.image_tag))
    error_message = "image_tag must be a full commit: 40 lowercase hexadecimal digits."
  }
}

variable "image_digest" {
  description = "Digest of the image as the registry gave it back; what runs is bound to it, not to the tag."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^sha256:[0-9a-f]{64}$", var.image_digest))
    error_message = "image_digest must be sha256: and 64 lowercase hexadecimal digits."
  }
}

# ---- container

variable "container_port" {
  description = "Port that the container listens on; it is told so in PORT."
  type        = number
  default     = 8080
  nullable    = false

  validation {
    condition     = var.container_port >= 1 && var.container_port <= 65535 && floor(var.container_port) == var.container_port
    error_message = "container_port must be a whole number from 1 to 65535."
  }
}

variable "start_command" {
  description = "Command that starts the service, one list item per argument; empty keeps the image's own."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for argument in var.start_command : argument != null]) && try(trimspace(var.start_command[0]) != "", true)
    error_message = "start_command must be empty or start with a program's name."
  }
}

variable "cpu_units" {
  description = "CPU of a task, in units of 1/1024 vCPU."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu_units)
    error_message = "cpu_units must be one of 256, 512, 1024, 2048, 4096, 8192 and 16384."
  }
}

variable "memory_mib" {
  description = "Memory of a task, in MiB; what may be chosen depends on cpu_units."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition = contains(lookup({
      "256"   = [512, 1024, 2048]
      "512"   = range(1024, 4097, 1024)
      "1024"  = range(2048, 8193, 1024)
      "2048"  = range(4096, 16385, 1024)
      "4096"  = range(8192, 30721, 1024)
      "8192"  = range(16384, 61441, 4096)
      "16384" = range(32768, 122881, 8192)
    }, tostring(var.cpu_units), []), var.memory_mib)
    error_message = "Fargate has no task of ${var.cpu_units} CPU units with ${var.memory_mib} MiB: 256 goes with 512, 1024 or 2048; 512 with 1024 to 4096; 1024 with 2048 to 8192; 2048 with 4096 to 16384; 4096 with 8192 to 30720 in steps of 1024; 8192 with 16384 to 61440 in steps of 4096; 16384 with 32768 to 122880 in steps of 8192."
  }
}

variable "desired_count" {
  description = "Tasks that the service starts with; it is not changed afterwards, scaling owns it."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.desired_count >= 1 && var.desired_count <= 100 && floor(var.desired_count) == var.desired_count
    error_message = "desired_count must be a whole number from 1 to 100."
  }

  validation {
    condition     = var.environment != "production" || var.desired_count >= 2
    error_message = "desired_count must be at least 2 in production: one zone may fail."
  }
}

variable "scaling" {
  description = "Bounds of the number of tasks and the averages to keep to; null for a number that only people change."
  type = object({
    min_count         = optional(number)
    max_count         = optional(number)
    cpu_percent       = optional(number)
    memory_percent    = optional(number)
    requests_per_task = optional(number)
  })
  default = null

  validation {
    condition     = var.scaling == null || try(var.scaling.min_count != null && var.scaling.max_count != null, false)
    error_message = "scaling must name both min_count and max_count."
  }

  validation {
    condition     = var.scaling == null || try(anytrue([for target in [var.scaling.cpu_percent, var.scaling.memory_percent, var.scaling.requests_per_task] : target != null]), false)
    error_message = "scaling must name what it keeps to: cpu_percent, memory_percent or requests_per_task."
  }

  validation {
    condition = alltrue([
      for count in [try(var.scaling.min_count, null), try(var.scaling.max_count, null)] :
      count == null || try(count >= 1 && count <= 100 && floor(count) == count, false)
    ])
    error_message = "scaling.min_count and scaling.max_count must be whole numbers from 1 to 100."
  }

  validation {
    condition     = try(var.scaling.min_count <= var.desired_count && var.desired_count <= var.scaling.max_count, true)
    error_message = "desired_count, ${var.desired_count}, must lie between scaling.min_count and scaling.max_count: set desired_count, or widen scaling."
  }

  validation {
    condition     = var.environment != "production" || try(var.scaling.min_count >= 2, true)
    error_message = "scaling.min_count must be at least 2 in production: one zone may fail."
  }

  validation {
    condition = alltrue([
      for percent in [try(var.scaling.cpu_percent, null), try(var.scaling.memory_percent, null)] :
      percent == null || try(percent >= 10 && percent <= 95, false)
    ])
    error_message = "scaling.cpu_percent and scaling.memory_percent must be from 10 to 95: below, nearly idle tasks add more; above, none is added in time."
  }

  validation {
    condition     = try(var.scaling.requests_per_task >= 1, true)
    error_message = "scaling.requests_per_task must be at least 1 request a minute."
  }

  # Application Auto Scaling counts the requests of one target group, and blue/green moves to the
  # other one with every release: the scaler would then see an idle service and take its tasks away.
  # AWS does not support the two together (ECS developer guide, target tracking).
  validation {
    condition     = try(var.scaling.requests_per_task == null, true) || var.deployment_strategy == "rolling"
    error_message = "scaling.requests_per_task works with deployment_strategy rolling only: it counts the requests of one target group, and blue_green moves from one to the other. Keep to cpu_percent or memory_percent."
  }
}

variable "environment_variables" {
  description = "Environment of the container. Not for secrets: everyone who may read the task definition reads these."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.environment_variables) : can(regex("^[A-Za-z_][A-Za-z0-9_]{0,254}$", name))])
    error_message = "environment_variables must have names of letters, digits and underscores that do not start with a digit."
  }

  validation {
    condition     = alltrue([for name in keys(var.environment_variables) : name != "PORT" && !startswith(name, "DELIGHTFUL_")])
    error_message = "environment_variables must not set PORT, which is container_port, nor names that start with DELIGHTFUL_."
  }
}

variable "secrets" {
  description = "Environment of the container that ECS reads at start: name to the ARN of a secret in Secrets Manager or of a parameter in SSM."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/)[^\\s]+$", arn))])
    error_message = "secrets must map names to ARNs of Secrets Manager secrets or SSM parameters; a secret's value never belongs here."
  }

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]{0,254}$", name)) && !contains(keys(var.environment_variables), name)])
    error_message = "secrets must have names of letters, digits and underscores that environment_variables does not use."
  }
}

# ---- traffic

variable "health_check" {
  description = "How the load balancer decides that a task may have traffic."
  type = object({
    path                = optional(string, "/")
    matcher             = optional(string, "200-399")
    interval_seconds    = optional(number, 10)
    timeout_seconds     = optional(number, 5)
    healthy_threshold   = optional(number, 2)
    unhealthy_threshold = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^/[A-Za-z0-9._~/-]*$", var.health_check.path)) && length(var.health_check.path) <= 1024
    error_message = "health_check.path must start with a slash and hold letters, digits and . _ ~ / - only, 1024 at most."
  }

  validation {
    condition     = can(regex("^[2-4][0-9]{2}(-[2-4][0-9]{2})?$", var.health_check.matcher))
    error_message = "health_check.matcher must be a status from 200 to 499 or a range of them, for example 200-399."
  }

  validation {
    condition     = var.health_check.interval_seconds >= 5 && var.health_check.interval_seconds <= 300 && var.health_check.timeout_seconds >= 2 && var.health_check.timeout_seconds <= 120
    error_message = "health_check.interval_seconds must be 5 to 300 and timeout_seconds 2 to 120."
  }

  validation {
    condition     = var.health_check.timeout_seconds < var.health_check.interval_seconds
    error_message = "health_check.timeout_seconds must be less than interval_seconds."
  }

  validation {
    condition     = alltrue([for threshold in [var.health_check.healthy_threshold, var.health_check.unhealthy_threshold] : threshold >= 2 && threshold <= 10])
    error_message = "health_check.healthy_threshold and unhealthy_threshold must be 2 to 10."
  }
}

variable "health_check_grace_seconds" {
  description = "Seconds after its start in which failing health checks do not stop a task; as long as the slowest start."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.health_check_grace_seconds >= 0 && var.health_check_grace_seconds <= 3600
    error_message = "health_check_grace_seconds must be 0 to 3600."
  }
}

variable "listener_port" {
  description = "Port of the production listener."
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.listener_port >= 1 && var.listener_port <= 65535 && floor(var.listener_port) == var.listener_port
    error_message = "listener_port must be a whole number from 1 to 65535."
  }
}

variable "test_listener_port" {
  description = "Port of the test listener, where a new version is tried before it has traffic; rolling has none."
  type        = number
  default     = 8443
  nullable    = false

  validation {
    condition     = var.test_listener_port >= 1 && var.test_listener_port <= 65535 && floor(var.test_listener_port) == var.test_listener_port
    error_message = "test_listener_port must be a whole number from 1 to 65535."
  }

  validation {
    condition     = var.test_listener_port != var.listener_port
    error_message = "test_listener_port must differ from listener_port."
  }
}

variable "test_listener_cidr_blocks" {
  description = "IPv4 ranges that may reach the test listener, beside the environment's own network."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.test_listener_cidr_blocks : can(cidrhost(cidr, 0)) && can(regex("^[0-9.]+/[0-9]+$", cidr))])
    error_message = "test_listener_cidr_blocks must be IPv4 ranges, for example 192.0.2.0/24."
  }
}

variable "certificate_arn" {
  description = "ARN of the listeners' certificate; empty for plain HTTP."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.certificate_arn == "" || can(regex("^arn:aws[a-z-]*:(acm:[a-z0-9-]+:[0-9]{12}:certificate/|iam::[0-9]{12}:server-certificate/).+$", var.certificate_arn))
    error_message = "certificate_arn must be empty or the ARN of a certificate in ACM or IAM."
  }
}

variable "public" {
  description = "Whether the load balancer faces the internet; otherwise only the VPC reaches it."
  type        = bool
  default     = true
  nullable    = false
}

variable "access_logs_enabled" {
  description = "Whether the load balancer keeps a line of every request in the platform's log bucket."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = var.environment != "production" || var.access_logs_enabled
    error_message = "access_logs_enabled must be true in production."
  }
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = var.environment != "production" || var.deletion_protection
    error_message = "deletion_protection must be true in production; to take a service down there, switch it off at the load balancer first."
  }
}

# ---- stores

variable "database" {
  description = "Database of the service's own; null has none. The tasks are told DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_ENGINE, DATABASE_USERNAME and DATABASE_PASSWORD, but those that they set themselves."
  type = object({
    engine  = string
    version = optional(string)
  })
  default = null

  validation {
    condition     = var.database == null || contains(["postgres", "mysql"], try(var.database.engine, ""))
    error_message = "database.engine must be postgres or mysql."
  }

  validation {
    condition = var.database == null || try(var.database.version, null) == null || try(can(regex({
      postgres = "^1[4-9](\\.[0-9]+)?$"
      mysql    = "^8\\.[04](\\.[0-9]+)?$"
    }[var.database.engine], var.database.version)), true)
    error_message = "database.version must be PostgreSQL's from 14 on, for example 16 or 16.4, or MySQL's 8.0 or 8.4."
  }
}

variable "database_settings" {
  description = "Size and safety of the database, where there is one; the words are those of the module database."
  type = object({
    instance_class               = optional(string, "db.t4g.micro")
    storage_gib                  = optional(number, 20)
    max_storage_gib              = optional(number, 100)
    multi_az                     = optional(bool, false)
    backup_retention_days        = optional(number, 7)
    deletion_protection          = optional(bool, true)
    password_rotation_days       = optional(number, 90)
    performance_insights_enabled = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.database_settings.instance_class))
    error_message = "database_settings.instance_class must be a size of RDS, for example db.t4g.medium."
  }

  validation {
    condition     = var.database_settings.storage_gib >= 20 && var.database_settings.max_storage_gib >= 1.1 * var.database_settings.storage_gib
    error_message = "database_settings.storage_gib must be at least 20, and max_storage_gib a tenth more than it."
  }

  validation {
    condition     = var.database_settings.backup_retention_days >= 1 && var.database_settings.backup_retention_days <= 35
    error_message = "database_settings.backup_retention_days must be 1 to 35."
  }

  validation {
    condition     = var.environment != "production" || var.database == null || var.database_settings.deletion_protection
    error_message = "database_settings.deletion_protection must be true in production."
  }

  validation {
    condition     = var.environment != "production" || var.database == null || var.database_settings.multi_az
    error_message = "database_settings.multi_az must be true in production: one zone may fail."
  }

  validation {
    condition     = var.environment != "production" || var.database == null || var.database_settings.backup_retention_days >= 30
    error_message = "database_settings.backup_retention_days must be at least 30 in production."
  }
}

variable "cache" {
  description = "Cache of the service's own; null has none. The tasks are told REDIS_URL, but where they set it themselves."
  type = object({
    engine = string
  })
  default = null

  validation {
    condition     = var.cache == null || try(var.cache.engine, "") == "redis"
    error_message = "cache.engine must be redis."
  }
}

variable "cache_settings" {
  description = "Size and safety of the cache, where there is one; the words are those of the module redis."
  type = object({
    node_type               = optional(string, "cache.t4g.micro")
    node_count              = optional(number, 1)
    snapshot_retention_days = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.cache_settings.node_type))
    error_message = "cache_settings.node_type must be a size of ElastiCache, for example cache.t4g.small."
  }

  validation {
    condition     = contains([1, 2, 3, 4, 5, 6], var.cache_settings.node_count)
    error_message = "cache_settings.node_count must be a whole number from 1 to 6: one primary and its replicas."
  }

  validation {
    condition     = var.environment != "production" || var.cache == null || var.cache_settings.node_count >= 2
    error_message = "cache_settings.node_count must be at least 2 in production: one zone may fail."
  }
}

# ---- rollout

variable "deployment_strategy" {
  description = "How a new version takes over: blue_green by CodeDeploy, or rolling by ECS."
  type        = string
  default     = "blue_green"
  nullable    = false

  validation {
    condition     = contains(["blue_green", "rolling"], var.deployment_strategy)
    error_message = "deployment_strategy must be blue_green or rolling."
  }
}

variable "deployment_configuration" {
  description = "Name of the CodeDeploy configuration that says how fast traffic moves; rolling has no use for it."
  type        = string
  default     = "CodeDeployDefault.ECSAllAtOnce"
  nullable    = false

  validation {
    condition = contains([
      "CodeDeployDefault.ECSAllAtOnce",
      "CodeDeployDefault.ECSCanary10Percent5Minutes",
      "CodeDeployDefault.ECSCanary10Percent15Minutes",
      "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
      "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
    ], var.deployment_configuration)
    error_message = "deployment_configuration must be one of CodeDeploy's own five for ECS: AllAtOnce, Canary10Percent5Minutes or 15Minutes, Linear10PercentEvery1Minutes or 3Minutes, each as CodeDeployDefault.ECS…"
  }
}

variable "ready_wait_minutes" {
  description = "Minutes that the smoke test has on the test listener; after them CodeDeploy stops and goes back."
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.ready_wait_minutes >= 1 && var.ready_wait_minutes <= 7200 && floor(var.ready_wait_minutes) == var.ready_wait_minutes
    error_message = "ready_wait_minutes must be a whole number from 1 to 7200."
  }
}

variable "termination_wait_minutes" {
  description = "Minutes that the old tasks are kept after the shift, so that going back is a matter of seconds."
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.termination_wait_minutes >= 0 && var.termination_wait_minutes <= 2880 && floor(var.termination_wait_minutes) == var.termination_wait_minutes
    error_message = "termination_wait_minutes must be a whole number from 0 to 2880."
  }
}

variable "deregistration_delay_seconds" {
  description = "Seconds that a task leaving the load balancer may still answer its open requests."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deregistration_delay_seconds >= 0 && var.deregistration_delay_seconds <= 3600 && floor(var.deregistration_delay_seconds) == var.deregistration_delay_seconds
    error_message = "deregistration_delay_seconds must be a whole number from 0 to 3600."
  }
}

# ---- observability

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the periods that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }

  validation {
    condition     = var.environment != "production" || var.log_retention_days >= 30
    error_message = "log_retention_days must be at least 30 in production."
  }
}

variable "alarm_error_rate_percent" {
  description = "Share of requests failed within a minute that stops a rollout and raises the alarm."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.alarm_error_rate_percent > 0 && var.alarm_error_rate_percent < 100
    error_message = "alarm_error_rate_percent must be more than 0 and less than 100."
  }
}

variable "alarm_latency_p99_seconds" {
  description = "99th percentile of the answer time within a minute that stops a rollout and raises the alarm."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.alarm_latency_p99_seconds > 0 && var.alarm_latency_p99_seconds <= 60
    error_message = "alarm_latency_p99_seconds must be more than 0 and at most 60, after which the load balancer gives up."
  }
}

variable "alarm_unhealthy_minutes" {
  description = "Minutes in a row with an unhealthy task that stop a rollout and raise the alarm; more than the slowest start takes."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.alarm_unhealthy_minutes >= 1 && var.alarm_unhealthy_minutes <= 60 && floor(var.alarm_unhealthy_minutes) == var.alarm_unhealthy_minutes
    error_message = "alarm_unhealthy_minutes must be a whole number from 1 to 60."
  }
}

# Blue and green share these two, so they stop no rollout; people and the scaler act on them.

variable "alarm_cpu_percent" {
  description = "Average CPU of the tasks, in percent of what they have, that raises the alarm."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.alarm_cpu_percent >= 10 && var.alarm_cpu_percent <= 100
    error_message = "alarm_cpu_percent must be from 10 to 100."
  }

  validation {
    condition     = try(var.alarm_cpu_percent > var.scaling.cpu_percent, true)
    error_message = "alarm_cpu_percent must be more than scaling.cpu_percent, which the scaler keeps to."
  }
}

variable "alarm_memory_percent" {
  description = "Memory of the fullest task, in percent of what it has, that raises the alarm."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.alarm_memory_percent >= 10 && var.alarm_memory_percent <= 100
    error_message = "alarm_memory_percent must be from 10 to 100."
  }

  validation {
    condition     = try(var.alarm_memory_percent > var.scaling.memory_percent, true)
    error_message = "alarm_memory_percent must be more than scaling.memory_percent, which the scaler keeps to."
  }
}

variable "alarm_usage_minutes" {
  description = "Minutes in a row of too much CPU or memory that raise the alarm; longer than the scaler needs to help."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.alarm_usage_minutes >= 1 && var.alarm_usage_minutes <= 60 && floor(var.alarm_usage_minutes) == var.alarm_usage_minutes
    error_message = "alarm_usage_minutes must be a whole number from 1 to 60."
  }
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear of the service's alarms."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "alarm_topic_arns must be ARNs of SNS topics."
  }
}

variable "xray_sampling_rate" {
  description = "Share of requests that X-Ray traces, from 0 to 1, beside the first one of every second."
  type        = number
  default     = 0.05
  nullable    = false

  validation {
    condition     = var.xray_sampling_rate >= 0 && var.xray_sampling_rate <= 1
    error_message = "xray_sampling_rate must be from 0 to 1."
  }
}

variable "tracing" {
  description = "Whether a collector runs beside the container and brings its traces to X-Ray."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.tracing || var.service != "collector"
    error_message = "tracing must be false for a service named collector: that is the name of the container beside it."
  }
}

variable "collector_image" {
  description = "Image of the collector: one version of AWS Distro for OpenTelemetry, or of another that knows X-Ray."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^([^@\\s]+:[^@:/\\s]+(@sha256:[0-9a-f]{64})?)?$", var.collector_image)) && !can(regex(":latest(@|$)", var.collector_image))
    error_message = "collector_image must be repository:version, with or without @sha256:digest, and not latest: what runs beside the service changes only when somebody says so."
  }

  validation {
    condition     = !var.tracing || var.collector_image != ""
    error_message = "collector_image must be set where tracing is true."
  }
}

# ---- account

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary that the service's roles bear; an apply role can make none without it. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be empty or the ARN of a managed policy of the account."
  }
}
