locals {
  # arn:partition:ecs:region:account:cluster/name
  cluster   = split(":", var.cluster_arn)
  rule_name = "${var.name}-task-events"
  rule_arn  = "arn:${local.cluster[1]}:events:${local.cluster[3]}:${local.cluster[4]}:rule/${local.rule_name}"
  sqs_arn   = "arn:${local.cluster[1]}:sqs:${local.cluster[3]}:${local.cluster[4]}"

  queue_names = { events = local.rule_name, dead_letters = "${local.rule_name}-dead-letters" }
  day_seconds = 24 * 60 * 60

  # Written with the queues: as resources of their own the provider would wait for each of them.
  policies = {
    for key, name in local.queue_names : key => jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "TakeEventsOfTheRule"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = "${local.sqs_arn}:${name}"
          Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
        },
        {
          Sid       = "RefuseWhatIsNotEncrypted"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = "sqs:*"
          Resource  = "${local.sqs_arn}:${name}"
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ]
    })
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  name        = local.rule_name
  description = "Task state changes of the cluster ${var.name}"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail      = { clusterArn = [var.cluster_arn] }
  })
}

resource "aws_cloudwatch_event_target" "this" {
  rule = aws_cloudwatch_event_rule.this.name
  arn  = aws_sqs_queue.this.arn

  # What EventBridge cannot hand over is not lost.
  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_sqs_queue" "this" {
  name                      = local.queue_names.events
  message_retention_seconds = 4 * local.day_seconds
  # As long as the observer keeps a message to itself (SQS_MESSAGE_VISIBILITY_TIMEOUT_SECONDS in
  # prefect_aws/observers/ecs.py).
  visibility_timeout_seconds = 300
  sqs_managed_sse_enabled    = true
  policy                     = local.policies.events
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = local.queue_names.dead_letters
  message_retention_seconds = 14 * local.day_seconds
  sqs_managed_sse_enabled   = true
  policy                    = local.policies.dead_letters
  tags                      = var.tags

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = ["${local.sqs_arn}:${local.queue_names.events}"]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${local.rule_name}-dead-letters"
  alarm_description   = "A task's end was not told to Prefect: its flow run may show as running for good."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  tags                = var.tags
}
