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
