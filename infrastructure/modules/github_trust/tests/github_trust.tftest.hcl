mock_provider "aws" {}

variables {
  provider_arn  = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  repository    = "Acme/shop"
  repository_id = "1001"
  owner_id      = "77"
  subject_form  = "names"
  context       = "environment:staging"
  ref           = "refs/heads/main"
}

run "pins_every_claim_to_one_value" {
  assert {
    condition = jsondecode(output.policy).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub"           = "repo:Acme/shop:environment:staging"
        "token.actions.githubusercontent.com:repository_id" = "1001"
        "token.actions.githubusercontent.com:ref"           = "refs/heads/main"
      }
    }
    error_message = "Audience, subject, repository id and ref are compared by StringEquals, and nothing else is."
  }

  assert {
    condition     = length(jsondecode(output.policy).Statement) == 1
    error_message = "Nobody else is trusted unless roles are named."
  }
}

run "writes_the_ids_where_the_repository_has_them" {
  variables {
    subject_form = "ids"
  }

  assert {
    condition     = jsondecode(output.policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:Acme@77/shop@1001:environment:staging"
    error_message = "The newer form names owner and repository with their numbers."
  }
}

run "trusts_the_roles_that_are_named" {
  variables {
    role_arns = ["arn:aws:iam::123456789012:role/delightful/delightful-staging-worker"]
  }

  assert {
    condition     = jsondecode(output.policy).Statement[1].Principal.AWS == ["arn:aws:iam::123456789012:role/delightful/delightful-staging-worker"]
    error_message = "The worker assumes the role under its own ARN."
  }
}

run "refuses_a_wildcard_repository" {
  command = plan

  variables {
    repository = "Acme/*"
  }

  expect_failures = [var.repository]
}

run "refuses_a_wildcard_context" {
  command = plan

  variables {
    context = "ref:refs/heads/*"
  }

  expect_failures = [var.context]
}

run "refuses_an_environment_without_a_ref" {
  command = plan

  variables {
    ref = ""
  }

  expect_failures = [var.ref]
}

run "refuses_both_subject_forms_at_once" {
  command = plan

  variables {
    subject_form = "both"
  }

  expect_failures = [var.subject_form]
}
