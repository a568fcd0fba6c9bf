mock_provider "aws" {
  mock_resource "aws_docdb_cluster" {
    defaults = {
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1", secret_status = "active", kms_key_id = "key" }]
    }
  }
}

variables {
  name                     = "shop-staging"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2"]
  client_security_group_id = "sg-1"
  instance_class           = "db.t4g.medium"
  instance_count           = 2
  backup_retention_days    = 7
  log_retention_days       = 30
  tags                     = {}
}

run "keeps_the_password_out_of_the_state" {
  assert {
    condition     = aws_docdb_cluster.this.manage_master_user_password && aws_docdb_cluster.this.master_password == null
    error_message = "DocumentDB makes the password; Terraform never has it."
  }
}

run "is_encrypted_protected_and_closed" {
  command = plan

  assert {
    condition     = aws_docdb_cluster.this.storage_encrypted && aws_docdb_cluster.this.deletion_protection && !aws_docdb_cluster.this.skip_final_snapshot
    error_message = "The cluster is encrypted, and stays unless a root says otherwise."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.client.from_port == 27017
    error_message = "The service's tasks alone are let in."
  }
}

run "refuses_what_is_too_little" {
  command = plan

  variables {
    subnet_ids            = ["subnet-1"]
    backup_retention_days = 0
    username              = "admin"
  }

  expect_failures = [var.subnet_ids, var.backup_retention_days, var.username]
}
