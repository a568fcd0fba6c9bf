variable "name" {
  description = "Name of the ECS service, of the task definition's family and the stem of the roles' names."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,52}$", var.name))
    error_message = "name must be 2 to 53 lowercase letters, digits and hyphens: role names add to it and end at 64."
  }
}

variable "container_name" {
  description = "Name of the container that has the traffic."
  type        = string
  nullable    = false

  validation {
    condition     = var.tracing == null || var.container_name != "collector"
    error_message = "container_name must not be collector: that is the container beside it."
  }
}

variable "image" {
  description = "Image to run, as repository:tag@digest."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@]+:[0-9a-f]{40}@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must be repository:commit@sha256:digest: a tag alone does not say what runs."
  }
}

variable "repository_arn" {
  description = "ARN of the image repository that the execution role may pull from."
  type        = string
  nullable    = false
}

variable "start_command" {
  description = "Command that replaces the image's own; empty keeps the image's."
  type        = list(string)
  nullable    = false
}

variable "container_port" {
  description = "Port that the container listens on."
  type        = number
  nullable    = false
}

variable "cpu_units" {
  description = "CPU of a task, in units of 1/1024 vCPU."
  type        = number
  nullable    = false
}

variable "memory_mib" {
  description = "Memory of a task, in MiB."
  type        = number
  nullable    = false
}

variable "desired_count" {
  description = "Tasks to start with; scaling owns the number afterwards."
  type        = number
  nullable    = false
}

variable "environment_variables" {
  description = "Environment of the container."
  type        = map(string)
  nullable    = false
}

variable "secrets" {
  description = "Environment of the container that ECS reads at start: name to ARN in Secrets Manager or SSM."
  type        = map(string)
  nullable    = false
}

variable "tracing" {
  description = "What the collector's image is, and what spans shall tell of the service; null for no collector."
  type = object({
    collector_image = string
    release         = string
    environment     = string
    sampling_rate   = number
  })
  default = null

  validation {
    condition     = var.tracing == null || (can(regex("^[^@\\s]+:[^@:/\\s]+(@sha256:[0-9a-f]{64})?$", var.tracing.collector_image)) && !can(regex(":latest(@|$)", var.tracing.collector_image)))
    error_message = "tracing.collector_image must be repository:version, with or without @sha256:digest, and not latest."
  }
}

variable "controller" {
  description = "Who moves traffic: CODE_DEPLOY for blue/green, ECS for rolling."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["CODE_DEPLOY", "ECS"], var.controller)
    error_message = "controller must be CODE_DEPLOY or ECS."
  }
}

variable "health_check_grace_seconds" {
  description = "Seconds after its start in which failing health checks do not stop a task."
  type        = number
  nullable    = false
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "ID of the VPC."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "IDs of the tasks' subnets."
  type        = list(string)
  nullable    = false
}

variable "load_balancer_security_group_id" {
  description = "ID of the only security group that may reach the tasks."
  type        = string
  nullable    = false
}

variable "target_group_arn" {
  description = "ARN of the target group that serves when the service is new."
  type        = string
  nullable    = false
}

variable "log_group" {
  description = "Log group of the tasks: name and ARN."
  type        = object({ name = string, arn = string })
  nullable    = false
}

variable "alarm_names" {
  description = "Alarms that stop and reverse a rolling update; CodeDeploy brings its own."
  type        = list(string)
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "ARN of the permissions boundary of the roles; empty for none."
  type        = string
  default     = ""
  nullable    = false
}
