# The most that any role made by an apply role can come to be allowed.

resource "aws_iam_policy" "boundary" {
  #checkov:skip=CKV_AWS_287:a boundary: it grants nothing, and bounds what a role can be granted
  #checkov:skip=CKV_AWS_288:a boundary: it grants nothing, and bounds what a role can be granted
  #checkov:skip=CKV_AWS_289:a boundary: it grants nothing, and bounds what a role can be granted
  #checkov:skip=CKV_AWS_290:a boundary: it grants nothing, and bounds what a role can be granted
  #checkov:skip=CKV_AWS_355:a boundary: it grants nothing, and bounds what a role can be granted
  for_each = local.boundary_arns

  name        = "${var.name}-${each.key}-boundary"
  path        = local.path
  description = "The most that a role made for ${each.key} can be allowed"
  tags        = merge(local.tags, { "delightful:environment" = each.key })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "WhatServicesUse"
        Effect = "Allow"
        Action = [
          "cloudwatch:*",
          "dynamodb:*",
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetAuthorizationToken",
          "ecr:GetDownloadUrlForLayer",
          "ecs:*",
          "elasticache:Connect",
          "elasticloadbalancing:*",
          "events:PutEvents",
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:GenerateDataKey*",
          "lambda:InvokeFunction",
          "logs:*",
          "rds-db:connect",
          "s3:*",
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetSecretValue",
          "ses:Send*",
          "sns:Publish",
          "sqs:*",
          "ssm:GetParameter*",
          "ssmmessages:*",
          "xray:*",
        ]
        Resource = ["*"]
      },
      {
        Sid       = "PassToTasks"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = ["${local.iam}:role/*-${each.key}-*"]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        Sid    = "NeverDelightfulsOwn"
        Effect = "Deny"
        Action = ["dynamodb:*", "s3:*"]
        Resource = [
          local.state_bucket_arn,
          "${local.state_bucket_arn}/*",
          local.artifact_bucket_arn,
          "${local.artifact_bucket_arn}/*",
          local.lock_table_arn,
          "${local.lock_table_arn}/*",
          local.ledger_table_arn,
          "${local.ledger_table_arn}/*",
        ]
      },
    ]
  })
}
