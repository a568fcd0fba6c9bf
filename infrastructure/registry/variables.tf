variable "service" {
  description = "Name of the service; the image repository bears it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.service)) && length(var.service) >= 2 && length(var.service) <= 31
    error_message = "service must be 2 to 31 lowercase letters, digits and single hyphens, and start with a letter."
  }
}

variable "untagged_retention_days" {
  description = "Days that an image without a tag is kept. Tagged images are rollback targets and are never expired."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.untagged_retention_days >= 1 && var.untagged_retention_days <= 365 && floor(var.untagged_retention_days) == var.untagged_retention_days
    error_message = "untagged_retention_days must be a whole number from 1 to 365."
  }
}
