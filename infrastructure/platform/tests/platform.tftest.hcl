mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
    }
  }

  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "123456789012"
    }
  }

  mock_data "aws_secretsmanager_secret" {
    defaults = {
      arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:delightful/staging/prefect-auth-AbCdEf"
    }
  }

  mock_resource "aws_s3_bucket" {
    defaults = {
      arn = "arn:aws:s3:::delightful-staging-logs-123456789012"
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
      "log_bucket", "prefect",
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

run "makes_only_what_it_is_asked_for" {
  command = plan

  assert {
    condition     = length(module.control_plane) == 0 && length(module.log_bucket) == 0 && length(aws_vpc_endpoint.interface) == 0 && length(aws_flow_log.this) == 0
    error_message = "Control plane, logs and interface endpoints cost money: without being asked for there are none."
  }

  assert {
    condition     = length(aws_subnet.private) == 3 && length(aws_nat_gateway.this) == 1 && keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"]
    error_message = "By default there are three zones, one way out and the endpoints that cost nothing."
  }
}

run "gives_every_zone_its_own_way_out" {
  variables {
    nat_gateway_per_zone = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(distinct(aws_route_table_association.private[*].route_table_id)) == length(distinct(aws_route_table.private[*].id))
    error_message = "Each private subnet leaves through its own zone."
  }

  assert {
    condition     = length(output.egress_ip_addresses) == 3
    error_message = "Services must know every address that they may be seen under."
  }
}

run "reaches_aws_inside_the_network" {
  command = plan

  variables {
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs"]
  }

  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["ecr.api", "ecr.dkr", "logs"] && alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled]) && aws_vpc.this.enable_dns_hostnames
    error_message = "The named services answer under their usual names."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints[0].cidr_ipv4 == "10.20.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints[0].to_port == 443
    error_message = "Only the VPC reaches them."
  }
}

run "refuses_endpoints_that_help_nobody" {
  command = plan

  variables {
    interface_endpoints = ["ecr.api", "everything"]
  }

  expect_failures = [var.interface_endpoints]
}

run "refuses_flow_logs_without_a_place" {
  command = plan

  variables {
    flow_logs_enabled = true
  }

  expect_failures = [var.flow_logs_enabled]
}

run "refuses_a_control_plane_without_images_and_role" {
  command = plan

  variables {
    environment = "staging"
    prefect     = {}
  }

  expect_failures = [var.prefect_images, var.flow_task_role_arn]
}
