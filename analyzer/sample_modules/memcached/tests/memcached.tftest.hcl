mock_provider "aws" {}

variables {
  name                     = "shop-staging"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2"]
  client_security_group_id = "sg-1"
  node_type                = "cache.t4g.small"
  node_count               = 2
  tags                     = {}
}

run "is_encrypted_spread_and_closed" {
  command = plan

  assert {
    condition     = aws_elasticache_cluster.this.transit_encryption_enabled && aws_elasticache_cluster.this.az_mode == "cross-az"
    error_message = "Clients must use TLS, and the nodes stand in more than one zone."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.client.from_port == 11211
    error_message = "The service's tasks alone are let in."
  }
}

run "refuses_what_elasticache_lacks" {
  command = plan

  variables {
    node_count = 41
    node_type  = "db.t4g.small"
  }

  expect_failures = [var.node_count, var.node_type]
}
