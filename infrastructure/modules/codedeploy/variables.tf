variable "name" {
  description = "Name of the application and of its one deployment group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,52}$", var.name))
    error_message = "name must be 2 to 53 lowercase letters, digits and hyphens: the role's name adds to it and ends at 64."
  }
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster."
  type        = string
  nullable    = false
}

variable "service_name" {
  description = "Name of the ECS service."
  type        = string
  nullable    = false
}

variable "service_arn" {
  description = "ARN of the ECS service."
  type        = string
  nullable    = false
}

variable "task_role_arns" {
  description = "ARNs of the roles that new tasks take on."
  type        = list(string)
  nullable    = false
}

variable "listener_arn" {
  description = "ARN of the production listener."
  type        = string
  nullable    = false
}

variable "test_listener_arn" {
  description = "ARN of the test listener."
  type        = string
  nullable    = false
}

variable "target_group_names" {
  description = "Names of the blue and the green target group."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.target_group_names) == 2
    error_message = "target_group_names must be two: one for each color."
  }
}

variable "configuration" {
  description = "Name of the CodeDeploy configuration that says how fast traffic moves."
  type        = string
  nullable    = false
}

variable "ready_wait_minutes" {
  description = "Minutes that new tasks wait on the test listener for the word to go on, before CodeDeploy gives up."
  type        = number
  nullable    = false
}

variable "termination_wait_minutes" {
  description = "Minutes that the old tasks are kept after the shift."
  type        = number
  nullable    = false
}

variable "alarm_names" {
  description = "Alarms that stop a CodeDeploy deployment and bring the old tasks back."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.alarm_names) >= 1 && length(var.alarm_names) <= 10
    error_message = "alarm_names must be 1 to 10 names: CodeDeploy watches no more."
  }
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
