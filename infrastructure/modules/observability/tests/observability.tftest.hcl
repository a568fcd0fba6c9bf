mock_provider "aws" {
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = {
      arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:mocked"
    }
  }
}

variables {
  service             = "hello"
  name                = "hello-sandbox"
  sampling_rule_name  = "hello-sandbox"
  region              = "us-east-1"
  log_group_name      = "/delightful/sandbox/hello"
  log_retention_days  = 1
  load_balancer       = "app/hello-sandbox/0123456789abcdef"
  target_groups       = { blue = "targetgroup/hello-sandbox-blue/0123456789abcdef", green = "targetgroup/hello-sandbox-green/fedcba9876543210" }
  cluster_name        = "delightful-sandbox"
  error_rate_percent  = 5
  latency_p99_seconds = 2
  unhealthy_minutes   = 3
  sampling_rate       = 0.05
  tags                = {}
}

run "watches_each_target_group_on_its_own_and_shows_it" {
  assert {
    condition = output.alarm_names == tolist([
      "hello-sandbox-blue-error-rate", "hello-sandbox-blue-latency", "hello-sandbox-blue-unhealthy",
      "hello-sandbox-green-error-rate", "hello-sandbox-green-latency", "hello-sandbox-green-unhealthy",
    ])
    error_message = "Every target group has its three alarms."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.unhealthy["green"].dimensions.TargetGroup == var.target_groups["green"]
    error_message = "The green alarm must look at the green group."
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.error_rate), values(aws_cloudwatch_metric_alarm.latency), values(aws_cloudwatch_metric_alarm.unhealthy)) :
      alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "The idle target group has no data and must not hold back the other."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.error_rate["blue"].evaluation_periods == 1 && aws_cloudwatch_metric_alarm.latency["blue"].evaluation_periods == 1
    error_message = "Errors and latency must show within a bake of a minute."
  }

  assert {
    condition     = alltrue([for query in aws_cloudwatch_metric_alarm.error_rate["blue"].metric_query : query.id == "error_rate" || one(query.metric[*].period) == 60])
    error_message = "The load balancer publishes once a minute."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.unhealthy["blue"].evaluation_periods == 3
    error_message = "A slow start is not an unhealthy task: the minutes are the ones asked for."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 7 && length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms) == 6
    error_message = "The dashboard begins with all alarms."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[1].properties.metrics[1][5] == var.target_groups["green"]
    error_message = "Every chart shows both target groups."
  }

  assert {
    condition     = endswith(output.dashboard_url, "#dashboards/dashboard/hello-sandbox")
    error_message = "The address opens the dashboard."
  }
}

run "refuses_a_sampling_rule_with_too_long_a_name" {
  command = plan

  variables {
    sampling_rule_name = "a-service-with-a-very-long-name-indeed"
  }

  expect_failures = [var.sampling_rule_name]
}
