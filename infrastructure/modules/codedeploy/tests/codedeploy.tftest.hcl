mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/mocked"
    }
  }
}

variables {
  name                     = "hello-sandbox"
  cluster_arn              = "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-sandbox"
  service_name             = "hello-sandbox"
  service_arn              = "arn:aws:ecs:us-east-1:123456789012:service/delightful-sandbox/hello-sandbox"
  task_role_arns           = ["arn:aws:iam::123456789012:role/hello-sandbox-task", "arn:aws:iam::123456789012:role/hello-sandbox-execution"]
  listener_arn             = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/hello-sandbox/0123456789abcdef/1111111111111111"
  test_listener_arn        = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/hello-sandbox/0123456789abcdef/2222222222222222"
  target_group_names       = ["hello-sandbox-blue", "hello-sandbox-green"]
  configuration            = "CodeDeployDefault.ECSAllAtOnce"
  ready_wait_minutes       = 10
  termination_wait_minutes = 5
  alarm_names              = ["hello-sandbox-blue-latency", "hello-sandbox-green-latency"]
  tags                     = {}
}

run "waits_for_the_smoke_test_and_goes_back_on_every_unhappy_end" {
  command = plan

  assert {
    condition     = aws_codedeploy_deployment_group.this.blue_green_deployment_config[0].deployment_ready_option[0].action_on_timeout == "STOP_DEPLOYMENT"
    error_message = "Losing the orchestrator must not send traffic to what nobody tried."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this.blue_green_deployment_config[0].deployment_ready_option[0].wait_time_in_minutes == 10
    error_message = "The wait is the one that was asked for."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this.blue_green_deployment_config[0].terminate_blue_instances_on_deployment_success[0].termination_wait_time_in_minutes == 5
    error_message = "The old tasks stay as long as was asked for."
  }

  assert {
    condition     = toset(aws_codedeploy_deployment_group.this.auto_rollback_configuration[0].events) == toset(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"])
    error_message = "Every unhappy end must bring the old tasks back."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this.alarm_configuration[0].enabled && toset(aws_codedeploy_deployment_group.this.alarm_configuration[0].alarms) == toset(var.alarm_names)
    error_message = "All alarms are watched."
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource
      if contains(statement.Action, "elasticloadbalancing:ModifyListener")
      ]) == [
      var.listener_arn,
      var.test_listener_arn,
      "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/hello-sandbox/0123456789abcdef/1111111111111111/*",
      "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/hello-sandbox/0123456789abcdef/2222222222222222/*",
    ]
    error_message = "Only this service's listeners and their rules may be rewritten."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      statement.Resource == [for arn in var.task_role_arns : arn] && statement.Condition.StringEquals["iam:PassedToService"] == "ecs-tasks.amazonaws.com"
      if contains(statement.Action, "iam:PassRole")
    ])
    error_message = "Only the service's two roles may be passed, and only to ECS tasks."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:hello-sandbox/hello-sandbox"
    error_message = "No other deployment group may take on the role."
  }
}

run "refuses_more_alarms_than_codedeploy_watches" {
  command = plan

  variables {
    alarm_names = [for number in range(11) : "alarm-${number}"]
  }

  expect_failures = [var.alarm_names]
}
