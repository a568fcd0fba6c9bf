variable "service" {
  description = "Name of the service as its traces bear it."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Stem of the names of alarms and dashboard."
  type        = string
  nullable    = false
}

variable "sampling_rule_name" {
  description = "Name of the X-Ray sampling rule."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.sampling_rule_name) >= 1 && length(var.sampling_rule_name) <= 32
    error_message = "sampling_rule_name must be 1 to 32 characters."
  }
}

variable "region" {
  description = "Region that the dashboard reads."
  type        = string
  nullable    = false
}

variable "log_group_name" {
  description = "Name of the log group."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  nullable    = false
}

variable "load_balancer" {
  description = "Load balancer as CloudWatch's dimension names it."
  type        = string
  nullable    = false
}

variable "target_groups" {
  description = "Target groups by color, as CloudWatch's dimension names them."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.target_groups) >= 1 && length(var.target_groups) <= 3
    error_message = "target_groups must be one to three: each has three alarms, and CodeDeploy watches at most ten."
  }
}

variable "cluster_name" {
  description = "Name of the ECS cluster."
  type        = string
  nullable    = false
}

variable "error_rate_percent" {
  description = "Share of requests answered 5xx or not at all that raises the alarm within a minute."
  type        = number
  nullable    = false
}

variable "latency_p99_seconds" {
  description = "99th percentile of the answer time that raises the alarm within a minute."
  type        = number
  nullable    = false
}

variable "unhealthy_minutes" {
  description = "Minutes in a row with an unhealthy task that raise the alarm."
  type        = number
  nullable    = false
}

variable "cpu_percent" {
  description = "Average CPU of the tasks, in percent of what they have, that raises the alarm."
  type        = number
  nullable    = false
}

variable "memory_percent" {
  description = "Memory of the fullest task, in percent of what it has, that raises the alarm."
  type        = number
  nullable    = false
}

variable "usage_minutes" {
  description = "Minutes in a row of too much CPU or memory that raise the alarm."
  type        = number
  nullable    = false
}

variable "topic_arns" {
  description = "ARNs of the SNS topics that hear of alarms."
  type        = list(string)
  nullable    = false
}

variable "scaling" {
  description = "Bounds that the dashboard draws beside the number of tasks; null where nothing scales."
  type        = object({ min_count = number, max_count = number })
  default     = null
}

variable "sampling_rate" {
  description = "Share of requests that are traced, beside the first one of every second."
  type        = number
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
