# What a flow run on ECS is: it may take on the roles of its own environment and keep the results of
# its steps, and nothing else.

resource "aws_iam_role" "worker" {
  for_each = local.worker_role_arns

  name        = "${var.name}-${each.key}-worker"
  path        = local.path
  description = "Runs the flows of ${each.key}; takes on other roles for what they do"
  tags        = merge(local.tags, { "delightful:environment" = each.key })

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

resource "aws_iam_role_policy" "worker" {
  for_each = local.worker_role_arns

  name = "run-flows"
  role = aws_iam_role.worker[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = "sts:AssumeRole"
        Resource = [
          "${local.iam}:role${local.path}${var.name}-plan",
          local.apply_role_arns[each.key],
          # One for each service; no environment has a hyphen, so this is no other environment's.
          "${local.iam}:role${local.path}*-${each.key}-deploy",
        ]
      },
      {
        # A retry on another task finds here what was done already.
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.artifact_bucket_arn}/results/${each.key}/*"]
      },
    ]
  })
}
