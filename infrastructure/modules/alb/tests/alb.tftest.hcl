mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = {
      arn      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/hello-sandbox/0123456789abcdef"
      dns_name = "hello.example.test"
    }
  }

  mock_resource "aws_lb_target_group" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/hello-sandbox-blue/0123456789abcdef"
    }
  }
}

variables {
  name                         = "hello-sandbox"
  vpc_id                       = "vpc-1"
  subnet_ids                   = ["subnet-1", "subnet-2"]
  public                       = true
  colors                       = ["blue", "green"]
  listener_port                = 80
  test_listener_port           = 8081
  ingress_cidr_blocks          = ["0.0.0.0/0"]
  test_ingress_cidr_blocks     = ["10.20.0.0/16"]
  certificate_arn              = ""
  deregistration_delay_seconds = 5
  tags                         = {}
  health_check = {
    path                = "/healthz"
    matcher             = "200"
    interval_seconds    = 5
    timeout_seconds     = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

run "starts_with_both_listeners_on_blue_and_hides_the_test_listener" {
  assert {
    condition     = output.url == "http://hello.example.test" && output.test_url == "http://hello.example.test:8081"
    error_message = "The scheme's own port stays out of the address, any other one is in it."
  }

  assert {
    condition     = keys(output.target_groups) == ["blue", "green"]
    error_message = "Blue/green needs two target groups."
  }

  assert {
    condition     = aws_lb_listener.test[0].default_action[0].target_group_arn == aws_lb_target_group.this["blue"].arn
    error_message = "CodeDeploy wants the test listener on the group of the serving tasks."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.listener : rule.from_port == 80 || rule.cidr_ipv4 == "10.20.0.0/16"])
    error_message = "Only the named ranges may reach the test listener."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.listener : rule.from_port == rule.to_port])
    error_message = "A rule opens one port."
  }
}

run "makes_one_group_and_one_listener_for_rolling" {
  variables {
    colors             = ["blue"]
    test_listener_port = null
  }

  assert {
    condition     = keys(output.target_groups) == ["blue"] && output.test_listener_arn == null && output.test_url == null
    error_message = "Rolling has neither a second group nor a test listener."
  }
}

run "speaks_tls_where_a_certificate_is_named" {
  variables {
    listener_port   = 443
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0123"
  }

  assert {
    condition     = output.url == "https://hello.example.test" && output.test_url == "https://hello.example.test:8081"
    error_message = "With a certificate both listeners are HTTPS."
  }

  assert {
    condition     = aws_lb_listener.production.protocol == "HTTPS" && startswith(aws_lb_listener.production.ssl_policy, "ELBSecurityPolicy-TLS13")
    error_message = "Old TLS versions are not spoken."
  }
}

run "stays_inside_when_it_is_not_public" {
  command = plan

  variables {
    public = false
  }

  assert {
    condition     = aws_lb.this.internal
    error_message = "A private service has an internal load balancer."
  }
}

run "keeps_no_log_unless_it_is_told_where" {
  command = plan

  assert {
    condition     = length(aws_lb.this.access_logs) == 0 && !aws_lb.this.enable_deletion_protection
    error_message = "Without a bucket there are no access logs."
  }
}

run "keeps_its_log_where_it_is_told" {
  command = plan

  variables {
    access_logs_bucket   = "delightful-staging-logs"
    idle_timeout_seconds = 120
    deletion_protection  = true
  }

  assert {
    condition     = one(aws_lb.this.access_logs[*].bucket) == "delightful-staging-logs" && one(aws_lb.this.access_logs[*].enabled)
    error_message = "Every request leaves a line in the bucket."
  }

  assert {
    condition     = aws_lb.this.idle_timeout == 120 && aws_lb.this.enable_deletion_protection
    error_message = "Silence and protection are as asked for."
  }
}

run "refuses_to_wait_for_ever" {
  command = plan

  variables {
    idle_timeout_seconds = 4001
  }

  expect_failures = [var.idle_timeout_seconds]
}

run "refuses_a_reserved_name" {
  command = plan

  variables {
    name = "internal-api"
  }

  expect_failures = [var.name]
}
