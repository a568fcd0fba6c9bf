variable "name" {
  description = "First part of every name that this root makes."
  type        = string
  default     = "delightful"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 24
    error_message = "name must be 2 to 24 lowercase letters, digits and single hyphens, and start with a letter."
  }
}

variable "environments" {
  description = "Names of the environments, each of which gets an apply role, a worker role and a boundary."
  type        = list(string)
  default     = ["staging", "production"]
  nullable    = false

  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in var.environments : can(regex("^[a-z][a-z0-9]{1,15}$", name))])
    error_message = "environments must be one or more names of 2 to 16 lowercase letters and digits that start with a letter."
  }

  validation {
    condition     = length(setintersection(var.environments, ["state", "artifacts"])) == 0
    error_message = "environments must not hold state or artifacts: the buckets of an environment would bear the names of ours."
  }
}

variable "deletion_protection" {
  description = "Whether tables refuse to be deleted and buckets refuse to be deleted with objects in them."
  type        = bool
  default     = true
  nullable    = false
}

# ---- names

variable "state_bucket_name" {
  description = "Bucket of the Terraform states; empty for NAME-state-ACCOUNT."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.state_bucket_name == "" || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket_name))
    error_message = "state_bucket_name must be empty or 3 to 63 lowercase letters, digits and hyphens, without one at either end."
  }
}

variable "artifact_bucket_name" {
  description = "Bucket of archives, recommendations and results; empty for NAME-artifacts-ACCOUNT."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.artifact_bucket_name == "" || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.artifact_bucket_name))
    error_message = "artifact_bucket_name must be empty or 3 to 63 lowercase letters, digits and hyphens, without one at either end."
  }

  validation {
    condition     = var.artifact_bucket_name == "" || var.artifact_bucket_name != var.state_bucket_name
    error_message = "artifact_bucket_name must differ from state_bucket_name: the analyzer writes to one and never sees the other."
  }
}

variable "lock_table_name" {
  description = "Table of the Terraform state locks; empty for NAME-locks."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.lock_table_name == "" || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.lock_table_name))
    error_message = "lock_table_name must be empty or 3 to 255 letters, digits and _ . -"
  }
}

variable "ledger_table_name" {
  description = "Table of the release ledger; empty for NAME-releases."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.ledger_table_name == "" || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.ledger_table_name))
    error_message = "ledger_table_name must be empty or 3 to 255 letters, digits and _ . -"
  }

  validation {
    condition     = var.ledger_table_name == "" || var.ledger_table_name != var.lock_table_name
    error_message = "ledger_table_name must differ from lock_table_name: their keys differ."
  }
}

# ---- GitHub

variable "github_repository" {
  description = "Repository whose workflows may take on roles, as OWNER/NAME in GitHub's own spelling."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", var.github_repository))
    error_message = "github_repository must be OWNER/NAME without wildcards."
  }
}

variable "github_repository_id" {
  description = "Number of the repository: `gh api repos/OWNER/NAME --jq .id`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]{0,19}$", var.github_repository_id))
    error_message = "github_repository_id must be a number, as `gh api repos/OWNER/NAME --jq .id` prints it."
  }
}

variable "github_owner_id" {
  description = "Number of the repository's owner: `gh api repos/OWNER/NAME --jq .owner.id`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]{0,19}$", var.github_owner_id))
    error_message = "github_owner_id must be a number, as `gh api repos/OWNER/NAME --jq .owner.id` prints it."
  }
}

variable "github_subject_form" {
  description = "How GitHub writes the repository's subjects: names, or ids for one made, renamed or transferred since 2026-07-15."
  type        = string
  default     = "names"
  nullable    = false

  validation {
    condition     = contains(["names", "ids"], var.github_subject_form)
    error_message = "github_subject_form must be names or ids; exactly one of them is accepted."
  }
}

variable "github_ref" {
  description = "Branch or tag that changes environments, as refs/heads/NAME."
  type        = string
  default     = "refs/heads/main"
  nullable    = false

  validation {
    condition     = can(regex("^refs/(heads|tags)/[A-Za-z0-9._/-]{1,200}$", var.github_ref))
    error_message = "github_ref must be a full ref such as refs/heads/main, without wildcards."
  }
}

variable "create_github_provider" {
  description = "Whether to make the account's OIDC provider for GitHub, of which there can be one; false where there is one already."
  type        = bool
  default     = true
  nullable    = false
}

variable "github_token_secret_arn" {
  description = "ARN of the secret whose whole value is a token that may write comments on the repository's pull requests; empty for no comments. It must be encrypted with AWS's own key."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.github_token_secret_arn == "" || can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+$", var.github_token_secret_arn))
    error_message = "github_token_secret_arn must be empty or the ARN of one secret in Secrets Manager, without wildcards."
  }
}

variable "github_api_url" {
  description = "Address of GitHub's API; another one for GitHub Enterprise."
  type        = string
  default     = "https://api.github.com"
  nullable    = false

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9/]*)?$", var.github_api_url))
    error_message = "github_api_url must be an https address without a query, for example https://api.github.com."
  }
}

variable "github_server_url" {
  description = "Address of GitHub's pages, to which comments link."
  type        = string
  default     = "https://github.com"
  nullable    = false

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?$", var.github_server_url))
    error_message = "github_server_url must be an https address without a path, for example https://github.com."
  }
}

# ---- analyzer

variable "analyzer_package_path" {
  description = "Path of the analyzer's zip, which `make lambda` builds."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.analyzer_package_path)
    error_message = "analyzer_package_path must name a file; `make lambda` builds it at dist/analyzer.zip."
  }
}

variable "analyzer_runtime" {
  description = "Python of the analyzer's function; the zip holds compiled packages for this one."
  type        = string
  default     = "python3.11"
  nullable    = false

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13"], var.analyzer_runtime)
    error_message = "analyzer_runtime must be python3.11, python3.12 or python3.13, the same as the Python that built the zip."
  }
}

variable "analyzer_memory_mib" {
  description = "Memory of the analyzer's function, in MiB; CPU comes in proportion."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.analyzer_memory_mib >= 512 && var.analyzer_memory_mib <= 10240 && floor(var.analyzer_memory_mib) == var.analyzer_memory_mib
    error_message = "analyzer_memory_mib must be a whole number from 512 to 10240: a tree of 200 MiB is held in memory."
  }
}

variable "analyzer_timeout_seconds" {
  description = "Seconds that one analysis may take."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.analyzer_timeout_seconds >= 10 && var.analyzer_timeout_seconds <= 900 && floor(var.analyzer_timeout_seconds) == var.analyzer_timeout_seconds
    error_message = "analyzer_timeout_seconds must be a whole number from 10 to 900."
  }
}

variable "analyzer_log_retention_days" {
  description = "Days that the analyzer's log events are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.analyzer_log_retention_days)
    error_message = "analyzer_log_retention_days must be one of the periods that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "analyzer_model_key_arn" {
  description = "ARN of the secret that holds the key of the model's API, in Secrets Manager under AWS's own key; empty to ask no model."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.analyzer_model_key_arn == "" || can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}$", var.analyzer_model_key_arn))
    error_message = "analyzer_model_key_arn must be empty or the ARN of a secret in Secrets Manager: the key itself would stand in the state."
  }
}

variable "analyzer_model" {
  description = "Model that is asked for what the analyzer's rules leave open; empty for the analyzer's own choice."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.analyzer_model == "" || can(regex("^claude-[a-z0-9-]{1,40}$", var.analyzer_model))
    error_message = "analyzer_model must be empty or the name of a model, such as claude-sonnet-5-5."
  }
}
