mock_provider "aws" {}

variables {
  service = "hello"
}

run "keeps_every_tagged_image" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE"
    error_message = "A pushed tag must never name another image."
  }

  assert {
    condition     = alltrue([for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : rule.selection.tagStatus == "untagged"])
    error_message = "Tagged images are rollback targets: the lifecycle policy must not touch them."
  }

  assert {
    condition     = aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push && coalesce(aws_ecr_repository.this.force_delete, false) == false
    error_message = "Images are scanned when pushed, and a repository that holds images is not deleted."
  }
}

run "refuses_a_name_that_ecr_refuses" {
  command = plan

  variables {
    service = "hello--world"
  }

  expect_failures = [var.service]
}

run "refuses_to_expire_at_once" {
  command = plan

  variables {
    untagged_retention_days = 0
  }

  expect_failures = [var.untagged_retention_days]
}

run "makes_no_role_where_no_account_is_named" {
  command = plan

  assert {
    condition     = length(aws_iam_role.build) == 0 && length(aws_iam_role.propose) == 0 && length(aws_iam_role.drift) == 0 && length(aws_iam_role.deploy) == 0
    error_message = "Without an account there is nobody to trust."
  }
}

run "makes_the_roles_that_ci_takes_on" {
  variables {
    account_parameter_name    = "/delightful/account"
    pull_request_environments = ["staging"]
  }

  override_data {
    target = data.aws_ssm_parameter.account[0]
    values = {
      insecure_value = <<-JSON
        {
          "github_provider_arn": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
          "github_repository": "Acme/shop",
          "github_repository_id": "1001",
          "github_owner_id": "77",
          "github_subject_form": "names",
          "github_ref": "refs/heads/main",
          "role_path": "/delightful/",
          "worker_role_arns": {"staging": "arn:aws:iam::123456789012:role/delightful/delightful-staging-worker"},
          "artifact_bucket_arn": "arn:aws:s3:::delightful-artifacts-123456789012",
          "ledger_table_arn": "arn:aws:dynamodb:eu-central-1:123456789012:table/delightful-releases",
          "state_bucket_name": "delightful-state-123456789012",
          "lock_table_name": "delightful-locks",
          "analyzer_function_arn": "arn:aws:lambda:eu-central-1:123456789012:function:delightful-analyzer",
          "prefect_secret_names": {"staging": "delightful/staging/prefect-auth"}
        }
      JSON
    }
  }

  override_resource {
    target = aws_ecr_repository.this
    values = {
      arn = "arn:aws:ecr:eu-central-1:123456789012:repository/hello"
    }
  }

  assert {
    condition     = aws_iam_role.build[0].name == "hello-build" && aws_iam_role.deploy["staging"].name == "hello-staging-deploy"
    error_message = "The worker's policy names deploy roles by this pattern."
  }

  assert {
    condition     = length(aws_iam_role.comment) == 0
    error_message = "Where no function comments, there is no role to call it."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.build[0].policy).Statement : statement if contains(statement.Action, "s3:PutObject") && statement.Resource == ["arn:aws:s3:::delightful-artifacts-123456789012/attestations/hello/*"]]) == 1
    error_message = "Who builds writes down what images are made of, for its own service alone."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.deploy["staging"].policy).Statement : statement if contains(statement.Action, "s3:PutObject") && strcontains(join(" ", statement.Resource), "/attestations/")]) == 0
    error_message = "Who deploys reads what vouches for an image and never writes it."
  }

  assert {
    condition     = aws_iam_role.build[0].path == "/delightful/"
    error_message = "The identity lies under one path, which apply roles are denied."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.propose[0].policy, "delightful/staging/prefect-auth-??????")
    error_message = "A pull request asks the Prefect servers that are named, and no others."
  }
}

run "refuses_what_is_no_environment" {
  command = plan

  variables {
    pull_request_environments = ["*"]
  }

  expect_failures = [var.pull_request_environments]
}

run "lets_a_forks_comment_call_one_function" {
  variables {
    account_parameter_name = "/delightful/account"
  }

  override_data {
    target = data.aws_ssm_parameter.account[0]
    values = {
      insecure_value = <<-JSON
        {
          "github_provider_arn": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
          "github_repository": "Acme/shop",
          "github_repository_id": "1001",
          "github_owner_id": "77",
          "github_subject_form": "names",
          "github_ref": "refs/heads/main",
          "role_path": "/delightful/",
          "worker_role_arns": {"staging": "arn:aws:iam::123456789012:role/delightful/delightful-staging-worker"},
          "artifact_bucket_arn": "arn:aws:s3:::delightful-artifacts-123456789012",
          "ledger_table_arn": "arn:aws:dynamodb:eu-central-1:123456789012:table/delightful-releases",
          "state_bucket_name": "delightful-state-123456789012",
          "lock_table_name": "delightful-locks",
          "analyzer_function_arn": "arn:aws:lambda:eu-central-1:123456789012:function:delightful-analyzer",
          "commenter_function_arn": "arn:aws:lambda:eu-central-1:123456789012:function:delightful-commenter",
          "prefect_secret_names": {"staging": "delightful/staging/prefect-auth"}
        }
      JSON
    }
  }

  override_resource {
    target = aws_ecr_repository.this
    values = {
      arn = "arn:aws:ecr:eu-central-1:123456789012:repository/hello"
    }
  }

  assert {
    condition     = aws_iam_role.comment[0].name == "hello-comment" && aws_iam_role.comment[0].path == "/delightful/"
    error_message = "The workflow names the role by this pattern."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.comment[0].policy).Statement == [{
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = ["arn:aws:lambda:eu-central-1:123456789012:function:delightful-commenter"]
    }]
    error_message = "Who reads what a fork left may call the function that comments, and nothing else."
  }
}

run "refuses_a_repository_without_its_number" {
  command = plan

  variables {
    github_repository = "Acme/hello"
  }

  expect_failures = [var.github_repository_id, var.github_owner_id]
}
