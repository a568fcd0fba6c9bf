# Exactly the fields of StackOutputs in delightful/release.py; a test compares them.

output "service" {
  description = "Name of the service."
  value       = var.service
}

output "environment" {
  description = "Name of the environment."
  value       = var.environment
}

output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = local.platform.cluster_name
}

output "service_name" {
  description = "Name of the ECS service."
  value       = module.ecs_service.service_name
}

output "task_definition_arn" {
  description = "ARN of the task definition's revision that this apply registered, which the rollout brings live."
  value       = module.ecs_service.task_definition_arn
}

output "container_name" {
  description = "Name of the container that has the traffic."
  value       = var.service
}

output "container_port" {
  description = "Port that the container listens on."
  value       = var.container_port
}

output "deployment_strategy" {
  description = "How a new version takes over: blue_green or rolling."
  value       = var.deployment_strategy
}

output "codedeploy_application_name" {
  description = "Name of the CodeDeploy application; absent for rolling."
  value       = one(module.codedeploy[*].application_name)
}

output "codedeploy_deployment_group_name" {
  description = "Name of the CodeDeploy deployment group; absent for rolling."
  value       = one(module.codedeploy[*].deployment_group_name)
}

output "listener_arn" {
  description = "ARN of the production listener."
  value       = module.alb.listener_arn
}

output "test_listener_arn" {
  description = "ARN of the test listener; absent for rolling."
  value       = module.alb.test_listener_arn
}

output "target_group_arns" {
  description = "ARNs of the target groups: blue, then green where there are two."
  value       = [for color in local.colors : module.alb.target_groups[color].arn]
}

output "url" {
  description = "Address that users of the service call."
  value       = module.alb.url
}

output "test_url" {
  description = "Address at which a new version is tried before it has traffic; absent for rolling."
  value       = module.alb.test_url
}

output "log_group_name" {
  description = "Name of the log group of the tasks."
  value       = module.observability.log_group.name
}

output "alarm_names" {
  description = "Names of the alarms that stop a rollout, sorted."
  value       = module.observability.alarm_names
}

output "dashboard_url" {
  description = "Address of the dashboard in the console."
  value       = module.observability.dashboard_url
}
