variable "partition" {
  description = "Partition of AWS."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the account's parameters."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Number of the account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits."
  }
}

variable "name" {
  description = "What bootstrap called the account, with which its buckets' names begin."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must be small letters, digits and dashes, without wildcards."
  }
}

variable "state_bucket_name" {
  description = "Name of the bucket of the Terraform states."
  type        = string
  nullable    = false
}
