output "state_bucket_name" {
  description = "Name of the bucket of the Terraform states."
  value       = module.state_bucket.name
}

output "lock_table_name" {
  description = "Name of the table of the Terraform state locks."
  value       = aws_dynamodb_table.locks.name
}

output "ledger_table_name" {
  description = "Name of the table of the release ledger."
  value       = aws_dynamodb_table.ledger.name
}

output "artifact_bucket_name" {
  description = "Name of the bucket of archives, recommendations and results."
  value       = module.artifact_bucket.name
}

output "account_parameter_name" {
  description = "Name of the SSM parameter that roots read which make roles for CI."
  value       = aws_ssm_parameter.account.name
}

output "analyzer_function_name" {
  description = "Name of the analyzer's Lambda function."
  value       = aws_lambda_function.analyzer.function_name
}

output "commenter_function_name" {
  description = "Name of the Lambda function that comments on pull requests; absent where no token is named."
  value       = one(aws_lambda_function.commenter[*].function_name)
}

output "plan_role_arn" {
  description = "ARN of the role that pull requests plan with."
  value       = aws_iam_role.plan.arn
}

output "apply_role_arns" {
  description = "ARN of the role that applies each environment."
  value       = { for name, role in aws_iam_role.apply : name => role.arn }
}

output "worker_role_arns" {
  description = "ARN of the role that each environment's flow runs have."
  value       = { for name, role in aws_iam_role.worker : name => role.arn }
}

output "boundary_arns" {
  description = "ARN of the permissions boundary of each environment, which `permissions_boundary_arn` of its roots must name."
  value       = { for name, policy in aws_iam_policy.boundary : name => policy.arn }
}
