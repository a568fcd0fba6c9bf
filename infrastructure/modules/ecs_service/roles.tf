locals {
  assume_role_statement = {
    Effect    = "Allow"
    Action    = "sts:AssumeRole"
    Principal = { Service = "ecs-tasks.amazonaws.com" }
  }

  # A secret's ARN may carry a JSON key, stage and version after its name; the permission is on
  # the secret: arn, partition, service, region, account, resource type and name.
  secret_arns = distinct([
    for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, min(7, length(split(":", arn)))))
  ])

  secret_statements = [
    for action, arns in {
      "secretsmanager:GetSecretValue" = [for arn in local.secret_arns : arn if strcontains(arn, ":secretsmanager:")]
      "ssm:GetParameters"             = [for arn in local.secret_arns : arn if strcontains(arn, ":ssm:")]
    } : { Effect = "Allow", Action = [action], Resource = arns } if length(arns) > 0
  ]
}

# What ECS itself may do to start a task.
resource "aws_iam_role" "execution" {
  name                 = "${var.name}-execution"
  description          = "Starts the tasks of ${var.name}"
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
  tags                 = var.tags

  # AWS documents the source account of the caller for the task's role only.
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.assume_role_statement]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "start-tasks"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        # ECR gives its token for the registry as a whole, never for one repository.
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = [var.repository_arn]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${trimsuffix(var.log_group.arn, ":*")}:*"]
      },
    ], local.secret_statements)
  })
}

# What the service's own code may do.
resource "aws_iam_role" "task" {
  name                 = "${var.name}-task"
  description          = "Runs the code of ${var.name}"
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(local.assume_role_statement, {
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    })]
  })
}

resource "aws_iam_role_policy" "task" {
  name = "write-traces"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # X-Ray has no resources to name in these calls.
      Effect = "Allow"
      Action = [
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ]
      Resource = ["*"]
    }]
  })
}
