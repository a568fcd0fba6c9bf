output "address" {
  description = "Host name of the database; it stays the same when the standby takes over."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port that the database listens on."
  value       = aws_db_instance.this.port
}

output "database_name" {
  description = "Name of the database in the instance."
  value       = aws_db_instance.this.db_name
}

output "secret_arn" {
  description = "ARN of the secret with the JSON keys username and password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "security_group_id" {
  description = "ID of the database's security group; it lets nobody in until a rule says so."
  value       = aws_security_group.this.id
}
