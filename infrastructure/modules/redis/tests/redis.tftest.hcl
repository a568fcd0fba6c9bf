mock_provider "aws" {
  mock_resource "aws_elasticache_replication_group" {
    defaults = {
      primary_endpoint_address = "master.messages.example.test"
    }
  }
}

variables {
  name                    = "delightful-staging-messages"
  vpc_id                  = "vpc-1"
  subnet_ids              = ["subnet-1", "subnet-2"]
  maxmemory_policy        = "noeviction"
  node_type               = "cache.t4g.micro"
  node_count              = 1
  snapshot_retention_days = 1
  tags                    = {}
}

run "encrypts_what_it_holds_and_says" {
  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_mode == "required" && aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true"
    error_message = "Messages are encrypted on the way and at rest."
  }

  assert {
    condition     = output.url == "rediss://master.messages.example.test:6379/0"
    error_message = "Clients must use TLS."
  }
}

run "forgets_no_message" {
  command = plan

  assert {
    condition     = one(aws_elasticache_parameter_group.this.parameter[*].value) == "noeviction"
    error_message = "A full broker must refuse, not forget."
  }
}

run "makes_room_where_it_may" {
  command = plan

  variables {
    maxmemory_policy = "volatile-lru"
  }

  assert {
    condition     = one(aws_elasticache_parameter_group.this.parameter[*].value) == "volatile-lru"
    error_message = "A full cache forgets what was to end anyway."
  }
}

run "survives_a_zone_with_two_nodes" {
  command = plan

  variables {
    node_count = 2
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "The second node must take over, from another zone."
  }
}

run "refuses_sizes_and_counts_that_elasticache_lacks" {
  command = plan

  variables {
    name                    = "messages_1"
    maxmemory_policy        = "lru"
    node_type               = "db.t4g.micro"
    node_count              = 0
    snapshot_retention_days = 36
    subnet_ids              = ["subnet-1"]
  }

  expect_failures = [var.name, var.maxmemory_policy, var.node_type, var.node_count, var.snapshot_retention_days, var.subnet_ids]
}
