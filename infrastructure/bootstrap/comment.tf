# Keeps one comment on a pull request. It alone may read GitHub's token, and reads nothing else: not
# the code that was analyzed, no state and no record.

locals {
  commenter_name  = "${var.name}-commenter"
  comments        = var.github_token_secret_arn != ""
  commenter_count = local.comments ? 1 : 0
}

resource "aws_cloudwatch_log_group" "commenter" {
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own, docs/decisions/0006
  #checkov:skip=CKV_AWS_338:analyzer_log_retention_days is for the account to choose; what was said stands on the pull request
  count = local.commenter_count

  name              = "/aws/lambda/${local.commenter_name}"
  retention_in_days = var.analyzer_log_retention_days
  tags              = local.tags
}

resource "aws_lambda_function" "commenter" {
  #checkov:skip=CKV_AWS_50:the flow run that calls it keeps how long it took and what it answered
  #checkov:skip=CKV_AWS_115:accounts start with too few concurrent executions to set any aside; only deploy roles call it
  #checkov:skip=CKV_AWS_116:it is called and waited for: who calls it hears of its failure
  #checkov:skip=CKV_AWS_117:it reads one secret, asks GitHub and reaches nothing inside a network
  #checkov:skip=CKV_AWS_173:its environment names a repository and a secret, and holds none
  #checkov:skip=CKV_AWS_272:who may change the function applies this root as well, and would sign what they upload
  count = local.commenter_count

  function_name    = local.commenter_name
  description      = "Keeps one comment with the recommendation on a pull request"
  role             = aws_iam_role.commenter[0].arn
  handler          = "analyzer.lambda_functions.comment"
  runtime          = var.analyzer_runtime
  architectures    = ["x86_64"]
  filename         = var.analyzer_package_path
  source_code_hash = filebase64sha256(var.analyzer_package_path)
  memory_size      = 512
  # Three attempts, with the waits between them that GitHub asks for.
  timeout = 240
  tags    = local.tags

  environment {
    variables = {
      GITHUB_REPOSITORY       = var.github_repository
      GITHUB_TOKEN_SECRET_ARN = var.github_token_secret_arn
      GITHUB_API_URL          = var.github_api_url
      GITHUB_SERVER_URL       = var.github_server_url
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.commenter[0].name
  }

  depends_on = [aws_iam_role_policy.commenter]
}

resource "aws_iam_role" "commenter" {
  count = local.commenter_count

  name        = local.commenter_name
  path        = local.path
  description = "Reads GitHub's token and comments on pull requests"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "commenter" {
  count = local.commenter_count

  name = "comment"
  role = aws_iam_role.commenter[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [var.github_token_secret_arn]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${trimsuffix(aws_cloudwatch_log_group.commenter[0].arn, ":*")}:*"]
      },
      {
        # What it says comes with the call: neither code nor state nor record is its business.
        Effect   = "Deny"
        Action   = ["dynamodb:*", "s3:*"]
        Resource = ["*"]
      },
    ]
  })
}
