mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    defaults = {
      arn = "arn:aws:dynamodb:us-east-1:123456789012:table/shop-staging"
    }
  }
}

variables {
  name           = "shop-staging"
  partition_key  = { name = "id", type = "S" }
  task_role_name = "shop-staging-task"
  tags           = {}
}

run "is_encrypted_protected_and_restorable" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled && one(aws_dynamodb_table.this.server_side_encryption[*].enabled) && one(aws_dynamodb_table.this.point_in_time_recovery[*].enabled)
    error_message = "The table is encrypted, protected and can be taken back."
  }
}

run "lets_the_service_use_this_table_alone" {
  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource == ["arn:aws:dynamodb:us-east-1:123456789012:table/shop-staging", "arn:aws:dynamodb:us-east-1:123456789012:table/shop-staging/index/*"]
    error_message = "The role may use this table and its indexes only."
  }
}

run "refuses_what_dynamodb_lacks" {
  command = plan

  variables {
    partition_key = { name = "id", type = "JSON" }
    recovery_days = 36
  }

  expect_failures = [var.partition_key, var.recovery_days]
}
