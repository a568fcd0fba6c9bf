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

# ---- roles for CI

variable "account_parameter_name" {
  description = "SSM parameter in which `bootstrap/` describes the account; empty makes no roles."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.account_parameter_name == "" || can(regex("^/[A-Za-z0-9._/-]{1,200}$", var.account_parameter_name))
    error_message = "account_parameter_name must be empty or a parameter's full name, for example /delightful/account."
  }
}

variable "github_repository" {
  description = "Repository of the service as OWNER/NAME; empty where it is the account's own."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", var.github_repository))
    error_message = "github_repository must be empty or OWNER/NAME without wildcards."
  }
}

variable "github_repository_id" {
  description = "Number of the service's repository: `gh api repos/OWNER/NAME --jq .id`."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.github_repository == "" ? var.github_repository_id == "" : can(regex("^[1-9][0-9]{0,19}$", var.github_repository_id))
    error_message = "github_repository_id must be a number where github_repository is given, and empty where it is not."
  }
}

variable "github_owner_id" {
  description = "Number of the owner of the service's repository: `gh api repos/OWNER/NAME --jq .owner.id`."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.github_repository == "" ? var.github_owner_id == "" : can(regex("^[1-9][0-9]{0,19}$", var.github_owner_id))
    error_message = "github_owner_id must be a number where github_repository is given, and empty where it is not."
  }
}

variable "github_subject_form" {
  description = "How GitHub writes the subjects of github_repository: names, or ids for one made, renamed or transferred since 2026-07-15."
  type        = string
  default     = "names"
  nullable    = false

  validation {
    condition     = contains(["names", "ids"], var.github_subject_form)
    error_message = "github_subject_form must be names or ids; exactly one of them is accepted."
  }
}

variable "pull_request_environments" {
  description = "Environments whose Prefect server a pull request's job may ask for an analysis or a plan. Prefect knows one credential, which asks for anything: name none whose servers run releases that matter."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.pull_request_environments : can(regex("^[a-z][a-z0-9]{1,15}$", name))])
    error_message = "pull_request_environments must be names of environments."
  }
}
