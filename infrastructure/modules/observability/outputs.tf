output "log_group" {
  description = "Log group of the tasks: name and ARN."
  value = {
    name = aws_cloudwatch_log_group.this.name
    arn  = aws_cloudwatch_log_group.this.arn
  }
}

output "alarm_names" {
  description = "Names of the alarms that stop a rollout, sorted: those of the target groups."
  value = sort(concat(
    values(aws_cloudwatch_metric_alarm.error_rate)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.latency)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.unhealthy)[*].alarm_name,
  ))
}

output "dashboard_url" {
  description = "Address of the dashboard in the console."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}
