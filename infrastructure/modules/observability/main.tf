locals {
  metrics_namespace = "AWS/ApplicationELB"
  # The load balancer publishes once a minute; shorter periods would see nothing.
  period_seconds = 60

  service_dimensions = { ClusterName = var.cluster_name, ServiceName = var.name }

  dimensions = {
    for color, group in var.target_groups : color => { LoadBalancer = var.load_balancer, TargetGroup = group }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = var.log_group_name
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

# Errors of the service (5xx) and of reaching it (refused or cut connections), for each group on
# its own: the group without traffic has no data and cannot hold back the other.
resource "aws_cloudwatch_metric_alarm" "error_rate" {
  for_each = var.target_groups

  alarm_name          = "${var.name}-${each.key}-error-rate"
  alarm_description   = "More than ${var.error_rate_percent} % of the requests to the ${each.key} tasks of ${var.name} failed within a minute."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.error_rate_percent
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
  tags                = var.tags

  metric_query {
    id          = "error_rate"
    label       = "Failed requests in percent"
    expression  = "100 * (FILL(errors, 0) + FILL(refused, 0)) / requests"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      requests = "RequestCount"
      errors   = "HTTPCode_Target_5XX_Count"
      refused  = "TargetConnectionErrorCount"
    }

    content {
      id = metric_query.key

      metric {
        namespace   = local.metrics_namespace
        metric_name = metric_query.value
        dimensions  = local.dimensions[each.key]
        stat        = "Sum"
        period      = local.period_seconds
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  for_each = var.target_groups

  alarm_name          = "${var.name}-${each.key}-latency"
  alarm_description   = "One request in a hundred to the ${each.key} tasks of ${var.name} took longer than ${var.latency_p99_seconds} s within a minute."
  namespace           = local.metrics_namespace
  metric_name         = "TargetResponseTime"
  dimensions          = local.dimensions[each.key]
  extended_statistic  = "p99"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.latency_p99_seconds
  period              = local.period_seconds
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
  tags                = var.tags
}

# The minimum: unhealthy all through the minute. A task that starts or leaves is unhealthy for
# seconds.
resource "aws_cloudwatch_metric_alarm" "unhealthy" {
  for_each = var.target_groups

  alarm_name          = "${var.name}-${each.key}-unhealthy"
  alarm_description   = "A ${each.key} task of ${var.name} failed its health checks for ${var.unhealthy_minutes} min."
  namespace           = local.metrics_namespace
  metric_name         = "UnHealthyHostCount"
  dimensions          = local.dimensions[each.key]
  statistic           = "Minimum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = local.period_seconds
  evaluation_periods  = var.unhealthy_minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
  tags                = var.tags
}

# CPU and memory of the service as a whole: AWS/ECS knows no task sets, so blue and green are one
# average. These two therefore stop no rollout: new tasks that warm up would stop theirs, and tasks
# that are overwhelmed would stop the very release that relieves them.
#
# Without a running task there is no data, which is neither idle nor busy: INSUFFICIENT_DATA says so.
# That nobody answers is told by the load balancer's own alarms.
resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "${var.name}-cpu"
  alarm_description   = "The tasks of ${var.name} used more than ${var.cpu_percent} % of their CPU for ${var.usage_minutes} min, more than the scaler could help with."
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = local.service_dimensions
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.cpu_percent
  period              = local.period_seconds
  evaluation_periods  = var.usage_minutes
  treat_missing_data  = "missing"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
  tags                = var.tags
}

# The fullest task, not the average: one that leaks is ended alone, and long before the others.
resource "aws_cloudwatch_metric_alarm" "memory" {
  alarm_name          = "${var.name}-memory"
  alarm_description   = "A task of ${var.name} used more than ${var.memory_percent} % of its memory for ${var.usage_minutes} min; at 100 % it is ended."
  namespace           = "AWS/ECS"
  metric_name         = "MemoryUtilization"
  dimensions          = local.service_dimensions
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.memory_percent
  period              = local.period_seconds
  evaluation_periods  = var.usage_minutes
  treat_missing_data  = "missing"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = local.widgets })
}

resource "aws_xray_sampling_rule" "this" {
  rule_name      = var.sampling_rule_name
  priority       = 1000
  version        = 1
  reservoir_size = 1
  fixed_rate     = var.sampling_rate
  service_name   = var.service
  service_type   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  resource_arn   = "*"
  tags           = var.tags
}
