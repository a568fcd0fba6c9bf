variable "environment" {
  description = "Name of the environment that network, cluster and control plane serve; production is held to more than the others."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lowercase letters and digits, and start with a letter."
  }
}

# ---- network

variable "vpc_cidr" {
  description = "Private IPv4 range of the VPC, between /16 and /20; a sixteenth of it goes to each subnet."
  type        = string
  default     = "10.20.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && can(regex("^(10|172|192|100)\\.[0-9.]+/(16|17|18|19|20)$", var.vpc_cidr))
    error_message = "vpc_cidr must be a private IPv4 range from /16 to /20, for example 10.20.0.0/16."
  }
}

variable "availability_zone_count" {
  description = "Number of availability zones that the subnets spread over."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = contains([2, 3, 4], var.availability_zone_count)
    error_message = "availability_zone_count must be 2, 3 or 4: a load balancer needs at least two zones."
  }

  validation {
    condition     = var.environment != "production" || var.availability_zone_count >= 3
    error_message = "availability_zone_count must be at least 3 in production: two zones must be left when one fails."
  }
}

variable "nat_gateway_per_zone" {
  description = "Whether every zone has its own way out, rather than one for all."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = var.environment != "production" || var.nat_gateway_per_zone
    error_message = "nat_gateway_per_zone must be true in production: with one gateway its zone takes the others' way out with it."
  }
}

variable "gateway_endpoints_enabled" {
  description = "Whether S3 and DynamoDB are reached inside the network; it costs nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "interface_endpoints" {
  description = "AWS services that are reached inside the network; each costs by the hour and zone."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = length(setsubtract(var.interface_endpoints, [
      "codedeploy", "ecr.api", "ecr.dkr", "ecs", "elasticloadbalancing", "events", "lambda", "logs",
      "monitoring", "secretsmanager", "sqs", "ssm", "sts", "xray",
    ])) == 0
    error_message = "interface_endpoints may name codedeploy, ecr.api, ecr.dkr, ecs, elasticloadbalancing, events, lambda, logs, monitoring, secretsmanager, sqs, ssm, sts and xray."
  }

  validation {
    condition     = contains(var.interface_endpoints, "ecr.api") == contains(var.interface_endpoints, "ecr.dkr")
    error_message = "interface_endpoints must name ecr.api and ecr.dkr together or neither: a pull needs both."
  }
}

variable "log_bucket_retention_days" {
  description = "Days that access logs and flow logs are kept; null makes no bucket for them."
  type        = number
  default     = null

  validation {
    condition     = var.environment != "production" || coalesce(var.log_bucket_retention_days, 0) >= 30
    error_message = "log_bucket_retention_days must be at least 30 in production."
  }
}

variable "flow_logs_enabled" {
  description = "Whether a line is kept of every connection in the VPC, in the log bucket."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.flow_logs_enabled || var.log_bucket_retention_days != null
    error_message = "flow_logs_enabled needs log_bucket_retention_days: there is no bucket to keep them in."
  }
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear of alarms."
  type        = list(string)
  default     = []
  nullable    = false
}

# ---- Prefect: ranges of sizes and periods are checked where they are used, in modules/control_plane

variable "prefect" {
  description = "The environment's Prefect server, its database, broker and worker; null has none."
  type = object({
    public              = optional(bool, false)
    ingress_cidr_blocks = optional(list(string), [])
    work_pool           = optional(string, "delightful-ecs")
    log_retention_days  = optional(number, 30)

    server = optional(object({
      count      = optional(number, 1)
      cpu_units  = optional(number, 512)
      memory_mib = optional(number, 1024)
    }), {})

    background = optional(object({
      cpu_units  = optional(number, 512)
      memory_mib = optional(number, 1024)
    }), {})

    worker = optional(object({
      count      = optional(number, 1)
      cpu_units  = optional(number, 512)
      memory_mib = optional(number, 1024)
    }), {})

    database = optional(object({
      instance_class               = optional(string, "db.t4g.medium")
      storage_gib                  = optional(number, 20)
      max_storage_gib              = optional(number, 100)
      multi_az                     = optional(bool, false)
      backup_retention_days        = optional(number, 7)
      deletion_protection          = optional(bool, true)
      password_rotation_days       = optional(number, 90)
      performance_insights_enabled = optional(bool, true)
    }), {})

    messages = optional(object({
      node_type               = optional(string, "cache.t4g.small")
      node_count              = optional(number, 1)
      snapshot_retention_days = optional(number, 1)
    }), {})
  })
  default = null

  validation {
    condition     = var.environment != "production" || try(var.prefect.database.deletion_protection, true)
    error_message = "prefect.database.deletion_protection must be true in production."
  }

  validation {
    condition     = var.environment != "production" || try(var.prefect.database.multi_az, true)
    error_message = "prefect.database.multi_az must be true in production: nothing can be rolled back while the database is gone."
  }

  validation {
    condition     = var.environment != "production" || try(var.prefect.database.backup_retention_days, 30) >= 30
    error_message = "prefect.database.backup_retention_days must be at least 30 in production."
  }

  validation {
    condition     = var.environment != "production" || try(min(var.prefect.server.count, var.prefect.worker.count, var.prefect.messages.node_count), 2) >= 2
    error_message = "prefect.server.count, prefect.worker.count and prefect.messages.node_count must be at least 2 in production: one zone may fail."
  }

  validation {
    condition     = var.environment != "production" || try(var.prefect.log_retention_days, 30) >= 30
    error_message = "prefect.log_retention_days must be at least 30 in production."
  }
}

variable "prefect_images" {
  description = "Images of server and worker by digest; needed where prefect is."
  type        = object({ server = string, worker = string })
  default     = null

  validation {
    condition     = var.prefect == null || var.prefect_images != null
    error_message = "prefect needs prefect_images: name the images of server and worker, each by digest."
  }
}

variable "prefect_https" {
  description = "Certificate of the Prefect server and the host name that it is for; null for plain HTTP inside the VPC."
  type        = object({ certificate_arn = string, domain_name = string })
  default     = null

  validation {
    condition     = var.environment != "production" || var.prefect == null || var.prefect_https != null
    error_message = "prefect_https must be set in production: the API's credential would cross the network in plain text."
  }
}

variable "flow_task_role_arn" {
  description = "ARN of the role that flow runs have: bootstrap's `worker_role_arns` for this environment."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.prefect == null || var.flow_task_role_arn != ""
    error_message = "flow_task_role_arn must be set where Prefect runs: it is bootstrap's worker role of the environment."
  }
}

variable "permissions_boundary_arn" {
  description = "Managed policy that bounds every role made here; empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be empty or the ARN of a managed policy of the account."
  }
}
