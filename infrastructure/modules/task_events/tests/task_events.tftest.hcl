mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:us-east-1:123456789012:mocked"
    }
  }
}

variables {
  name             = "delightful-staging"
  cluster_arn      = "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-staging"
  alarm_topic_arns = ["arn:aws:sns:us-east-1:123456789012:alarms"]
  tags             = {}
}

run "listens_to_this_cluster_alone" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this.event_pattern).detail.clusterArn == [var.cluster_arn]
    error_message = "Other clusters of the account have observers of their own."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this.event_pattern).detail-type == ["ECS Task State Change"]
    error_message = "The observer reads nothing else."
  }
}

run "takes_messages_from_its_rule_alone" {
  assert {
    condition = alltrue([
      for policy in [aws_sqs_queue.this.policy, aws_sqs_queue.dead_letters.policy] : alltrue([
        for statement in jsondecode(policy).Statement :
        statement.Condition.ArnEquals["aws:SourceArn"] == "arn:aws:events:us-east-1:123456789012:rule/delightful-staging-task-events"
        if statement.Effect == "Allow"
      ])
    ])
    error_message = "No other rule may send to either queue."
  }

  assert {
    condition     = alltrue([for policy in [aws_sqs_queue.this.policy, aws_sqs_queue.dead_letters.policy] : jsondecode(policy).Statement[1].Condition.Bool["aws:SecureTransport"] == "false"])
    error_message = "Nobody speaks to the queues without TLS."
  }
}

run "loses_nothing_and_says_so" {
  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letters.arn && aws_cloudwatch_event_target.this.dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn
    error_message = "What cannot be handed over or read ends in the dead-letter queue."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.message_retention_seconds > aws_sqs_queue.this.message_retention_seconds
    error_message = "A dead letter's age counts from its first queue: it must have time left in the second."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letters.alarm_actions == toset(var.alarm_topic_arns)
    error_message = "The alarm must reach somebody."
  }
}

run "refuses_a_name_too_long_for_a_rule" {
  command = plan

  variables {
    name = "delightful-with-a-name-that-nobody-would-give"
  }

  expect_failures = [var.name]
}

run "refuses_what_is_no_cluster" {
  command = plan

  variables {
    cluster_arn = "delightful-staging"
  }

  expect_failures = [var.cluster_arn]
}
