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

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/delightful/mocked"
    }
  }
}

variables {
  github_repository     = "Acme/shop"
  github_repository_id  = "1001"
  github_owner_id       = "77"
  analyzer_package_path = "tests/bootstrap.tftest.hcl"
}

run "keeps_state_and_records" {
  command = plan

  assert {
    condition     = module.state_bucket.name == "delightful-state-123456789012" && module.artifact_bucket.name == "delightful-artifacts-123456789012"
    error_message = "Bucket names carry the account, since they are unique in the whole of AWS."
  }

  assert {
    condition     = aws_dynamodb_table.locks.hash_key == "LockID" && aws_dynamodb_table.ledger.hash_key == "stream" && aws_dynamodb_table.ledger.range_key == "item"
    error_message = "Terraform and the release ledger look for these keys."
  }

  assert {
    condition     = alltrue([for table in [aws_dynamodb_table.locks, aws_dynamodb_table.ledger] : table.point_in_time_recovery[0].enabled && table.deletion_protection_enabled])
    error_message = "A table can be restored to any second, and is not deleted by mistake."
  }
}

run "makes_a_provider_without_thumbprints" {
  command = plan

  assert {
    condition     = aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    error_message = "Tokens are GitHub's, and meant for AWS."
  }
}

run "makes_no_second_provider" {
  command = plan

  variables {
    create_github_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account can have one provider for GitHub."
  }
}

run "gives_each_environment_its_roles" {
  variables {
    environments = ["qa", "live"]
  }

  assert {
    condition = alltrue([
      for resource in [aws_iam_role.apply, aws_iam_role.worker, aws_iam_policy.boundary] : toset(keys(resource)) == toset(["qa", "live"])
    ])
    error_message = "Every environment has an apply role, a worker role and a boundary."
  }

  assert {
    condition     = alltrue([for role in concat([aws_iam_role.plan, aws_iam_role.analyzer], values(aws_iam_role.apply), values(aws_iam_role.worker)) : role.path == "/delightful/"])
    error_message = "The identity lies under one path, which apply roles are denied."
  }

  assert {
    condition     = jsondecode(aws_ssm_parameter.account.insecure_value).worker_role_arns.qa == "arn:aws:iam::123456789012:role/delightful/delightful-qa-worker"
    error_message = "Roots that make roles for CI read the workers' ARNs here."
  }
}

run "lets_go_where_it_is_told_to" {
  command = plan

  variables {
    deletion_protection = false
  }

  assert {
    condition     = !aws_dynamodb_table.ledger.deletion_protection_enabled
    error_message = "An account that is only tried out can be cleared."
  }
}

run "runs_the_entry_point_of_the_zip" {
  command = plan

  assert {
    condition     = aws_lambda_function.analyzer.handler == "analyzer.lambda_functions.analyze"
    error_message = "The zip's entry point bears this name."
  }
}

run "asks_no_model_without_a_key" {
  command = plan

  assert {
    condition     = length(aws_lambda_function.analyzer.environment) == 0 && length(aws_iam_role_policy.analyzer_model) == 0
    error_message = "Nobody asked for a model, so the function may read no secret."
  }
}

run "reads_the_one_secret_that_it_is_told" {
  command = plan

  variables {
    analyzer_model_key_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:analyzer-model-key-AbCdEf"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.analyzer_model[0].policy).Statement[0].Resource == [var.analyzer_model_key_arn]
    error_message = "The key's secret, and no other."
  }

  assert {
    condition     = aws_lambda_function.analyzer.environment[0].variables["ANALYZER_MODEL_KEY_ARN"] == var.analyzer_model_key_arn
    error_message = "The function finds the secret by this variable."
  }
}

run "refuses_a_key_in_place_of_its_secret" {
  command = plan

  variables {
    analyzer_model_key_arn = "sk-ant-something"
  }

  expect_failures = [var.analyzer_model_key_arn]
}

run "comments_only_where_a_token_is_named" {
  command = plan

  assert {
    condition     = length(aws_lambda_function.commenter) == 0 && length(aws_iam_role.commenter) == 0
    error_message = "Without a token there is nothing that comments, and no role that could."
  }

  assert {
    condition     = output.commenter_function_name == null
    error_message = "What is not there has no name."
  }
}

run "comments_in_a_role_of_its_own" {
  command = apply

  variables {
    github_token_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-comments-AbCdEf"
  }

  assert {
    condition     = aws_lambda_function.commenter[0].handler == "analyzer.lambda_functions.comment"
    error_message = "The zip's second entry point bears this name."
  }

  assert {
    condition     = aws_iam_role.commenter[0].name != aws_iam_role.analyzer.name && aws_iam_role.commenter[0].path == "/delightful/"
    error_message = "What reads code and what holds the token are two roles, under the path that apply roles are denied."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.commenter[0].policy).Statement : statement.Resource
      if statement.Effect == "Allow" && contains(statement.Action, "secretsmanager:GetSecretValue")
    ] == [["arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-comments-AbCdEf"]]
    error_message = "It reads this one secret."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.commenter[0].policy).Statement : statement.Effect == "Deny"
      if anytrue([for action in statement.Action : startswith(action, "s3:") || startswith(action, "dynamodb:")])
    ])
    error_message = "It never sees code, states or records."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.analyzer.policy, "secretsmanager")
    error_message = "What reads code reads no secret."
  }

  assert {
    condition     = aws_lambda_function.commenter[0].environment[0].variables.GITHUB_REPOSITORY == "Acme/shop"
    error_message = "It comments in the account's repository, whoever calls it."
  }
}

run "refuses_a_token_that_is_no_single_secret" {
  command = plan

  variables {
    github_token_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:*"
  }

  expect_failures = [var.github_token_secret_arn]
}

run "refuses_an_address_without_encryption" {
  command = plan

  variables {
    github_api_url    = "http://github.example/api/v3"
    github_server_url = "http://github.example"
  }

  expect_failures = [var.github_api_url, var.github_server_url]
}

run "refuses_a_package_that_is_not_there" {
  command = plan

  variables {
    analyzer_package_path = "tests/absent.zip"
  }

  expect_failures = [var.analyzer_package_path]
}

run "refuses_a_wildcard_repository" {
  command = plan

  variables {
    github_repository = "Acme/*"
  }

  expect_failures = [var.github_repository]
}

run "refuses_an_environment_that_would_own_our_buckets" {
  command = plan

  variables {
    environments = ["state"]
  }

  expect_failures = [var.environments]
}

run "refuses_one_bucket_for_both" {
  command = plan

  variables {
    state_bucket_name    = "acme-delightful"
    artifact_bucket_name = "acme-delightful"
  }

  expect_failures = [var.artifact_bucket_name]
}
