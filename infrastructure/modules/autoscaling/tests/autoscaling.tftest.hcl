mock_provider "aws" {}

variables {
  cluster_name = "delightful-staging"
  service_name = "hello-staging"
  min_count    = 2
  max_count    = 10
  cpu_percent  = 60
  tags         = {}
}

run "keeps_the_number_of_tasks_between_its_bounds" {
  assert {
    condition     = aws_appautoscaling_target.this.resource_id == "service/delightful-staging/hello-staging" && aws_appautoscaling_target.this.scalable_dimension == "ecs:service:DesiredCount"
    error_message = "What is scaled is the desired count of the service."
  }

  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 10
    error_message = "The bounds are the ones asked for."
  }

  assert {
    condition     = output.policy_names == tolist(["hello-staging-cpu"])
    error_message = "Only what has a target is looked at."
  }

  assert {
    condition     = aws_appautoscaling_policy.this["cpu"].target_tracking_scaling_policy_configuration[0].target_value == 60 && aws_appautoscaling_policy.this["cpu"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type == "ECSServiceAverageCPUUtilization"
    error_message = "CPU is kept at 60 %."
  }

  assert {
    condition     = aws_appautoscaling_policy.this["cpu"].target_tracking_scaling_policy_configuration[0].scale_in_cooldown > aws_appautoscaling_policy.this["cpu"].target_tracking_scaling_policy_configuration[0].scale_out_cooldown
    error_message = "Tasks come faster than they go."
  }
}

run "looks_at_memory_and_requests_too" {
  variables {
    memory_percent    = 70
    requests_per_task = 1000
    request_source    = "app/hello/0123456789abcdef/targetgroup/hello-blue/0123456789abcdef"
  }

  assert {
    condition     = output.policy_names == tolist(["hello-staging-cpu", "hello-staging-memory", "hello-staging-requests"])
    error_message = "Each target has a policy of its own."
  }

  assert {
    condition     = aws_appautoscaling_policy.this["requests"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == var.request_source
    error_message = "Requests are counted in the target group that is named."
  }
}

run "refuses_bounds_the_wrong_way_round" {
  command = plan

  variables {
    max_count = 1
  }

  expect_failures = [var.max_count]
}

run "refuses_no_task_at_all" {
  command = plan

  variables {
    min_count = 0
  }

  expect_failures = [var.min_count]
}

run "refuses_requests_of_nowhere" {
  command = plan

  variables {
    requests_per_task          = 1000
    scale_out_cooldown_seconds = 3601
    scale_in_cooldown_seconds  = -1
  }

  expect_failures = [var.requests_per_task, var.scale_out_cooldown_seconds, var.scale_in_cooldown_seconds]
}
