variable "name" {
  description = "Name of the ECS service, and stem of the names of its parts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,53}$", var.name))
    error_message = "name must be 2 to 54 lowercase letters, digits and hyphens, and start with a letter: a role's name has 64 characters."
  }
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/.+$", var.cluster_arn))
    error_message = "cluster_arn must be the ARN of an ECS cluster."
  }
}

variable "vpc_id" {
  description = "ID of the VPC that the tasks run in."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "IDs of the tasks' subnets."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 1
    error_message = "subnet_ids must name at least one subnet."
  }
}

variable "image" {
  description = "Image to run, by digest."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@ ]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must be pinned: repository, optional tag, then @sha256: and 64 lowercase hexadecimal digits."
  }
}

variable "command" {
  description = "Command of the process, as a list of arguments."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.command) >= 1
    error_message = "command must name a program."
  }
}

variable "preparing_command" {
  description = "Command that must succeed in every task before the process begins; null for none."
  type        = list(string)
  default     = null
}

variable "health_check_command" {
  description = "Command that succeeds in the container while the process is well, as a list of arguments."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.health_check_command) >= 1
    error_message = "health_check_command must name a program."
  }
}

variable "port" {
  description = "Port that the process listens on; null for none."
  type        = number
  default     = null

  validation {
    condition     = var.port == null || (coalesce(var.port, 1) >= 1 && coalesce(var.port, 1) <= 65535 && floor(coalesce(var.port, 1)) == coalesce(var.port, 1))
    error_message = "port must be null or a whole number from 1 to 65535."
  }
}

variable "target_group_arn" {
  description = "ARN of the target group that the tasks join; null for none."
  type        = string
  default     = null
}

variable "cpu_units" {
  description = "CPU of a task; 1024 is one virtual CPU."
  type        = number
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu_units)
    error_message = "cpu_units must be 256, 512, 1024, 2048 or 4096."
  }
}

variable "memory_mib" {
  description = "Memory of a task."
  type        = number
  nullable    = false

  validation {
    condition = contains(lookup({
      "256"  = [512, 1024, 2048]
      "512"  = range(1024, 4097, 1024)
      "1024" = range(2048, 8193, 1024)
      "2048" = range(4096, 16385, 1024)
      "4096" = range(8192, 30721, 1024)
    }, tostring(var.cpu_units), [var.memory_mib]), var.memory_mib)
    error_message = "memory_mib must be a size that Fargate sells with cpu_units: between two and eight times as much, in steps of 1024."
  }
}

variable "desired_count" {
  description = "Number of tasks."
  type        = number
  nullable    = false

  validation {
    condition     = var.desired_count >= 0 && var.desired_count <= 100 && floor(var.desired_count) == var.desired_count
    error_message = "desired_count must be a whole number from 0 to 100."
  }
}

variable "one_at_a_time" {
  description = "Whether a task must have stopped before its successor starts."
  type        = bool
  default     = false
  nullable    = false
}

variable "environment_variables" {
  description = "Environment of every container, in plain text."
  type        = map(string)
  nullable    = false
}

variable "secrets" {
  description = "Environment of every container by reference: name to the ARN of a secret, with a JSON key behind it where it has one."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for reference in values(var.secrets) : can(regex("^arn:aws[a-z-]*:secretsmanager:", reference))])
    error_message = "secrets must hold references to Secrets Manager, never values."
  }
}

variable "log_group_name" {
  description = "Name of the log group of the tasks."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the periods that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
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
