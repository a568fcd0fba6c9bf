variable "name" {
  description = "Identifier of the instance and name of its parts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 60
    error_message = "name must be at most 60 lowercase letters, digits and single hyphens, and start with a letter."
  }
}

variable "vpc_id" {
  description = "ID of the VPC that the instance stands in."
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

variable "edition" {
  description = "Edition of SQL Server: sqlserver-web, sqlserver-se or sqlserver-ee."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["sqlserver-web", "sqlserver-se", "sqlserver-ee"], var.edition)
    error_message = "edition must be sqlserver-web, sqlserver-se or sqlserver-ee."
  }
}

variable "engine_version" {
  description = "Version of SQL Server: 15.00 for 2019, 16.00 for 2022, or with what follows it."
  type        = string
  default     = "16.00"
  nullable    = false

  validation {
    condition     = can(regex("^1[56]\\.00(\\.[0-9]+\\.[0-9]+\\.v[0-9]+)?$", var.engine_version))
    error_message = "engine_version must be a version of SQL Server 2019 or 2022, for example 16.00 or 16.00.4095.4.v1."
  }
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a size of RDS, for example db.m6i.large."
  }
}

variable "username" {
  description = "Name of the master user, whose password RDS keeps in Secrets Manager."
  type        = string
  default     = "app"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,15}$", var.username)) && !contains(["admin", "public", "rdsadmin", "root", "sa"], var.username)
    error_message = "username must be 1 to 16 lowercase letters, digits and underscores, start with a letter, and be none of admin, public, rdsadmin, root and sa."
  }
}

variable "storage_gib" {
  description = "Storage to begin with."
  type        = number
  nullable    = false

  validation {
    condition     = var.storage_gib >= 20 && var.storage_gib <= 16384 && floor(var.storage_gib) == var.storage_gib
    error_message = "storage_gib must be a whole number from 20 to 16384."
  }
}

variable "max_storage_gib" {
  description = "Storage that RDS may grow to by itself."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_storage_gib >= 1.1 * var.storage_gib && var.max_storage_gib <= 16384
    error_message = "max_storage_gib must be at least a tenth more than storage_gib, and at most 16384."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over where the instance fails."
  type        = bool
  nullable    = false
}

variable "backup_retention_days" {
  description = "Days that the instance can be taken back to."
  type        = number
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be a whole number from 1 to 35."
  }
}

variable "deletion_protection" {
  description = "Whether the instance refuses to be deleted, and leaves a snapshot when it is allowed to."
  type        = bool
  default     = true
  nullable    = false
}

variable "password_rotation_days" {
  description = "Days after which RDS makes another password."
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
