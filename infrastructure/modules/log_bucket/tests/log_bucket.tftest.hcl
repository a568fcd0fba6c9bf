mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "123456789012"
    }
  }

  mock_resource "aws_s3_bucket" {
    defaults = {
      arn = "arn:aws:s3:::delightful-staging-logs-123456789012"
    }
  }
}

variables {
  name_prefix    = "delightful-staging"
  retention_days = 90
  tags           = {}
}

run "lets_the_two_log_services_of_this_account_write" {
  assert {
    condition = [
      for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Principal.Service
      if statement.Effect == "Allow" && statement.Action == "s3:PutObject"
    ] == ["logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com"]
    error_message = "Nobody else writes logs."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement :
      statement.Condition.StringEquals["aws:SourceAccount"] == "123456789012"
      if statement.Effect == "Allow"
    ])
    error_message = "Other accounts' load balancers have buckets of their own."
  }
}

run "is_closed_encrypted_and_named_after_its_account" {
  assert {
    condition     = aws_s3_bucket.this.bucket == "delightful-staging-logs-123456789012" && coalesce(aws_s3_bucket.this.force_destroy, false) == false
    error_message = "The name is free in every account, and the logs are not thrown away with the bucket."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "Logs are never public."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Condition.Bool["aws:SecureTransport"]
      if statement.Effect == "Deny"
    ]) == "false"
    error_message = "Nobody reads logs without TLS."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Access logs are written with Amazon's own key only."
  }
}

run "forgets_logs_by_age" {
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[0].expiration[0].days == 90
    error_message = "Logs are kept as long as asked for."
  }
}

run "refuses_to_keep_nothing" {
  command = plan

  variables {
    retention_days = 0
    name_prefix    = "Delightful"
  }

  expect_failures = [var.retention_days, var.name_prefix]
}
