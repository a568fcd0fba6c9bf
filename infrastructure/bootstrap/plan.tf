# Read-only, for pull requests: what a plan reads, and no value of a secret.

module "read_access" {
  source = "../modules/read_access"

  partition         = local.partition
  region            = local.region
  account_id        = local.account_id
  name              = var.name
  state_bucket_name = local.state_bucket_name
}

module "plan_trust" {
  source = "../modules/github_trust"

  provider_arn  = local.github_provider_arn
  repository    = var.github_repository
  repository_id = var.github_repository_id
  owner_id      = var.github_owner_id
  subject_form  = var.github_subject_form
  context       = "pull_request"
  ref           = ""
  role_arns     = [for role in aws_iam_role.worker : role.arn]
}

resource "aws_iam_role" "plan" {
  name               = "${var.name}-plan"
  path               = local.path
  description        = "Plans for pull requests of ${var.github_repository}; changes nothing"
  assume_role_policy = module.plan_trust.policy
  tags               = local.tags

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "plan" {
  name = "read"
  role = aws_iam_role.plan.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(module.read_access.statements, [
      {
        # Plans of pull requests run with -lock=false: a role that reads only cannot lock.
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = [for root in ["platform", "services"] : "${local.state_bucket_arn}/${root}/*"]
      },
      {
        # Beside a lock the table holds the digest of each state.
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem"]
        Resource = [local.lock_table_arn]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = ["${local.artifact_bucket_arn}/generated/*"]
      },
    ])
  })
}
