output "configuration_endpoint" {
  description = "Address and port at which a client learns of all nodes, over TLS."
  value       = aws_elasticache_cluster.this.configuration_endpoint
}

output "node_addresses" {
  description = "Address and port of each node, for clients that are given a list."
  value       = [for node in aws_elasticache_cluster.this.cache_nodes : "${node.address}:${node.port}"]
}

output "security_group_id" {
  description = "ID of the nodes' security group; it lets in the service's tasks alone."
  value       = aws_security_group.this.id
}
