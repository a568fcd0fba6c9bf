locals {
  # A target for each average that is kept; the names are also the policies' names.
  tracked = { for name, policy in {
    cpu      = { metric = "ECSServiceAverageCPUUtilization", target = var.cpu_percent, label = null }
    memory   = { metric = "ECSServiceAverageMemoryUtilization", target = var.memory_percent, label = null }
    requests = { metric = "ALBRequestCountPerTarget", target = var.requests_per_task, label = var.request_source }
  } : name => policy if policy.target != null }
}

# The name of the service is its output: the target is deregistered before the service goes.
resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster_name}/${var.service_name}"
  min_capacity       = var.min_count
  max_capacity       = var.max_count
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.tracked

  name               = "${var.service_name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = var.scale_out_cooldown_seconds
    scale_in_cooldown  = var.scale_in_cooldown_seconds

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}
