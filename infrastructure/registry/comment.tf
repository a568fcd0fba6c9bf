# Puts on a pull request what a fork's run recommended. The job that takes it on reads what an
# attacker may have written: it can call the function that comments, and nothing else.

locals {
  commenter_function_arn = try(local.account.commenter_function_arn, null)
  comment_count          = local.commenter_function_arn == null ? 0 : 1
}

resource "aws_iam_role" "comment" {
  count = local.comment_count

  name        = "${var.service}-comment"
  path        = local.account.role_path
  description = "Comments on pull requests of forks for ${var.service}"
  # The workflow runs on the branch that the build runs on.
  assume_role_policy = module.build_trust[0].policy
  tags               = local.tags
}

resource "aws_iam_role_policy" "comment" {
  count = local.comment_count

  name = "call-the-commenter"
  role = aws_iam_role.comment[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [local.commenter_function_arn]
    }]
  })
}
