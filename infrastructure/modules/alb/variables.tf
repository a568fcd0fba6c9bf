variable "name" {
  description = "Name of the load balancer and the stem of its parts' names."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name)) && !startswith(var.name, "internal-")
    error_message = "name must be 2 to 26 lowercase letters, digits and hyphens, and must not start with internal-, which AWS reserves."
  }
}

variable "vpc_id" {
  description = "ID of the VPC that holds the target groups."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "IDs of the load balancer's subnets, in at least two availability zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets."
  }
}

variable "public" {
  description = "Whether the load balancer faces the internet."
  type        = bool
  nullable    = false
}

variable "colors" {
  description = "Target groups to make; the first one serves when the stack is new."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.colors) >= 1 && length(var.colors) <= 2 && alltrue([for color in var.colors : contains(["blue", "green"], color)])
    error_message = "colors must be blue, green or both."
  }
}

variable "listener_port" {
  description = "Port of the production listener."
  type        = number
  nullable    = false
}

variable "test_listener_port" {
  description = "Port of the test listener; null makes none."
  type        = number
  default     = null
}

variable "ingress_cidr_blocks" {
  description = "IPv4 ranges that may reach the production listener."
  type        = list(string)
  nullable    = false
}

variable "test_ingress_cidr_blocks" {
  description = "IPv4 ranges that may reach the test listener, where an unreleased version answers."
  type        = list(string)
  nullable    = false
}

variable "certificate_arn" {
  description = "ARN of the listeners' certificate; empty for plain HTTP."
  type        = string
  nullable    = false
}

variable "health_check" {
  description = "How the load balancer decides that a task may have traffic."
  type = object({
    path                = string
    matcher             = string
    interval_seconds    = number
    timeout_seconds     = number
    healthy_threshold   = number
    unhealthy_threshold = number
  })
  nullable = false
}

variable "deregistration_delay_seconds" {
  description = "Seconds that a task leaving the load balancer may still answer its open requests."
  type        = number
  nullable    = false
}

variable "idle_timeout_seconds" {
  description = "Seconds that a connection may be silent before it is closed."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.idle_timeout_seconds >= 1 && var.idle_timeout_seconds <= 4000 && floor(var.idle_timeout_seconds) == var.idle_timeout_seconds
    error_message = "idle_timeout_seconds must be a whole number from 1 to 4000."
  }
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_logs_bucket" {
  description = "Name of the bucket that keeps a line of every request; null keeps none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
