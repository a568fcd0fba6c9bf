output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.this.name
}

output "service_arn" {
  description = "ARN of the ECS service."
  value       = aws_ecs_service.this.id
}

output "task_definition_arn" {
  description = "ARN of the task definition's revision that this apply registered."
  value       = aws_ecs_task_definition.this.arn
}

output "role_arns" {
  description = "ARNs of the roles that a task takes on."
  value       = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
}

output "security_group_id" {
  description = "ID of the tasks' security group."
  value       = aws_security_group.this.id
}
