output "security_group_id" {
  description = "ID of the tasks' security group; beside HTTPS it opens nothing until a rule says so."
  value       = aws_security_group.this.id
}

output "task_role_name" {
  description = "Name of the role that the process has, to attach policies to."
  value       = aws_iam_role.task.name
}

output "pull_statements" {
  description = "Statements of a policy that lets a role pull the image; none where it lies outside ECR."
  value       = local.pull_statements
}

output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.this.name
}
