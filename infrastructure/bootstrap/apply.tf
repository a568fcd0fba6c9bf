# One role per environment: applies `platform/` and `service/`.

locals {
  # No action here starts a rollout or reads a secret.
  provision_actions = [
    "application-autoscaling:Delete*",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:Put*",
    "application-autoscaling:RegisterScalableTarget",
    "application-autoscaling:TagResource",
    "application-autoscaling:UntagResource",
    "cloudwatch:Delete*",
    "cloudwatch:PutCompositeAlarm",
    "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
    "codedeploy:CreateApplication",
    "codedeploy:CreateDeploymentConfig",
    "codedeploy:CreateDeploymentGroup",
    "codedeploy:Delete*",
    "codedeploy:TagResource",
    "codedeploy:UntagResource",
    "codedeploy:Update*",
    "ec2:AllocateAddress",
    "ec2:Associate*",
    "ec2:AttachInternetGateway",
    "ec2:AuthorizeSecurityGroup*",
    "ec2:Create*Gateway",
    "ec2:CreateFlowLogs",
    "ec2:CreateRoute*",
    "ec2:CreateSecurityGroup",
    "ec2:CreateSubnet",
    "ec2:CreateTags",
    "ec2:CreateVpc",
    "ec2:CreateVpcEndpoint",
    "ec2:Delete*Gateway",
    "ec2:DeleteFlowLogs",
    "ec2:DeleteRoute*",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteSubnet",
    "ec2:DeleteTags",
    "ec2:DeleteVpc",
    "ec2:DeleteVpcEndpoints",
    "ec2:DetachInternetGateway",
    "ec2:Disassociate*",
    "ec2:ModifySecurityGroupRules",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpc*",
    "ec2:ReleaseAddress",
    "ec2:Replace*",
    "ec2:RevokeSecurityGroup*",
    "ec2:UpdateSecurityGroupRuleDescriptions*",
    "ecs:CreateCluster",
    "ecs:CreateService",
    "ecs:DeleteCluster",
    "ecs:DeleteService",
    "ecs:DeregisterTaskDefinition",
    "ecs:PutClusterCapacityProviders",
    "ecs:RegisterTaskDefinition",
    "ecs:TagResource",
    "ecs:UntagResource",
    "ecs:UpdateCluster*",
    "ecs:UpdateService",
    "elasticache:AddTagsToResource",
    "elasticache:Create*",
    "elasticache:Delete*",
    "elasticache:DecreaseReplicaCount",
    "elasticache:IncreaseReplicaCount",
    "elasticache:Modify*",
    "elasticache:RemoveTagsFromResource",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:Create*",
    "elasticloadbalancing:Delete*",
    "elasticloadbalancing:Modify*",
    "elasticloadbalancing:RemoveTags",
    "elasticloadbalancing:Set*",
    "events:DeleteRule",
    "events:DisableRule",
    "events:EnableRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
    "logs:CreateLogDelivery",
    "logs:CreateLogGroup",
    "logs:DeleteLogDelivery",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
    "rds:AddTagsToResource",
    "rds:Create*",
    "rds:Delete*",
    "rds:Modify*",
    "rds:RebootDBInstance",
    "rds:RemoveTagsFromResource",
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
    "xray:CreateGroup",
    "xray:CreateSamplingRule",
    "xray:DeleteGroup",
    "xray:DeleteSamplingRule",
    "xray:TagResource",
    "xray:UntagResource",
    "xray:UpdateGroup",
    "xray:UpdateSamplingRule",
  ]

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

resource "aws_iam_role_policy" "apply_provision" {
  for_each = local.apply_role_arns

  name = "provision"
  role = aws_iam_role.apply[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.read_statements, [
      {
        Effect   = "Allow"
        Action   = local.provision_actions
        Resource = ["*"]
      },
      {
        Effect = "Allow"
        Action = ["s3:CreateBucket", "s3:DeleteBucket*", "s3:Put*Configuration", "s3:PutBucket*"]
        # The bucket of the load balancers' logs.
        Resource = ["arn:${local.partition}:s3:::${var.name}-${each.key}-*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"]
        Resource = ["arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter/delightful/${each.key}/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "secretsmanager:CreateSecret",
          "secretsmanager:DeleteSecret",
          "secretsmanager:PutSecretValue",
          "secretsmanager:TagResource",
          "secretsmanager:UntagResource",
          "secretsmanager:UpdateSecret",
        ]
        Resource = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:delightful/${each.key}/*"]
      },
      {
        # RDS makes the secret of a database's password on behalf of whoever makes the database.
        Effect = "Allow"
        Action = [
          "secretsmanager:CancelRotateSecret",
          "secretsmanager:CreateSecret",
          "secretsmanager:RotateSecret",
          "secretsmanager:TagResource",
        ]
        Resource = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:rds!*"]
      },
    ])
  })
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
