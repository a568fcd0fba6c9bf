variable "name_prefix" {
  description = "Beginning of the bucket's name; -logs- and the account's number follow."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,44}$", var.name_prefix))
    error_message = "name_prefix must be 2 to 45 lowercase letters, digits and hyphens: a bucket's name has 63 characters."
  }
}

variable "retention_days" {
  description = "Days that a log is kept."
  type        = number
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3653 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 1 to 3653."
  }
}

variable "tags" {
  description = "Tags of the bucket."
  type        = map(string)
  nullable    = false
}
