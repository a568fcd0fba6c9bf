variable "name" {
  description = "Stem of the names of rule, queues and alarm."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}$", var.name))
    error_message = "name must be 2 to 39 lowercase letters, digits and hyphens, and start with a letter: EventBridge's rules have 64 characters."
  }
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster whose tasks are listened to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/.+$", var.cluster_arn))
    error_message = "cluster_arn must be the ARN of an ECS cluster."
  }
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear of the alarm."
  type        = list(string)
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
