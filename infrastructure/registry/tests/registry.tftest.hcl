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
