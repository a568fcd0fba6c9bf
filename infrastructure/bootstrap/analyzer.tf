# Reads a commit's archive and writes what it recommends; holds no other door, but the key of a model
# where one is asked.

locals {
  analyzer_asks_model = var.analyzer_model_key_arn != ""
}

resource "aws_cloudwatch_log_group" "analyzer" {
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own, docs/decisions/0006
  #checkov:skip=CKV_AWS_338:analyzer_log_retention_days is for the account to choose; what was recommended lies in the artifact bucket
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = var.analyzer_log_retention_days
  tags              = local.tags
}

resource "aws_lambda_function" "analyzer" {
  #checkov:skip=CKV_AWS_50:the flow run that calls it keeps how long it took and what it answered
  #checkov:skip=CKV_AWS_115:accounts start with too few concurrent executions to set any aside; only deploy roles call it
  #checkov:skip=CKV_AWS_116:it is called and waited for: who calls it hears of its failure
  #checkov:skip=CKV_AWS_117:it reads and writes one bucket and reaches nothing inside a network
  #checkov:skip=CKV_AWS_173:its variables name a secret and a model; AWS encrypts them with a key of its own
  #checkov:skip=CKV_AWS_272:who may change the function applies this root as well, and would sign what they upload
  function_name    = local.function_name
  description      = "Reads a repository at one commit and recommends what the service needs"
  role             = aws_iam_role.analyzer.arn
  handler          = "analyzer.lambda_functions.analyze"
  runtime          = var.analyzer_runtime
  architectures    = ["x86_64"]
  filename         = var.analyzer_package_path
  source_code_hash = filebase64sha256(var.analyzer_package_path)
  memory_size      = var.analyzer_memory_mib
  timeout          = var.analyzer_timeout_seconds
  tags             = local.tags

  dynamic "environment" {
    for_each = local.analyzer_asks_model ? [1] : []

    content {
      variables = {
        ANALYZER_MODEL         = var.analyzer_model
        ANALYZER_MODEL_KEY_ARN = var.analyzer_model_key_arn
      }
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.analyzer.name
  }

  depends_on = [aws_iam_role_policy.analyzer, aws_iam_role_policy.analyzer_model]
}

resource "aws_iam_role" "analyzer" {
  name        = local.function_name
  path        = local.path
  description = "Reads archives and writes recommendations"
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

resource "aws_iam_role_policy" "analyzer" {
  name = "analyze"
  role = aws_iam_role.analyzer.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [for kind in ["sources", "proposed"] : "${local.artifact_bucket_arn}/${kind}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.artifact_bucket_arn}/generated/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${trimsuffix(aws_cloudwatch_log_group.analyzer.arn, ":*")}:*"]
      },
      {
        # It reads code that nobody has reviewed: states and records are never its business.
        Effect = "Deny"
        Action = ["dynamodb:*", "s3:*"]
        Resource = [
          local.state_bucket_arn,
          "${local.state_bucket_arn}/*",
          local.lock_table_arn,
          "${local.lock_table_arn}/*",
          local.ledger_table_arn,
          "${local.ledger_table_arn}/*",
        ]
      },
    ]
  })
}

resource "aws_iam_role_policy" "analyzer_model" {
  count = local.analyzer_asks_model ? 1 : 0

  name = "ask-model"
  role = aws_iam_role.analyzer.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = [var.analyzer_model_key_arn]
    }]
  })
}
