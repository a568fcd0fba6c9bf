locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name
  iam        = "arn:${local.partition}:iam::${local.account_id}"

  # Everything that Delightful's own identity is made of lies under this path.
  path = "/${var.name}/"

  state_bucket_name    = var.state_bucket_name != "" ? var.state_bucket_name : "${var.name}-state-${local.account_id}"
  artifact_bucket_name = var.artifact_bucket_name != "" ? var.artifact_bucket_name : "${var.name}-artifacts-${local.account_id}"
  lock_table_name      = var.lock_table_name != "" ? var.lock_table_name : "${var.name}-locks"
  ledger_table_name    = var.ledger_table_name != "" ? var.ledger_table_name : "${var.name}-releases"
  function_name        = "${var.name}-analyzer"

  state_bucket_arn    = "arn:${local.partition}:s3:::${local.state_bucket_name}"
  artifact_bucket_arn = "arn:${local.partition}:s3:::${local.artifact_bucket_name}"
  lock_table_arn      = "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${local.lock_table_name}"
  ledger_table_arn    = "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${local.ledger_table_name}"

  apply_role_arns     = { for name in var.environments : name => "${local.iam}:role${local.path}${var.name}-${name}-apply" }
  worker_role_arns    = { for name in var.environments : name => "${local.iam}:role${local.path}${var.name}-${name}-worker" }
  boundary_arns       = { for name in var.environments : name => "${local.iam}:policy${local.path}${var.name}-${name}-boundary" }
  github_provider     = "token.actions.githubusercontent.com"
  github_provider_arn = "${local.iam}:oidc-provider/${local.github_provider}"

  tags = {
    "delightful:part" = "bootstrap"
  }

  # One document, so that a root that makes roles reads the account with a single call.
  account = {
    github_provider_arn    = local.github_provider_arn
    github_repository      = var.github_repository
    github_repository_id   = var.github_repository_id
    github_owner_id        = var.github_owner_id
    github_subject_form    = var.github_subject_form
    github_ref             = var.github_ref
    role_path              = local.path
    worker_role_arns       = local.worker_role_arns
    boundary_arns          = local.boundary_arns
    artifact_bucket_arn    = module.artifact_bucket.arn
    ledger_table_arn       = aws_dynamodb_table.ledger.arn
    analyzer_function_arn  = aws_lambda_function.analyzer.arn
    commenter_function_arn = one(aws_lambda_function.commenter[*].arn)
    state_bucket_name      = local.state_bucket_name
    artifact_bucket_name   = local.artifact_bucket_name
    lock_table_name        = local.lock_table_name
    ledger_table_name      = local.ledger_table_name
    analyzer_function_name = local.function_name
    prefect_secret_names   = { for name in var.environments : name => "delightful/${name}/prefect-auth" }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

module "state_bucket" {
  source = "../modules/private_bucket"

  name                     = local.state_bucket_name
  force_destroy            = !var.deletion_protection
  version_keeper_role_arns = values(local.apply_role_arns)
  tags                     = local.tags
}

module "artifact_bucket" {
  source = "../modules/private_bucket"

  name                     = local.artifact_bucket_name
  force_destroy            = !var.deletion_protection
  version_keeper_role_arns = values(local.apply_role_arns)
  tags                     = local.tags
}

resource "aws_dynamodb_table" "locks" {
  #checkov:skip=CKV_AWS_119:AWS encrypts it with a key of its own, docs/decisions/0006
  name                        = local.lock_table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "LockID"
  deletion_protection_enabled = var.deletion_protection
  tags                        = local.tags

  attribute {
    name = "LockID"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "ledger" {
  #checkov:skip=CKV_AWS_119:AWS encrypts it with a key of its own, docs/decisions/0006
  name                        = local.ledger_table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "stream"
  range_key                   = "item"
  deletion_protection_enabled = var.deletion_protection
  tags                        = local.tags

  attribute {
    name = "stream"
    type = "S"
  }

  attribute {
    name = "item"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

# IAM trusts GitHub's certificate by its root; a pinned thumbprint would only expire.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_github_provider ? 1 : 0

  url            = "https://${local.github_provider}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = local.tags
}

resource "aws_ssm_parameter" "account" {
  #checkov:skip=CKV2_AWS_34:names and ARNs that every root reads, no secret
  name           = "/${var.name}/account"
  description    = "What roots that make roles for CI need to know of the account"
  type           = "String"
  insecure_value = jsonencode(local.account)
  tags           = local.tags
}
