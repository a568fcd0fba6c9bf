output "url" {
  description = "Address of the primary, over TLS; it stays the same when a replica takes over."
  value       = "rediss://${aws_elasticache_replication_group.this.primary_endpoint_address}:${aws_elasticache_replication_group.this.port}/0"
}

output "port" {
  description = "Port that the nodes listen on."
  value       = aws_elasticache_replication_group.this.port
}

output "security_group_id" {
  description = "ID of the nodes' security group; it lets nobody in until a rule says so."
  value       = aws_security_group.this.id
}
