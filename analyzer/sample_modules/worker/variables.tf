variable "name" {
  description = "Name of the ECS service and of the task definition's family."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 60
    error_message = "name must be at most 60 lowercase letters, digits and single hyphens, and start with a letter."
  }
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/", var.cluster_arn))
    error_message = "cluster_arn must be the ARN of an ECS cluster."
  }
}

variable "image" {
  description = "Image to run, as repository:tag@digest: the one that the service runs."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must end with its digest: @sha256: and 64 lowercase hexadecimal digits."
  }
}

variable "command" {
  description = "Command that starts the worker, one list item per argument."
  type        = list(string)
  nullable    = false

  validation {
    condition     = try(trimspace(var.command[0]) != "", false)
    error_message = "command must start with a program's name."
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
    condition     = var.memory_mib >= 512 && var.memory_mib <= 122880 && floor(var.memory_mib) == var.memory_mib
    error_message = "memory_mib must be a whole number from 512 to 122880."
  }
}

variable "desired_count" {
  description = "Number of tasks."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.desired_count >= 0 && var.desired_count <= 100 && floor(var.desired_count) == var.desired_count
    error_message = "desired_count must be a whole number from 0 to 100."
  }
}

variable "one_at_a_time" {
  description = "Whether the old task stops before the new one starts, for a scheduler that may not run twice."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.one_at_a_time || var.desired_count <= 1
    error_message = "one_at_a_time needs a desired_count of at most 1."
  }
}

variable "stop_seconds" {
  description = "Seconds between SIGTERM and SIGKILL, in which a job that was begun may end."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.stop_seconds >= 2 && var.stop_seconds <= 120 && floor(var.stop_seconds) == var.stop_seconds
    error_message = "stop_seconds must be a whole number from 2 to 120."
  }
}

variable "environment_variables" {
  description = "Environment of the container; no secret belongs here."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "secrets" {
  description = "Environment of the container that ECS reads at start: name to ARN in Secrets Manager or SSM."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:[a-z-]+:(secretsmanager|ssm):", arn))])
    error_message = "secrets must name ARNs in Secrets Manager or SSM, never a secret itself."
  }
}

variable "execution_role_arn" {
  description = "ARN of the service's execution role, which may read the secrets that the service names."
  type        = string
  nullable    = false
}

variable "task_role_arn" {
  description = "ARN of the role of the service's tasks."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "IDs of private subnets, in at least two availability zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets."
  }
}

variable "security_group_id" {
  description = "ID of the security group of the service's tasks, which its stores let in."
  type        = string
  nullable    = false
}

variable "log_group_name" {
  description = "Name of the service's log group; the worker's streams begin with worker."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
