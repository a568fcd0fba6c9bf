# What flow runs are started with. Their own role comes from bootstrap/: it takes on the roles of its
# environment and has no right of its own.

resource "aws_cloudwatch_log_group" "flow" {
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own, docs/decisions/0006
  name              = "/delightful/${var.environment}/prefect-flow"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_security_group" "flow" {
  #checkov:skip=CKV2_AWS_5:the worker gives it to the tasks that it starts
  name        = "${var.name}-prefect-flow"
  description = "Flow runs of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

# They take packages, images and answers of the services that they deploy, on any port.
resource "aws_vpc_security_group_egress_rule" "flow" {
  security_group_id = aws_security_group.flow.id
  description       = "Whatever a flow calls"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  tags              = var.tags
}

resource "aws_iam_role" "flow_execution" {
  name                 = "${var.name}-prefect-flow-execution"
  description          = "Starts the flow runs of ${var.name}"
  tags                 = var.tags
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.trust_of_tasks]
  })
}

resource "aws_iam_role_policy" "flow_execution" {
  name = "start-tasks"
  role = aws_iam_role.flow_execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${trimsuffix(aws_cloudwatch_log_group.flow.arn, ":*")}:*"]
        },
        {
          Effect   = "Allow"
          Action   = ["secretsmanager:GetSecretValue"]
          Resource = [var.auth_secret_arn]
        },
      ],
      # Flow runs have the worker's image.
      module.worker.pull_statements,
    )
  })
}
