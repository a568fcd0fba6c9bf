variable "provider_arn" {
  description = "ARN of the account's OIDC provider for GitHub."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.provider_arn))
    error_message = "provider_arn must be the ARN of an OIDC provider for token.actions.githubusercontent.com."
  }
}

variable "repository" {
  description = "Repository as OWNER/NAME, in GitHub's own spelling."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", var.repository))
    error_message = "repository must be OWNER/NAME without wildcards."
  }
}

variable "repository_id" {
  description = "Number of the repository, which another one of the same name does not get."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]{0,19}$", var.repository_id))
    error_message = "repository_id must be the number that `gh api repos/OWNER/NAME --jq .id` prints."
  }
}

variable "owner_id" {
  description = "Number of the repository's owner."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]{0,19}$", var.owner_id))
    error_message = "owner_id must be the number that `gh api repos/OWNER/NAME --jq .owner.id` prints."
  }
}

variable "subject_form" {
  description = "How GitHub writes this repository's subjects: names (repo:OWNER/NAME) or ids (repo:OWNER@ID/NAME@ID)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["names", "ids"], var.subject_form)
    error_message = "subject_form must be names or ids; exactly one of them is accepted."
  }
}

variable "context" {
  description = "End of the subject: pull_request, environment:NAME or ref:REF."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(pull_request|environment:[a-z][a-z0-9]{1,15}|ref:refs/(heads|tags)/[A-Za-z0-9._/-]{1,200})$", var.context))
    error_message = "context must be pull_request, environment:NAME or ref:refs/heads/BRANCH, without wildcards."
  }
}

variable "ref" {
  description = "Branch or tag that the run must be on, as refs/heads/NAME; empty for pull requests, which have one of their own."
  type        = string
  nullable    = false

  validation {
    condition     = var.ref == "" || can(regex("^refs/(heads|tags)/[A-Za-z0-9._/-]{1,200}$", var.ref))
    error_message = "ref must be a full ref such as refs/heads/main, without wildcards."
  }

  validation {
    condition     = (var.ref == "") == (var.context == "pull_request")
    error_message = "ref must be given for everything but pull_request: the subject of an environment carries no branch."
  }
}

variable "role_arns" {
  description = "ARNs of this account's roles that may assume the role too."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "role_arns must be ARNs of roles, without wildcards."
  }
}
