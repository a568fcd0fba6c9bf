variable "name" {
  description = "Stem of the names of every part."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 32
    error_message = "name must be at most 32 lowercase letters, digits and single hyphens, and start with a letter."
  }
}

variable "environment" {
  description = "Name of the environment, in the names of the log groups and of the load balancer."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment)) && var.environment != "internal"
    error_message = "environment must be 2 to 16 lowercase letters and digits, start with a letter, and not be internal, which AWS reserves in the names of load balancers."
  }
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster that server, worker and flows run in."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "ID of the VPC."
  type        = string
  nullable    = false
}

variable "public_subnet_ids" {
  description = "IDs of the subnets of a public load balancer."
  type        = list(string)
  nullable    = false
}

variable "private_subnet_ids" {
  description = "IDs of the subnets of everything else."
  type        = list(string)
  nullable    = false
}

variable "public" {
  description = "Whether the load balancer faces the internet."
  type        = bool
  nullable    = false

  validation {
    condition     = !var.public || var.https != null
    error_message = "public needs https: the API's credential would cross the internet in plain text."
  }
}

variable "ingress_cidr_blocks" {
  description = "IPv4 ranges that may reach the API and the UI."
  type        = list(string)
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.ingress_cidr_blocks : can(cidrhost(cidr, 0))])
    error_message = "ingress_cidr_blocks must hold IPv4 ranges, for example 203.0.113.0/24."
  }
}

variable "egress_ip_addresses" {
  description = "Public addresses of the NAT gateways, under which worker and flows call a public API."
  type        = list(string)
  nullable    = false
}

variable "https" {
  description = "Certificate of the load balancer and the name that it is for; null for plain HTTP."
  type        = object({ certificate_arn = string, domain_name = string })
  default     = null

  validation {
    condition     = var.https == null || can(regex("^arn:aws[a-z-]*:(acm:[a-z0-9-]+:[0-9]{12}:certificate/|iam::[0-9]{12}:server-certificate/).+$", var.https.certificate_arn))
    error_message = "https.certificate_arn must be the ARN of a certificate in ACM or IAM."
  }

  validation {
    condition     = var.https == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.https.domain_name))
    error_message = "https.domain_name must be a full host name in lower case, for example prefect.example.com."
  }
}

variable "access_logs_bucket" {
  description = "Name of the bucket that keeps a line of every request; null keeps none."
  type        = string
  default     = null
}

variable "images" {
  description = "Images by digest: server holds prefect and prefect-redis, worker holds prefect and prefect-aws."
  type        = object({ server = string, worker = string })
  nullable    = false
}

variable "auth_secret_arn" {
  description = "ARN of the secret that holds the API's credential, as user:password."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.auth_secret_arn))
    error_message = "auth_secret_arn must be the ARN of a secret."
  }
}

variable "work_pool" {
  description = "Name of the ECS work pool that the worker serves; it makes the pool where there is none."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]{1,64}$", var.work_pool))
    error_message = "work_pool must be 1 to 64 lowercase letters, digits and hyphens: families of task definitions are named after it."
  }
}

variable "flow_task_role_arn" {
  description = "ARN of the role that flow runs have, from which they take on those to apply and to deploy."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*?]+$", var.flow_task_role_arn))
    error_message = "flow_task_role_arn must name a role by its ARN, in full."
  }
}

variable "permissions_boundary_arn" {
  description = "Managed policy that bounds every role made here; empty for none."
  type        = string
  nullable    = false

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be empty or the ARN of a managed policy of the account."
  }
}

variable "server" {
  description = "Number and size of the API server's tasks."
  type        = object({ count = number, cpu_units = number, memory_mib = number })
  nullable    = false
}

variable "background" {
  description = "Size of the task that runs the background services."
  type        = object({ cpu_units = number, memory_mib = number })
  nullable    = false
}

variable "worker" {
  description = "Number and size of the worker's tasks."
  type        = object({ count = number, cpu_units = number, memory_mib = number })
  nullable    = false
}

variable "database" {
  description = "What the database is like; the words are those of the module database."
  type = object({
    instance_class               = string
    storage_gib                  = number
    max_storage_gib              = number
    multi_az                     = bool
    backup_retention_days        = number
    deletion_protection          = bool
    password_rotation_days       = number
    performance_insights_enabled = bool
  })
  nullable = false
}

variable "messages" {
  description = "What the message broker is like; the words are those of the module redis."
  type = object({
    node_type               = string
    node_count              = number
    snapshot_retention_days = number
  })
  nullable = false
}

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear of alarms."
  type        = list(string)
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "alarm_topic_arns must hold ARNs of SNS topics."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
