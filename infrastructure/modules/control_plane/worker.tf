locals {
  # arn:partition:ecs:region:account:cluster/name
  partition  = split(":", var.cluster_arn)[1]
  region     = split(":", var.cluster_arn)[3]
  account_id = split(":", var.cluster_arn)[4]
  ecs_arn    = "arn:${local.partition}:ecs:${local.region}:${local.account_id}"

  # prefect-aws names the families that it makes prefect_<work pool>_<id>.
  flow_definitions = "${local.ecs_arn}:task-definition/prefect_${var.work_pool}_*"
  flow_tasks       = "${local.ecs_arn}:task/${local.cluster_name}/*"

  trust_of_tasks = {
    Effect    = "Allow"
    Action    = "sts:AssumeRole"
    Principal = { Service = "ecs-tasks.amazonaws.com" }
  }
}

resource "aws_iam_role_policy" "worker" {
  name = "run-flows"
  role = module.worker.task_role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RunFlowsInThisCluster"
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = ["${local.flow_definitions}:*"]
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster_arn } }
      },
      {
        Sid      = "FollowAndStopThem"
        Effect   = "Allow"
        Action   = ["ecs:DescribeTasks", "ecs:StopTask"]
        Resource = [local.flow_tasks]
      },
      {
        Sid       = "LabelThemWhenTheyAreMade"
        Effect    = "Allow"
        Action    = ["ecs:TagResource"]
        Resource  = [local.flow_tasks, "${local.flow_definitions}:*"]
        Condition = { StringEquals = { "ecs:CreateAction" = ["RunTask", "RegisterTaskDefinition"] } }
      },
      {
        # ECS takes no resource in these calls.
        Sid      = "DescribeWhatTheyRun"
        Effect   = "Allow"
        Action   = ["ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"]
        Resource = ["*"]
      },
      {
        # EC2 takes no resource in these calls: the worker checks subnets against their VPC.
        Sid      = "CheckTheNetwork"
        Effect   = "Allow"
        Action   = ["ec2:DescribeSubnets", "ec2:DescribeVpcs"]
        Resource = ["*"]
      },
      {
        Sid       = "PassTheRolesOfFlows"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.flow_execution.arn, var.flow_task_role_arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        Sid      = "HearOfTheirEnd"
        Effect   = "Allow"
        Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
        Resource = [module.task_events.queue_arn]
      },
      {
        # What a run wrote that died before it reached the API.
        Sid      = "ReadTheirLastWords"
        Effect   = "Allow"
        Action   = ["logs:GetLogEvents"]
        Resource = ["${trimsuffix(aws_cloudwatch_log_group.flow.arn, ":*")}:*"]
      },
    ]
  })
}
