mock_provider "aws" {
  mock_resource "aws_db_instance" {
    defaults = {
      address            = "database.example.test"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1", secret_status = "active", kms_key_id = "key" }]
    }
  }
}

variables {
  name                         = "delightful-staging-prefect"
  engine                       = "postgres"
  vpc_id                       = "vpc-1"
  subnet_ids                   = ["subnet-1", "subnet-2"]
  instance_class               = "db.t4g.medium"
  database_name                = "prefect"
  username                     = "prefect"
  storage_gib                  = 20
  max_storage_gib              = 100
  multi_az                     = false
  backup_retention_days        = 7
  deletion_protection          = false
  password_rotation_days       = 90
  performance_insights_enabled = true
  log_retention_days           = 30
  tags                         = {}
}

run "keeps_the_password_out_of_the_state" {
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "RDS makes the password; Terraform never has it."
  }

  assert {
    condition     = output.secret_arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1"
    error_message = "Whoever connects is told where the password lies."
  }

  assert {
    condition     = aws_secretsmanager_secret_rotation.this.rotation_rules[0].automatically_after_days == 90 && aws_secretsmanager_secret_rotation.this.rotate_immediately == false
    error_message = "The password turns when it is said to, not with the first apply."
  }
}

run "encrypts_what_it_holds_and_says" {
  command = plan

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible
    error_message = "The storage is encrypted, and nobody outside reaches the database."
  }

  assert {
    condition     = one(aws_db_parameter_group.this.parameter[*]).name == "rds.force_ssl" && aws_db_parameter_group.this.family == "postgres16"
    error_message = "Connections without TLS are refused."
  }

  assert {
    condition     = aws_db_instance.this.engine_version == "16" && aws_db_instance.this.port == 5432 && toset(keys(aws_cloudwatch_log_group.this)) == toset(["postgresql", "upgrade"])
    error_message = "PostgreSQL comes in its default version, on its port, with its logs."
  }
}

run "serves_mysql_as_well" {
  command = plan

  variables {
    engine = "mysql"
  }

  assert {
    condition     = aws_db_instance.this.engine == "mysql" && aws_db_instance.this.engine_version == "8.4" && aws_db_instance.this.port == 3306
    error_message = "MySQL comes in its default version, on its port."
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "mysql8.4" && aws_db_parameter_group.this.name == "delightful-staging-prefect-mysql8-4"
    error_message = "The family of parameters has both numbers of the version, its name no dot."
  }

  assert {
    condition     = { for one in aws_db_parameter_group.this.parameter : one.name => one.value } == { log_output = "FILE", require_secure_transport = "1", slow_query_log = "1" }
    error_message = "Connections without TLS are refused, and slow queries reach the log group."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_log_group.this)) == toset(["error", "slowquery"])
    error_message = "MySQL's logs end like all others."
  }
}

run "names_the_family_by_the_major_version" {
  command = plan

  variables {
    engine_version = "15.8"
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres15" && aws_db_instance.this.engine_version == "15.8"
    error_message = "A minor version has its major version's parameters."
  }
}

run "stays_where_it_is_protected" {
  command = plan

  variables {
    deletion_protection = true
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.final_snapshot_identifier == "delightful-staging-prefect-final" && !aws_db_instance.this.delete_automated_backups
    error_message = "A protected database refuses deletion and leaves a snapshot behind."
  }
}

run "refuses_what_rds_lacks" {
  command = plan

  variables {
    name                   = "Prefect"
    engine_version         = "9"
    instance_class         = "t4g.medium"
    database_name          = "1prefect"
    username               = "postgres"
    storage_gib            = 5
    backup_retention_days  = 0
    password_rotation_days = 0
    subnet_ids             = ["subnet-1"]
  }

  expect_failures = [
    var.name, var.engine_version, var.instance_class, var.database_name, var.username,
    var.storage_gib, var.backup_retention_days, var.password_rotation_days, var.subnet_ids,
  ]
}

run "refuses_an_engine_that_it_does_not_know" {
  command = plan

  variables {
    engine         = "mariadb"
    engine_version = "10.6"
  }

  expect_failures = [var.engine]
}

run "refuses_one_engines_version_for_the_other" {
  command = plan

  variables {
    engine         = "mysql"
    engine_version = "16"
  }

  expect_failures = [var.engine_version]
}

run "refuses_insights_that_a_small_mysql_lacks" {
  command = plan

  variables {
    engine         = "mysql"
    instance_class = "db.t4g.small"
  }

  expect_failures = [var.performance_insights_enabled]
}

run "refuses_storage_that_cannot_grow" {
  command = plan

  variables {
    max_storage_gib = 20
  }

  expect_failures = [var.max_storage_gib]
}
