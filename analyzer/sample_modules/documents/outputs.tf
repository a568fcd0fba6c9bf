output "address" {
  description = "Host name of the primary; it stays the same when a replica takes over."
  value       = aws_docdb_cluster.this.endpoint
}

output "reader_address" {
  description = "Host name that spreads reads over the replicas."
  value       = aws_docdb_cluster.this.reader_endpoint
}

output "port" {
  description = "Port that the cluster listens on."
  value       = aws_docdb_cluster.this.port
}

output "secret_arn" {
  description = "ARN of the secret with the JSON keys username and password."
  value       = aws_docdb_cluster.this.master_user_secret[0].secret_arn
}

output "security_group_id" {
  description = "ID of the cluster's security group; it lets in the service's tasks alone."
  value       = aws_security_group.this.id
}
