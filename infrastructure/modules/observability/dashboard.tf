locals {
  alarm_arns = concat(
    values(aws_cloudwatch_metric_alarm.error_rate)[*].arn,
    values(aws_cloudwatch_metric_alarm.latency)[*].arn,
    values(aws_cloudwatch_metric_alarm.unhealthy)[*].arn,
    [aws_cloudwatch_metric_alarm.cpu.arn, aws_cloudwatch_metric_alarm.memory.arn],
  )

  bounds = var.scaling == null ? [] : [
    { label = "fewest tasks", value = var.scaling.min_count },
    { label = "most tasks", value = var.scaling.max_count },
  ]

  # Title, then the metrics of every target group with the statistic to show.
  charts = [
    { title = "Requests", statistic = "Sum", metrics = ["RequestCount"] },
    { title = "Errors", statistic = "Sum", metrics = ["HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"] },
    { title = "Answer time, 99th percentile", statistic = "p99", metrics = ["TargetResponseTime"] },
    { title = "Tasks behind the load balancer", statistic = "Minimum", metrics = ["HealthyHostCount", "UnHealthyHostCount"] },
  ]

  chart_widgets = [
    for index, chart in local.charts : {
      type   = "metric"
      x      = 12 * (index % 2)
      y      = 2 + 6 * floor(index / 2)
      width  = 12
      height = 6
      properties = {
        title  = chart.title
        region = var.region
        period = local.period_seconds
        stat   = chart.statistic
        metrics = concat([
          for color, group in var.target_groups : [
            for metric in chart.metrics :
            [local.metrics_namespace, metric, "LoadBalancer", var.load_balancer, "TargetGroup", group, { label = "${metric} ${color}" }]
          ]
        ]...)
      }
    }
  ]

  widgets = concat(
    [{
      type       = "alarm"
      x          = 0
      y          = 0
      width      = 24
      height     = 2
      properties = { title = "Alarms", alarms = local.alarm_arns }
    }],
    local.chart_widgets,
    [{
      type   = "metric"
      x      = 0
      y      = 14
      width  = 12
      height = 6
      properties = {
        title  = "CPU and memory, in percent of what the tasks have"
        region = var.region
        period = local.period_seconds
        stat   = "Average"
        yAxis  = { left = { min = 0 } }
        metrics = [
          for metric in ["CPUUtilization", "MemoryUtilization"] :
          ["AWS/ECS", metric, "ClusterName", var.cluster_name, "ServiceName", var.name]
        ]
        annotations = { horizontal = [
          { label = "CPU alarm", value = var.cpu_percent },
          { label = "memory alarm", value = var.memory_percent },
        ] }
      }
      }, {
      type   = "metric"
      x      = 12
      y      = 14
      width  = 12
      height = 6
      properties = {
        title  = "Tasks: wanted, running, starting"
        region = var.region
        period = local.period_seconds
        stat   = "Maximum"
        yAxis  = { left = { min = 0 } }
        # Container insights, which the platform switches on.
        metrics = [
          for metric in ["DesiredTaskCount", "RunningTaskCount", "PendingTaskCount"] :
          ["ECS/ContainerInsights", metric, "ClusterName", var.cluster_name, "ServiceName", var.name]
        ]
        annotations = { horizontal = local.bounds }
      }
      }, {
      type   = "log"
      x      = 0
      y      = 20
      width  = 24
      height = 6
      properties = {
        title  = "Latest log lines"
        region = var.region
        view   = "table"
        query  = "SOURCE '${var.log_group_name}' | fields @timestamp, @message | sort @timestamp desc | limit 50"
      }
    }],
  )
}
