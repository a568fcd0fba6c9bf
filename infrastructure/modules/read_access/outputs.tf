output "statements" {
  description = "Statements of a policy."
  value = [
    {
      Effect   = "Allow"
      Action   = local.actions
      Resource = ["*"]
    },
    {
      Effect   = "Allow"
      Action   = ["ssm:GetParameter", "ssm:GetParameters"]
      Resource = ["arn:${var.partition}:ssm:${var.region}:${var.account_id}:parameter/delightful/*"]
    },
    {
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = ["arn:${var.partition}:s3:::${var.state_bucket_name}", "arn:${var.partition}:s3:::${var.name}-*"]
    },
  ]
}
