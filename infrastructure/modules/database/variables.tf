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
}

variable "subnet_ids" {
  description = "IDs of the instance's subnets, in at least two availability zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name at least two subnets."
  }
}

variable "engine" {
  description = "postgres or mysql."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["postgres", "mysql"], var.engine)
    error_message = "engine must be postgres or mysql."
  }
}

variable "engine_version" {
  description = "Version of the engine: the major one, or with what follows it; null for 16 of PostgreSQL or 8.4 of MySQL."
  type        = string
  default     = null

  validation {
    condition     = var.engine_version == null || var.engine != "postgres" || can(regex("^1[4-9](\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version must be a version of PostgreSQL from 14 on, for example 16 or 16.4."
  }

  validation {
    condition     = var.engine_version == null || var.engine != "mysql" || can(regex("^8\\.[04](\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version must be a version of MySQL 8.0 or 8.4, for example 8.4 or 8.4.3."
  }
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a size of RDS, for example db.t4g.medium."
  }
}

variable "database_name" {
  description = "Name of the database in the instance."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name must be 1 to 63 lowercase letters, digits and underscores, and start with a letter."
  }
}

variable "username" {
  description = "Name of the master user, whose password RDS keeps in Secrets Manager."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,15}$", var.username)) && !contains(["admin", "postgres", "rdsadmin", "root"], var.username)
    error_message = "username must be 1 to 16 lowercase letters, digits and underscores, and none of admin, postgres, rdsadmin and root."
  }
}

variable "storage_gib" {
  description = "Storage to begin with."
  type        = number
  nullable    = false

  validation {
    condition     = var.storage_gib >= 20 && var.storage_gib <= 65536 && floor(var.storage_gib) == var.storage_gib
    error_message = "storage_gib must be a whole number from 20 to 65536."
  }
}

variable "max_storage_gib" {
  description = "Storage that RDS may grow to by itself."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_storage_gib >= 1.1 * var.storage_gib && var.max_storage_gib <= 65536
    error_message = "max_storage_gib must be at least a tenth more than storage_gib, and at most 65536."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over where the instance fails."
  type        = bool
  nullable    = false
}

variable "backup_retention_days" {
  description = "Days that the database can be taken back to."
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
  nullable    = false
}

variable "password_rotation_days" {
  description = "Days after which RDS makes another password."
  type        = number
  nullable    = false

  validation {
    condition     = var.password_rotation_days >= 1 && var.password_rotation_days <= 1000 && floor(var.password_rotation_days) == var.password_rotation_days
    error_message = "password_rotation_days must be a whole number from 1 to 1000."
  }
}

variable "performance_insights_enabled" {
  description = "Whether RDS keeps a week of what the database spent its time on."
  type        = bool
  nullable    = false

  validation {
    condition     = !var.performance_insights_enabled || var.engine != "mysql" || !can(regex("^db\\.t[0-9a-z]+\\.(micro|small)$", var.instance_class))
    error_message = "performance_insights_enabled must be false for MySQL on ${var.instance_class}: RDS has it from db.t4g.medium on."
  }
}

variable "log_retention_days" {
  description = "Days that the database's log events are kept."
  type        = number
  nullable    = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
}
