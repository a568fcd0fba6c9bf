# Looks for drift, from a job on a schedule that nobody approves: it reads what a comparison with the
# good release reads, and holds nothing by which a release could be asked for.

module "read_access" {
  source = "../modules/read_access"
  count  = local.account == null ? 0 : 1

  partition         = local.partition
  region            = local.region
  account_id        = local.account_id
  name              = trim(local.account.role_path, "/")
  state_bucket_name = local.account.state_bucket_name
}

resource "aws_iam_role" "drift" {
  count = local.account == null ? 0 : 1

  name        = "${var.service}-drift"
  path        = local.account.role_path
  description = "Looks for drift of ${var.service}; changes nothing"
  # The workflow runs on the branch that the build runs on.
  assume_role_policy = module.build_trust[0].policy
  tags               = local.tags
}

resource "aws_iam_role_policy" "drift" {
  count = local.account == null ? 0 : 1

  name = "look"
  role = aws_iam_role.drift[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(module.read_access[0].statements, [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:${local.partition}:s3:::${local.account.state_bucket_name}/services/*/${var.service}/*"]
      },
      {
        # Beside a lock the table holds the digest of each state.
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem"]
        Resource = ["arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${local.account.lock_table_name}"]
      },
      {
        Effect    = "Allow"
        Action    = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource  = [local.account.ledger_table_arn]
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["${var.service}/*"] } }
      },
      {
        # ECR gives its token for the registry as a whole, never for one repository.
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = [aws_ecr_repository.this.arn]
      },
    ])
  })
}
