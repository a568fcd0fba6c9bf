output "service_name" {
  description = "Name of the ECS service of the worker."
  value       = aws_ecs_service.this.name
}

output "task_definition_arn" {
  description = "ARN of the task definition's revision that this apply registered."
  value       = aws_ecs_task_definition.this.arn
}
