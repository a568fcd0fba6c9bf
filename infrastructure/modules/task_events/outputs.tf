output "queue_name" {
  description = "Name of the queue, which the observer is told."
  value       = aws_sqs_queue.this.name
}

output "queue_arn" {
  description = "ARN of the queue."
  value       = aws_sqs_queue.this.arn
}

output "alarm_name" {
  description = "Name of the alarm on what could not be handed over."
  value       = aws_cloudwatch_metric_alarm.dead_letters.alarm_name
}
