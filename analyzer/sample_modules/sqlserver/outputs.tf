output "address" {
  description = "Host name of the instance; it stays the same when the standby takes over."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port that the instance listens on."
  value       = aws_db_instance.this.port
}

output "secret_arn" {
  description = "ARN of the secret with the JSON keys username and password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "security_group_id" {
  description = "ID of the instance's security group; it lets in the service's tasks alone."
  value       = aws_security_group.this.id
}
