locals {
  # Account, region and repository, where the image lies in ECR.
  in_ecr = try(regex("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com/([^:@]+)", var.image), null)

  # A reference may carry a JSON key after the secret's ARN; the permission is on the secret.
  secret_arns = distinct([
    for reference in values(var.secrets) : join(":", slice(split(":", reference), 0, min(7, length(split(":", reference)))))
  ])

  pull_statements = local.in_ecr == null ? [] : [
    {
      # ECR gives its token for the registry as a whole, never for one repository.
      Effect   = "Allow"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = ["*"]
    },
    {
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = ["arn:${local.cluster[1]}:ecr:${local.in_ecr[1]}:${local.in_ecr[0]}:repository/${local.in_ecr[2]}"]
    },
  ]

  execution_statements = concat(
    [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${trimsuffix(aws_cloudwatch_log_group.this.arn, ":*")}:*"]
    }],
    length(local.secret_arns) == 0 ? [] : [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = local.secret_arns
    }],
    local.pull_statements,
  )
}

# What ECS itself may do to start a task.
resource "aws_iam_role" "execution" {
  name                 = "${var.name}-execution"
  description          = "Starts the tasks of ${var.name}"
  tags                 = var.tags
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn

  # AWS documents the source account of the caller for the task's role only.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.execution_statements })
}

# What the process may do: nothing, until somebody attaches a policy.
resource "aws_iam_role" "task" {
  name                 = "${var.name}-task"
  description          = "Runs ${var.name}"
  tags                 = var.tags
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })
}
