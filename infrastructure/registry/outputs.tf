output "repository_name" {
  description = "Name of the image repository."
  value       = aws_ecr_repository.this.name
}

output "repository_url" {
  description = "Address of the image repository, without tag or digest."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "ARN of the image repository."
  value       = aws_ecr_repository.this.arn
}

output "build_role_arn" {
  description = "ARN of the role that CI pushes images with; absent where no account is named."
  value       = one(aws_iam_role.build[*].arn)
}

output "propose_role_arn" {
  description = "ARN of the role that pull requests leave their files with; absent where no account is named."
  value       = one(aws_iam_role.propose[*].arn)
}

output "drift_role_arn" {
  description = "ARN of the role that looks for drift; absent where no account is named."
  value       = one(aws_iam_role.drift[*].arn)
}

output "deploy_role_arns" {
  description = "ARN of the role that rolls the service out, for each environment."
  value       = { for name, role in aws_iam_role.deploy : name => role.arn }
}
