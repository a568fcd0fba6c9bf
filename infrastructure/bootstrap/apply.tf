# One role per environment: applies `platform/` and `service/`.

locals {
  # The services whose own role AWS makes with the first thing of theirs.
  linked_services = [
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticache.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "rds.amazonaws.com",
  ]

  # Without a boundary these make or change what a role may do.
  bounded_actions = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
  ]
}

module "apply_trust" {
  source   = "../modules/github_trust"
  for_each = local.apply_role_arns

  provider_arn  = local.github_provider_arn
  repository    = var.github_repository
  repository_id = var.github_repository_id
  owner_id      = var.github_owner_id
  subject_form  = var.github_subject_form
  context       = "environment:${each.key}"
  ref           = var.github_ref
  role_arns     = [aws_iam_role.worker[each.key].arn]
}

resource "aws_iam_role" "apply" {
  for_each = local.apply_role_arns

  name               = "${var.name}-${each.key}-apply"
  path               = local.path
  description        = "Applies the platform and the services of ${each.key}"
  assume_role_policy = module.apply_trust[each.key].policy
  tags               = merge(local.tags, { "delightful:environment" = each.key })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "apply_roles" {
  for_each = local.apply_role_arns

  name = "roles"
  role = aws_iam_role.apply[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = local.bounded_actions
        Resource  = ["${local.iam}:role/*-${each.key}-*"]
        Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arns[each.key] } }
      },
      {
        Effect   = "Allow"
        Action   = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole*"]
        Resource = ["${local.iam}:role/*-${each.key}-*"]
      },
      {
        Effect   = "Allow"
        Action   = ["iam:PassRole"]
        Resource = ["${local.iam}:role/*-${each.key}-*"]
        Condition = { StringEquals = { "iam:PassedToService" = [
          "codedeploy.amazonaws.com",
          "ecs-tasks.amazonaws.com",
          "ecs.amazonaws.com",
          "events.amazonaws.com",
          "monitoring.rds.amazonaws.com",
          "vpc-flow-logs.amazonaws.com",
        ] } }
      },
      {
        Effect    = "Allow"
        Action    = ["iam:CreateServiceLinkedRole"]
        Resource  = ["${local.iam}:role/aws-service-role/*"]
        Condition = { StringEquals = { "iam:AWSServiceName" = local.linked_services } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "apply_state" {
  for_each = local.apply_role_arns

  name = "state"
  role = aws_iam_role.apply[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = [for root in ["platform", "services"] : "${local.state_bucket_arn}/${root}/${each.key}/*"]
      },
      {
        # A recovery reads earlier versions of a damaged state, and puts back the recorded one.
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersion"]
        Resource = [for root in ["platform", "services"] : "${local.state_bucket_arn}/${root}/${each.key}/*/terraform.tfstate"]
      },
      {
        Effect    = "Allow"
        Action    = ["s3:ListBucketVersions"]
        Resource  = [local.state_bucket_arn]
        Condition = { StringLike = { "s3:prefix" = [for root in ["platform", "services"] : "${root}/${each.key}/*"] } }
      },
      {
        # A marker on the lock file; no version of it goes.
        Effect   = "Allow"
        Action   = ["s3:DeleteObject"]
        Resource = [for root in ["platform", "services"] : "${local.state_bucket_arn}/${root}/${each.key}/*.tflock"]
      },
      {
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"]
        Resource = [local.lock_table_arn]
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = [
          for root in ["platform", "services"] : "${local.state_bucket_name}/${root}/${each.key}/*"
        ] } }
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = ["${local.artifact_bucket_arn}/generated/*"]
      },
    ]
  })
}

# What no later widening of the policies above can give.
resource "aws_iam_role_policy" "apply_never" {
  for_each = local.apply_role_arns

  name = "never"
  role = aws_iam_role.apply[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OwnIdentity"
        Effect = "Deny"
        Action = ["iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Put*", "iam:Remove*", "iam:Set*", "iam:Tag*", "iam:Untag*", "iam:Update*"]
        Resource = [
          "${local.iam}:role${local.path}*",
          "${local.iam}:policy${local.path}*",
          "${local.iam}:oidc-provider/*",
          "${local.iam}:user/*",
          "${local.iam}:group/*",
        ]
      },
      {
        Sid      = "BoundariesStay"
        Effect   = "Deny"
        Action   = ["iam:DeleteRolePermissionsBoundary"]
        Resource = ["*"]
      },
      {
        Sid       = "NoRoleWithoutBoundary"
        Effect    = "Deny"
        Action    = local.bounded_actions
        Resource  = ["*"]
        Condition = { StringNotEquals = { "iam:PermissionsBoundary" = local.boundary_arns[each.key] } }
      },
      {
        Sid    = "StoresStay"
        Effect = "Deny"
        Action = ["s3:DeleteBucket*", "s3:DeleteObjectVersion*", "s3:Put*Configuration", "s3:PutBucket*"]
        Resource = [
          local.state_bucket_arn,
          "${local.state_bucket_arn}/*",
          local.artifact_bucket_arn,
          "${local.artifact_bucket_arn}/*",
        ]
      },
      {
        Sid       = "TablesStay"
        Effect    = "Deny"
        NotAction = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"]
        Resource  = [local.lock_table_arn, local.ledger_table_arn, "${local.ledger_table_arn}/*"]
      },
      {
        Sid      = "OtherEnvironments"
        Effect   = "Deny"
        Action   = ["*"]
        Resource = ["*"]
        Condition = {
          Null            = { "aws:ResourceTag/delightful:environment" = "false" }
          StringNotEquals = { "aws:ResourceTag/delightful:environment" = each.key }
        }
      },
    ]
  })
}
