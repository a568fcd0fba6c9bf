"""Real Terraform reads back what it wrote: the second plan is empty, destroy leaves nothing."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.description import SandboxDescription

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]

STACK = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "= 5.100.0" }
  }
}
provider "aws" { max_retries = 2 }

variable "name" { type = string }
variable "listener" { type = string }
variable "test_listener" { type = string }
variable "termination_minutes" {
  type    = number
  default = 5
}

locals {
  alarm_names = [
    aws_cloudwatch_metric_alarm.plain.alarm_name,
    aws_cloudwatch_metric_alarm.rate.alarm_name,
  ]
}

resource "aws_codedeploy_app" "this" {
  name             = var.name
  compute_platform = "ECS"
  tags             = { a = "1" }
}

resource "aws_codedeploy_deployment_config" "this" {
  deployment_config_name = "${var.name}-canary"
  compute_platform       = "ECS"
  traffic_routing_config {
    type = "TimeBasedCanary"
    time_based_canary {
      interval   = 2
      percentage = 20
    }
  }
}

resource "aws_codedeploy_deployment_group" "this" {
  app_name               = aws_codedeploy_app.this.name
  deployment_group_name  = var.name
  deployment_config_name = aws_codedeploy_deployment_config.this.id
  service_role_arn       = "arn:aws:iam::123456789012:role/codedeploy"
  tags                   = { a = "1" }
  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }
  ecs_service {
    cluster_name = var.name
    service_name = var.name
  }
  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route { listener_arns = [var.listener] }
      test_traffic_route { listener_arns = [var.test_listener] }
      target_group { name = "${var.name}-blue" }
      target_group { name = "${var.name}-green" }
    }
  }
  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout    = "STOP_DEPLOYMENT"
      wait_time_in_minutes = 10
    }
    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = var.termination_minutes
    }
  }
  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
  }
  alarm_configuration {
    enabled = true
    alarms  = local.alarm_names
  }
}

resource "aws_cloudwatch_metric_alarm" "plain" {
  alarm_name          = "${var.name}-latency"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = { LoadBalancer = "app/x/1" }
  extended_statistic  = "p99"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1.5
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  tags                = { a = "1" }
}

resource "aws_cloudwatch_metric_alarm" "rate" {
  alarm_name          = "${var.name}-rate"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  metric_query {
    id          = "rate"
    label       = "Rate"
    expression  = "100 * FILL(errors, 0) / requests"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { errors = "HTTPCode_Target_5XX_Count", requests = "RequestCount" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = { LoadBalancer = "app/x/1" }
        stat        = "Sum"
        period      = 60
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "this" {
  alarm_name = "${var.name}-any"
  alarm_rule = join(" OR ", [for name in local.alarm_names : "ALARM(${name})"])
  tags       = { a = "1" }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = [] })
}

resource "aws_xray_sampling_rule" "this" {
  rule_name      = var.name
  priority       = 1000
  version        = 1
  reservoir_size = 1
  fixed_rate     = 0.5
  service_name   = "*"
  service_type   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  resource_arn   = "*"
  tags           = { a = "1" }
}

resource "aws_xray_group" "this" {
  group_name        = var.name
  filter_expression = "responsetime > 5"
  insights_configuration {
    insights_enabled      = true
    notifications_enabled = false
  }
}
"""


class Stack:
    """One Terraform folder against the sandbox."""

    def __init__(self, folder: Path, sandbox: SandboxDescription, service: Any) -> None:
        self._folder = folder
        self._environment = {**os.environ, **sandbox.environment(), "TF_IN_AUTOMATION": "1"}
        (folder / "main.tf").write_text(STACK)
        values = {
            "name": service.name,
            "listener": service.listener,
            "test_listener": service.test_listener,
        }
        (folder / "terraform.tfvars.json").write_text(json.dumps(values))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command and return how it ended."""
        command = [shutil.which("terraform") or "terraform", *arguments]
        return subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def must(self, *arguments: str) -> None:
        """Run one command that has to succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def assert_no_drift(self) -> None:
        """Assert that a plan would change nothing."""
        done = self.run("plan", "-input=false", "-detailed-exitcode", "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr


def test_terraform_finds_everything_as_it_left_it(
    service: Any, process_sandbox: SandboxDescription, tmp_path: Path
) -> None:
    """Create, plan nothing, change in place, plan nothing, destroy."""
    codedeploy = service.aws("codedeploy")
    codedeploy.delete_application(applicationName=service.name)
    stack = Stack(tmp_path, process_sandbox, service)
    stack.must("init", "-input=false", "-no-color")
    stack.must("apply", "-input=false", "-auto-approve", "-no-color")
    stack.assert_no_drift()
    changed = "-var=termination_minutes=7"
    stack.must("apply", "-input=false", "-auto-approve", "-no-color", changed)
    group = codedeploy.get_deployment_group(
        applicationName=service.name, deploymentGroupName=service.name
    )["deploymentGroupInfo"]
    ends = group["blueGreenDeploymentConfiguration"]["terminateBlueInstancesOnDeploymentSuccess"]
    assert ends["terminationWaitTimeInMinutes"] == 7
    stack.must("destroy", "-input=false", "-auto-approve", "-no-color")
    assert service.name not in codedeploy.list_applications()["applications"]
    named = {"AlarmNamePrefix": service.name, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
    left = service.aws("cloudwatch").describe_alarms(**named)
    assert left["MetricAlarms"] + left["CompositeAlarms"] == []
