# Read-only, for pull requests: what a plan reads, and no value of a secret.

locals {
  # What the provider reads of the things that the roots make.
  read_actions = [
    "application-autoscaling:Describe*",
    "application-autoscaling:ListTagsForResource",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetDashboard",
    "cloudwatch:ListTagsForResource",
    "codedeploy:BatchGet*",
    "codedeploy:Get*",
    "codedeploy:List*",
    "ec2:Describe*",
    "ecr:DescribeRepositories",
    "ecr:DescribeImages",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListTagsForResource",
    "ecs:Describe*",
    "ecs:List*",
    "elasticache:Describe*",
    "elasticache:ListTagsForResource",
    "elasticloadbalancing:Describe*",
    "events:Describe*",
    "events:List*",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
    "kms:DescribeKey",
    "logs:Describe*",
    "logs:ListTagsForResource",
    "rds:Describe*",
    "rds:ListTagsForResource",
    "s3:GetBucket*",
    "s3:Get*Configuration",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "servicequotas:GetServiceQuota",
    "sqs:GetQueueAttributes",
    "sqs:ListQueueTags",
    "ssm:DescribeParameters",
    "ssm:ListTagsForResource",
    "xray:GetGroup",
    "xray:GetSamplingRules",
    "xray:ListTagsForResource",
  ]

  read_statements = [
    {
      Effect   = "Allow"
      Action   = local.read_actions
      Resource = ["*"]
    },
    {
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters"]
      Resource = ["arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/delightful/*"]
    },
    {
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [local.state_bucket_arn, "arn:${local.partition}:s3:::${var.name}-*"]
    },
  ]
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
    Statement = concat(local.read_statements, [
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
