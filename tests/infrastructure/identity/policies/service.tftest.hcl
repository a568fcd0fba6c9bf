mock_provider "aws" {
  mock_data "aws_ssm_parameter" {
    defaults = {
      insecure_value = <<-JSON
        {
          "vpc_id": "vpc-1", "vpc_cidr_block": "10.20.0.0/16", "egress_ip_addresses": ["192.0.2.1"],
          "public_subnet_ids": ["subnet-1", "subnet-2"], "private_subnet_ids": ["subnet-3", "subnet-4"],
          "cluster_name": "delightful-staging",
          "cluster_arn": "arn:aws:ecs:eu-central-1:123456789012:cluster/delightful-staging"
        }
      JSON
    }
  }

  mock_data "aws_ecr_repository" {
    defaults = {
      arn            = "arn:aws:ecr:eu-central-1:123456789012:repository/hello"
      repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello"
    }
  }

  mock_resource "aws_lb" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/hello-staging/0123456789abcdef"
    }
  }

  mock_resource "aws_lb_listener" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/hello-staging/0123456789abcdef/1111111111111111"
    }
  }

  mock_resource "aws_lb_target_group" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/hello-staging-blue/0123456789abcdef"
    }
  }

  mock_resource "aws_db_instance" {
    defaults = {
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1-abc123", secret_status = "active", kms_key_id = "key" }]
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/hello-staging-task"
    }
  }
}

run "service" {
  variables {
    service                  = "hello"
    environment              = "staging"
    image_tag                = "1111111111111111111111111111111111111111"
    image_digest             = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
    permissions_boundary_arn = "<<boundary>>"
    database                 = { engine = "postgres" }
    cache                    = { engine = "redis" }
    secrets = {
      TOKEN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hello-abc123"
      KEY   = "arn:aws:ssm:eu-central-1:123456789012:parameter/hello/key"
    }
  }
}
