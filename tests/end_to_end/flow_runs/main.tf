# What a platform with a Prefect server of its own makes for flow runs, for a sandbox that has one
# already: the queue by the platform's own module, the rest as modules/control_plane has it.

terraform {
  backend "s3" {}

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }
}

variable "environment" {
  type = string
}

variable "cluster_arn" {
  type = string
}

variable "vpc_id" {
  type = string
}

module "task_events" {
  source = "../modules/task_events"

  name             = "delightful-${var.environment}"
  cluster_arn      = var.cluster_arn
  alarm_topic_arns = []
  tags             = {}
}

resource "aws_cloudwatch_log_group" "flow" {
  name = "/delightful/${var.environment}/prefect-flow"
}

resource "aws_security_group" "flow" {
  name   = "delightful-${var.environment}-prefect-flow"
  vpc_id = var.vpc_id
}

resource "aws_secretsmanager_secret" "auth" {
  name = "delightful/${var.environment}/prefect-auth"
}

resource "aws_secretsmanager_secret_version" "auth" {
  secret_id     = aws_secretsmanager_secret.auth.id
  secret_string = "prefect:for-this-test"
}

resource "aws_iam_role" "flow_execution" {
  name = "delightful-${var.environment}-prefect-flow-execution"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

output "task_event_queue_name" {
  value = module.task_events.queue_name
}

output "auth_secret_arn" {
  value = aws_secretsmanager_secret.auth.arn
}

output "flow_execution_role_arn" {
  value = aws_iam_role.flow_execution.arn
}

output "flow_security_group_id" {
  value = aws_security_group.flow.id
}

output "flow_log_group_name" {
  value = aws_cloudwatch_log_group.flow.name
}
