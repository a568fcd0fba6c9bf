mock_provider "aws" {}

variables {
  partition         = "aws"
  region            = "eu-central-1"
  account_id        = "123456789012"
  name              = "delightful"
  state_bucket_name = "delightful-state-123456789012"
}

run "reads_and_changes_nothing" {
  assert {
    condition = alltrue([
      for action in flatten([for statement in output.statements : statement.Action]) : can(regex("^[a-z0-9-]+:(BatchGet|Describe|Get|List)", action))
    ])
    error_message = "Whoever reads changes nothing."
  }

  assert {
    condition     = !contains(flatten([for statement in output.statements : statement.Action]), "secretsmanager:GetSecretValue")
    error_message = "No value of a secret is read."
  }
}

run "refuses_a_wildcard_for_a_name" {
  command = plan

  variables {
    name = "*"
  }

  expect_failures = [var.name]
}
