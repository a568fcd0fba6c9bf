mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
    }
  }

  mock_resource "aws_ecs_cluster" {
    defaults = {
      arn = "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-sandbox"
    }
  }
}

variables {
  environment = "sandbox"
}

run "publishes_what_a_service_needs" {
  assert {
    condition     = aws_ssm_parameter.platform.name == "/delightful/sandbox/platform"
    error_message = "Services look for the parameter under this name."
  }

  assert {
    condition = toset(keys(jsondecode(aws_ssm_parameter.platform.insecure_value))) == toset([
      "vpc_id", "vpc_cidr_block", "public_subnet_ids", "private_subnet_ids", "egress_ip_addresses", "cluster_name", "cluster_arn",
    ])
    error_message = "The parameter must hold exactly what the outputs say."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.platform.insecure_value).private_subnet_ids == output.private_subnet_ids
    error_message = "Parameter and outputs must agree."
  }
}

run "spreads_over_the_zones_it_is_told" {
  command = plan

  variables {
    vpc_cidr                = "192.168.0.0/20"
    availability_zone_count = 4
  }

  assert {
    condition     = toset(aws_subnet.private[*].availability_zone) == toset(["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"])
    error_message = "Every zone must have a private subnet."
  }

  assert {
    condition     = length(toset(concat(aws_subnet.public[*].cidr_block, aws_subnet.private[*].cidr_block))) == 8
    error_message = "No two subnets may share a range."
  }
}

run "leaves_the_default_security_group_without_rules" {
  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "What names no security group must reach nothing."
  }
}

run "refuses_a_public_range" {
  command = plan

  variables {
    vpc_cidr = "8.8.0.0/16"
  }

  expect_failures = [var.vpc_cidr]
}

run "refuses_a_single_zone" {
  command = plan

  variables {
    availability_zone_count = 1
  }

  expect_failures = [var.availability_zone_count]
}

run "refuses_an_environment_with_a_hyphen" {
  command = plan

  variables {
    environment = "pre-production"
  }

  expect_failures = [var.environment]
}
