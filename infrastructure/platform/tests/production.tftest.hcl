# What staging may do and production may not.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = {
      names = ["us-east-1a", "us-east-1b", "us-east-1c"]
    }
  }

  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "123456789012"
    }
  }

  mock_data "aws_secretsmanager_secret" {
    defaults = {
      arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:delightful/production/prefect-auth-AbCdEf"
    }
  }

  override_resource {
    target          = aws_ecs_cluster.this
    override_during = plan
    values = {
      arn = "arn:aws:ecs:us-east-1:123456789012:cluster/delightful-production"
    }
  }
}

variables {
  environment               = "production"
  nat_gateway_per_zone      = true
  log_bucket_retention_days = 30

  prefect = {
    server   = { count = 2 }
    worker   = { count = 2 }
    database = { multi_az = true, backup_retention_days = 30 }
    messages = { node_count = 2 }
  }

  prefect_images = {
    server = "example.test/prefect@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    worker = "example.test/worker@sha256:2222222222222222222222222222222222222222222222222222222222222222"
  }

  prefect_https = {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0123"
    domain_name     = "prefect.example.com"
  }

  flow_task_role_arn = "arn:aws:iam::123456789012:role/delightful/delightful-production-worker"
}

run "takes_what_survives_a_zone" {
  command = plan

  assert {
    condition     = length(module.control_plane) == 1
    error_message = "The least that production takes is enough."
  }
}

run "takes_the_same_and_less_in_staging" {
  command = plan

  variables {
    environment               = "staging"
    availability_zone_count   = 2
    nat_gateway_per_zone      = false
    log_bucket_retention_days = null
    prefect_https             = null
    prefect                   = { database = { deletion_protection = false, backup_retention_days = 1 }, log_retention_days = 7 }
  }

  assert {
    condition     = length(module.control_plane) == 1 && length(module.log_bucket) == 0
    error_message = "Staging may be small and short of memory."
  }
}

run "takes_no_control_plane_where_another_one_is_used" {
  command = plan

  variables {
    prefect       = null
    prefect_https = null
  }

  assert {
    condition     = length(module.control_plane) == 0
    error_message = "An environment may be driven from elsewhere."
  }
}

run "refuses_a_network_that_one_zone_takes_down" {
  command = plan

  variables {
    availability_zone_count = 2
    nat_gateway_per_zone    = false
  }

  expect_failures = [var.availability_zone_count, var.nat_gateway_per_zone]
}

run "refuses_to_forget_its_traffic_within_a_month" {
  command = plan

  variables {
    log_bucket_retention_days = 29
  }

  expect_failures = [var.log_bucket_retention_days]
}

run "refuses_to_keep_no_traffic" {
  command = plan

  variables {
    log_bucket_retention_days = null
  }

  expect_failures = [var.log_bucket_retention_days]
}

run "refuses_a_credential_in_plain_text" {
  command = plan

  variables {
    prefect_https = null
  }

  expect_failures = [var.prefect_https]
}

run "refuses_a_single_server" {
  command = plan

  variables {
    prefect = {
      worker   = { count = 2 }
      database = { multi_az = true, backup_retention_days = 30 }
      messages = { node_count = 2 }
    }
  }

  expect_failures = [var.prefect]
}

run "refuses_a_single_worker" {
  command = plan

  variables {
    prefect = {
      server   = { count = 2 }
      database = { multi_az = true, backup_retention_days = 30 }
      messages = { node_count = 2 }
    }
  }

  expect_failures = [var.prefect]
}

run "refuses_a_single_message_node" {
  command = plan

  variables {
    prefect = {
      server   = { count = 2 }
      worker   = { count = 2 }
      database = { multi_az = true, backup_retention_days = 30 }
    }
  }

  expect_failures = [var.prefect]
}

run "refuses_a_database_in_one_zone" {
  command = plan

  variables {
    prefect = {
      server   = { count = 2 }
      worker   = { count = 2 }
      database = { multi_az = false, backup_retention_days = 30 }
      messages = { node_count = 2 }
    }
  }

  expect_failures = [var.prefect]
}

run "refuses_a_database_that_can_be_deleted" {
  command = plan

  variables {
    prefect = {
      server   = { count = 2 }
      worker   = { count = 2 }
      database = { multi_az = true, backup_retention_days = 30, deletion_protection = false }
      messages = { node_count = 2 }
    }
  }

  expect_failures = [var.prefect]
}

run "refuses_backups_of_less_than_a_month" {
  command = plan

  variables {
    prefect = {
      server   = { count = 2 }
      worker   = { count = 2 }
      database = { multi_az = true, backup_retention_days = 29 }
      messages = { node_count = 2 }
    }
  }

  expect_failures = [var.prefect]
}

run "refuses_logs_of_less_than_a_month" {
  command = plan

  variables {
    prefect = {
      server             = { count = 2 }
      worker             = { count = 2 }
      database           = { multi_az = true, backup_retention_days = 30 }
      messages           = { node_count = 2 }
      log_retention_days = 14
    }
  }

  expect_failures = [var.prefect]
}
