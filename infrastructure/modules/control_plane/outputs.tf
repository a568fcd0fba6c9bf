output "published" {
  description = "What clients, CI and the work pool's job variables need, for the platform's parameter."
  value = {
    api_url                 = local.api_url
    auth_secret_arn         = var.auth_secret_arn
    load_balancer_dns_name  = module.load_balancer.dns_name
    work_pool               = var.work_pool
    worker_image            = var.images.worker
    task_event_queue_name   = module.task_events.queue_name
    flow_task_role_arn      = var.flow_task_role_arn
    flow_execution_role_arn = aws_iam_role.flow_execution.arn
    flow_security_group_id  = aws_security_group.flow.id
    flow_log_group_name     = aws_cloudwatch_log_group.flow.name
  }
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = [aws_cloudwatch_metric_alarm.server.alarm_name, module.task_events.alarm_name]
}

output "service_names" {
  description = "Names of the ECS services: server, background, worker."
  value       = [module.server.service_name, module.background.service_name, module.worker.service_name]
}
