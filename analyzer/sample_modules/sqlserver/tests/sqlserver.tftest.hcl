mock_provider "aws" {
  mock_resource "aws_db_instance" {
    defaults = {
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1", secret_status = "active", kms_key_id = "key" }]
    }
  }
}

variables {
  name                     = "shop-staging"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2"]
  client_security_group_id = "sg-1"
  edition                  = "sqlserver-se"
  instance_class           = "db.m6i.large"
  storage_gib              = 20
  max_storage_gib          = 100
  multi_az                 = false
  backup_retention_days    = 7
  log_retention_days       = 30
  tags                     = {}
}

run "keeps_the_password_out_of_the_state" {
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "RDS makes the password; Terraform never has it."
  }
}

run "is_encrypted_protected_and_closed" {
  command = plan

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.deletion_protection && !aws_db_instance.this.publicly_accessible
    error_message = "The instance is encrypted, and stays unless a root says otherwise."
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "sqlserver-se-16.0" && one(aws_db_parameter_group.this.parameter[*].name) == "rds.force_ssl"
    error_message = "Connections without TLS are refused."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.client.from_port == 1433
    error_message = "The service's tasks alone are let in."
  }
}

run "refuses_what_rds_lacks" {
  command = plan

  variables {
    edition         = "sqlserver-ex"
    engine_version  = "13.00"
    max_storage_gib = 20
  }

  expect_failures = [var.edition, var.engine_version, var.max_storage_gib]
}
