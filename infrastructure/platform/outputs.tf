output "vpc_id" {
  description = "ID of the VPC."
  value       = local.platform.vpc_id
}

output "vpc_cidr_block" {
  description = "IPv4 range of the VPC."
  value       = local.platform.vpc_cidr_block
}

output "public_subnet_ids" {
  description = "IDs of the subnets with a route to the internet gateway, one per availability zone."
  value       = local.platform.public_subnet_ids
}

output "private_subnet_ids" {
  description = "IDs of the subnets that reach out only through a NAT gateway, one per availability zone."
  value       = local.platform.private_subnet_ids
}

output "egress_ip_addresses" {
  description = "Public addresses that the private subnets are seen under."
  value       = local.platform.egress_ip_addresses
}

output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = local.platform.cluster_name
}

output "cluster_arn" {
  description = "ARN of the ECS cluster."
  value       = local.platform.cluster_arn
}

output "log_bucket" {
  description = "Name of the bucket of access logs and flow logs; absent where none are kept."
  value       = local.platform.log_bucket
}

output "prefect" {
  description = "Address, credential, work pool and roles of the Prefect control plane; absent where there is none."
  value       = local.platform.prefect
}
