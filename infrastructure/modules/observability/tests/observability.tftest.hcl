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
  cpu_percent         = 90
  memory_percent      = 85
  usage_minutes       = 5
  topic_arns          = ["arn:aws:sns:us-east-1:123456789012:alarms"]
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
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 8 && length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms) == 8
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

run "watches_the_service_as_a_whole_without_stopping_a_rollout" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.cpu.dimensions == tomap({ ClusterName = "delightful-sandbox", ServiceName = "hello-sandbox" }) && aws_cloudwatch_metric_alarm.memory.dimensions == aws_cloudwatch_metric_alarm.cpu.dimensions
    error_message = "CPU and memory are those of the service."
  }

  assert {
    condition     = length(setintersection(output.alarm_names, [aws_cloudwatch_metric_alarm.cpu.alarm_name, aws_cloudwatch_metric_alarm.memory.alarm_name])) == 0
    error_message = "Blue and green share them: they must not stop a rollout."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.cpu.threshold == 90 && aws_cloudwatch_metric_alarm.memory.threshold == 85 && aws_cloudwatch_metric_alarm.cpu.evaluation_periods == 5
    error_message = "Thresholds and minutes are the ones asked for."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.memory.statistic == "Maximum" && aws_cloudwatch_metric_alarm.cpu.statistic == "Average"
    error_message = "One task that leaks must not hide behind the others."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.cpu.treat_missing_data == "missing" && aws_cloudwatch_metric_alarm.memory.treat_missing_data == "missing"
    error_message = "Without a task nothing is known."
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.error_rate), values(aws_cloudwatch_metric_alarm.latency), values(aws_cloudwatch_metric_alarm.unhealthy), [aws_cloudwatch_metric_alarm.cpu, aws_cloudwatch_metric_alarm.memory]) :
      toset(alarm.alarm_actions) == toset(var.topic_arns) && toset(alarm.ok_actions) == toset(var.topic_arns)
    ])
    error_message = "Who hears of an alarm hears of all, and of their end."
  }
}

run "shows_the_bounds_of_the_scaler" {
  variables {
    scaling = { min_count = 2, max_count = 10 }
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[6].properties.annotations.horizontal[*].value == [2, 10]
    error_message = "The tasks are shown between their bounds."
  }
}

run "refuses_a_sampling_rule_with_too_long_a_name" {
  command = plan

  variables {
    sampling_rule_name = "a-service-with-a-very-long-name-indeed"
  }

  expect_failures = [var.sampling_rule_name]
}
