variable "cluster_name" {
  description = "Name of the ECS cluster."
  type        = string
  nullable    = false
}

variable "service_name" {
  description = "Name of the ECS service whose number of tasks is kept."
  type        = string
  nullable    = false
}

variable "min_count" {
  description = "Fewest tasks."
  type        = number
  nullable    = false

  validation {
    condition     = var.min_count >= 1 && floor(var.min_count) == var.min_count
    error_message = "min_count must be a whole number of at least 1: without a task there is nothing to measure."
  }
}

variable "max_count" {
  description = "Most tasks."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_count >= var.min_count && floor(var.max_count) == var.max_count
    error_message = "max_count must be a whole number of at least min_count, ${var.min_count}."
  }
}

variable "cpu_percent" {
  description = "Average CPU of the tasks to keep to, in percent of what they have; null does not look at it."
  type        = number
  default     = null
}

variable "memory_percent" {
  description = "Average memory of the tasks to keep to, in percent of what they have; null does not look at it."
  type        = number
  default     = null
}

variable "requests_per_task" {
  description = "Requests a minute that a task shall have; null does not look at them."
  type        = number
  default     = null

  validation {
    condition     = var.requests_per_task == null || var.request_source != null
    error_message = "requests_per_task needs request_source: the requests of one target group are counted."
  }
}

variable "request_source" {
  description = "Where requests are counted, as CloudWatch's dimensions name them: load balancer, slash, target group."
  type        = string
  default     = null
}

variable "scale_out_cooldown_seconds" {
  description = "Seconds until tasks are added again; as long as a task takes to carry load."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.scale_out_cooldown_seconds >= 0 && var.scale_out_cooldown_seconds <= 3600
    error_message = "scale_out_cooldown_seconds must be 0 to 3600."
  }
}

variable "scale_in_cooldown_seconds" {
  description = "Seconds until tasks are taken away again; long, so that a pause costs no capacity."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.scale_in_cooldown_seconds >= 0 && var.scale_in_cooldown_seconds <= 3600
    error_message = "scale_in_cooldown_seconds must be 0 to 3600."
  }
}

variable "tags" {
  description = "Tags of the scalable target."
  type        = map(string)
  nullable    = false
}
