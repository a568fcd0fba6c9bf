variable "name" {
  description = "Identifier of the cluster and name of its parts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 50
    error_message = "name must be at most 50 lowercase letters, digits and single hyphens, and start with a letter."
  }
}

variable "vpc_id" {
  description = "ID of the VPC that the cluster stands in."
  type        = string
  nullable    = false

  validation {
    condition     = startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id must be the ID of a VPC, which begins with vpc-."
  }
}

variable "subnet_ids" {
  description = "IDs of private subnets, in at least two availability zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets."
  }
}

variable "client_security_group_id" {
  description = "ID of the security group of the service's tasks, the only ones let in."
  type        = string
  nullable    = false

  validation {
    condition     = startswith(var.client_security_group_id, "sg-")
    error_message = "client_security_group_id must be the ID of a security group, which begins with sg-."
  }
}

variable "instance_class" {
  description = "Size of each instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a size of DocumentDB, for example db.t4g.medium."
  }
}

variable "instance_count" {
  description = "Number of instances; from two on one takes over where another fails."
  type        = number
  nullable    = false

  validation {
    condition     = var.instance_count >= 1 && var.instance_count <= 16 && floor(var.instance_count) == var.instance_count
    error_message = "instance_count must be a whole number from 1 to 16."
  }
}

variable "username" {
  description = "Name of the master user, whose password DocumentDB keeps in Secrets Manager."
  type        = string
  default     = "app"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,62}$", var.username)) && !contains(["admin", "administrator", "root", "rdsadmin", "serviceadmin"], var.username)
    error_message = "username must be 1 to 63 lowercase letters and digits, start with a letter, and be none of admin, administrator, root, rdsadmin and serviceadmin."
  }
}

variable "backup_retention_days" {
  description = "Days that the cluster can be taken back to."
  type        = number
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be a whole number from 1 to 35."
  }
}

variable "deletion_protection" {
  description = "Whether the cluster refuses to be deleted, and leaves a snapshot when it is allowed to."
  type        = bool
  default     = true
  nullable    = false
}

variable "password_rotation_days" {
  description = "Days after which DocumentDB makes another password."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.password_rotation_days >= 1 && var.password_rotation_days <= 1000 && floor(var.password_rotation_days) == var.password_rotation_days
    error_message = "password_rotation_days must be a whole number from 1 to 1000."
  }
}

variable "log_retention_days" {
  description = "Days that log events are kept, one of the numbers that CloudWatch offers."
  type        = number
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 and 731."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
