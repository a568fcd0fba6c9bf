mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "123456789012"
    }
  }

  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }

  mock_data "aws_region" {
    defaults = {
      name = "eu-central-1"
    }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/delightful-analyzer"
    }
  }

  mock_resource "aws_dynamodb_table" {
    defaults = {
      arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/delightful-releases"
    }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn = "arn:aws:lambda:eu-central-1:123456789012:function:delightful-analyzer"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/delightful/delightful-analyzer"
    }
  }

  override_resource {
    target = aws_iam_role.worker["staging"]
    values = {
      arn = "arn:aws:iam::123456789012:role/delightful/delightful-staging-worker"
    }
  }

  override_resource {
    target = aws_iam_role.worker["production"]
    values = {
      arn = "arn:aws:iam::123456789012:role/delightful/delightful-production-worker"
    }
  }

  override_resource {
    target = module.state_bucket.aws_s3_bucket.this
    values = {
      arn = "arn:aws:s3:::delightful-state-123456789012"
    }
  }

  override_resource {
    target = module.artifact_bucket.aws_s3_bucket.this
    values = {
      arn = "arn:aws:s3:::delightful-artifacts-123456789012"
    }
  }
}

variables {
  github_repository     = "Acme/shop"
  github_repository_id  = "1001"
  github_owner_id       = "77"
  analyzer_package_path = "main.tf"
}

run "names" {
}

run "ids" {
  variables {
    github_subject_form = "ids"
  }
}
