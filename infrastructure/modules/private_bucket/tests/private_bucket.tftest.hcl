mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = {
      arn = "arn:aws:s3:::delightful-state-123456789012"
    }
  }
}

variables {
  name          = "delightful-state-123456789012"
  force_destroy = false
  tags          = {}
}

run "keeps_versions_and_keeps_out_the_public" {
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Every version of an object is kept."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "No setting may open the bucket to the public."
  }

  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.this.rule).expiration == tolist([])
    error_message = "Nothing that was written is ever expired."
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["TlsOnly"]
    error_message = "Plain HTTP is refused, whoever asks."
  }
}

run "keeps_versions_from_the_roles_that_are_named" {
  variables {
    version_keeper_role_arns = ["arn:aws:iam::123456789012:role/delightful/delightful-staging-apply"]
  }

  assert {
    condition     = contains(jsondecode(aws_s3_bucket_policy.this.policy).Statement[1].Action, "s3:DeleteObjectVersion")
    error_message = "A version of the state is removed by no role that writes states."
  }
}

run "refuses_a_name_with_dots" {
  command = plan

  variables {
    name = "delightful.state"
  }

  expect_failures = [var.name]
}
