# What applying `platform/` and `service/` takes, beside roles and states.

locals {
  # AWS gives them their ids; what they scale is told by condition keys.
  scalable_targets = "arn:${local.partition}:application-autoscaling:${local.region}:${local.account_id}:scalable-target/*"

  # No action here starts a rollout or reads a secret.
  provision_actions = [
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
}

resource "aws_iam_role_policy" "apply_provision" {
  for_each = local.apply_role_arns

  name = "provision"
  role = aws_iam_role.apply[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(module.read_access.statements, [
      {
        Effect   = "Allow"
        Action   = local.provision_actions
        Resource = ["*"]
      },
      {
        # The sweep; no environment has a hyphen, so these are no other environment's. To deregister,
        # which comes first, AWS holds to no resource.
        Effect   = "Allow"
        Action   = ["ecs:DeleteTaskDefinitions"]
        Resource = ["arn:${local.partition}:ecs:${local.region}:${local.account_id}:task-definition/*-${each.key}:*"]
      },
      {
        # The number of tasks of ECS services, and nothing else that can be scaled.
        Effect = "Allow"
        Action = [
          "application-autoscaling:DeleteScalingPolicy",
          "application-autoscaling:DeregisterScalableTarget",
          "application-autoscaling:PutScalingPolicy",
          "application-autoscaling:RegisterScalableTarget",
        ]
        Resource = [local.scalable_targets]
        Condition = { StringEquals = {
          "application-autoscaling:scalable-dimension" = "ecs:service:DesiredCount"
          "application-autoscaling:service-namespace"  = "ecs"
        } }
      },
      {
        Effect   = "Allow"
        Action   = ["application-autoscaling:TagResource", "application-autoscaling:UntagResource"]
        Resource = [local.scalable_targets]
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
