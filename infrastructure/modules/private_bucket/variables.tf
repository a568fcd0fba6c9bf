variable "name" {
  description = "Name of the bucket, unique in the whole of AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lowercase letters, digits and hyphens, without one at either end."
  }
}

variable "force_destroy" {
  description = "Whether destroying the bucket destroys its objects with all their versions."
  type        = bool
  nullable    = false
}

variable "version_keeper_role_arns" {
  description = "ARNs of roles that may write objects but never remove a version, nor what keeps versions."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.version_keeper_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "version_keeper_role_arns must be ARNs of roles, without wildcards."
  }
}

variable "tags" {
  description = "Tags of the bucket."
  type        = map(string)
  nullable    = false
}
