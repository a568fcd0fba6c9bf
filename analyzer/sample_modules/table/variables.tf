variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,100}$", var.name))
    error_message = "name must be 3 to 100 letters, digits, underscores, hyphens and dots."
  }
}

variable "partition_key" {
  description = "Attribute that items are spread by: its name and its type, S, N or B."
  type        = object({ name = string, type = string })
  nullable    = false

  validation {
    condition     = var.partition_key.name != "" && contains(["S", "N", "B"], var.partition_key.type)
    error_message = "partition_key must have a name, and the type S (text), N (number) or B (bytes)."
  }
}

variable "sort_key" {
  description = "Attribute that items of one partition are ordered by; null for none."
  type        = object({ name = string, type = string })
  default     = null

  validation {
    condition     = var.sort_key == null || try(var.sort_key.name != "" && contains(["S", "N", "B"], var.sort_key.type), false)
    error_message = "sort_key must have a name, and the type S (text), N (number) or B (bytes)."
  }
}

variable "expiry_attribute" {
  description = "Attribute with the time, in seconds since 1970, after which an item is removed; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.expiry_attribute == null || try(length(var.expiry_attribute) >= 1 && length(var.expiry_attribute) <= 255, false)
    error_message = "expiry_attribute must be the name of an attribute, of 1 to 255 characters."
  }
}

variable "task_role_name" {
  description = "Name of the role of the service's tasks, which may use the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.task_role_name))
    error_message = "task_role_name must be the name of a role, without its path."
  }
}

variable "recovery_days" {
  description = "Days that the table can be taken back to, to the second."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35 && floor(var.recovery_days) == var.recovery_days
    error_message = "recovery_days must be a whole number from 1 to 35."
  }
}

variable "deletion_protection" {
  description = "Whether the table refuses to be deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
