# What a pull request's job is: it leaves the files of its commit where an analysis and a plan read
# them, and no deploy does. Code that nobody has reviewed runs beside it.

module "propose_trust" {
  source = "../modules/github_trust"
  count  = local.account == null ? 0 : 1

  provider_arn  = local.account.github_provider_arn
  repository    = local.github.repository
  repository_id = local.github.repository_id
  owner_id      = local.github.owner_id
  subject_form  = local.github.subject_form
  context       = "pull_request"
  ref           = ""
}

resource "aws_iam_role" "propose" {
  count = local.account == null ? 0 : 1

  name               = "${var.service}-propose"
  path               = local.account.role_path
  description        = "Leaves the files of pull requests of ${var.service} to be analyzed"
  assume_role_policy = module.propose_trust[0].policy
  tags               = local.tags
}

resource "aws_iam_role_policy" "propose" {
  count = local.account == null ? 0 : 1

  name = "propose"
  role = aws_iam_role.propose[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "LeaveTheFilesOfACommit"
          Effect    = "Allow"
          Action    = ["s3:PutObject"]
          Resource  = ["${local.account.artifact_bucket_arn}/proposed/${var.service}/*"]
          Condition = { Null = { "s3:if-none-match" = "false" } }
        },
        {
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = ["${local.account.artifact_bucket_arn}/proposed/${var.service}/*"]
        },
      ],
      [
        for name in var.pull_request_environments : {
          # Whoever has it may ask that server for anything; the six characters are AWS's own.
          Effect   = "Allow"
          Action   = ["secretsmanager:GetSecretValue"]
          Resource = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${local.account.prefect_secret_names[name]}-??????"]
        }
      ],
    )
  })
}
