locals {
  port = 11211
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

resource "aws_elasticache_parameter_group" "this" {
  name        = var.name
  description = "Parameters of ${var.name}"
  family      = "memcached1.6"
  tags        = var.tags
}

resource "aws_security_group" "this" {
  name        = "${var.name}-memcached"
  description = "Memcached nodes of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  security_group_id            = aws_security_group.this.id
  description                  = "Tasks of the service"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
  tags                         = var.tags
}

# No password: Memcached of ElastiCache knows none. The security group decides who may connect.
resource "aws_elasticache_cluster" "this" {
  cluster_id                 = var.name
  engine                     = "memcached"
  engine_version             = "1.6.22"
  node_type                  = var.node_type
  num_cache_nodes            = var.node_count
  az_mode                    = var.node_count > 1 ? "cross-az" : "single-az"
  port                       = local.port
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  security_group_ids         = [aws_security_group.this.id]
  transit_encryption_enabled = true
  apply_immediately          = true
  tags                       = var.tags
}
