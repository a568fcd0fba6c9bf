locals {
  # What differs between the engines. A family of parameters holds for a major version, which is
  # two numbers of MySQL's.
  engines = {
    postgres = {
      port          = 5432
      version       = "16"
      major_numbers = 1
      exported_logs = ["postgresql", "upgrade"]
      parameters    = { "rds.force_ssl" = "1" }
    }
    mysql = {
      port          = 3306
      version       = "8.4"
      major_numbers = 2
      exported_logs = ["error", "slowquery"]
      parameters    = { log_output = "FILE", require_secure_transport = "1", slow_query_log = "1" }
    }
  }

  engine         = local.engines[var.engine]
  engine_version = coalesce(var.engine_version, local.engine.version)
  family         = "${var.engine}${join(".", slice(split(".", local.engine_version), 0, local.engine.major_numbers))}"
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

resource "aws_db_parameter_group" "this" {
  # Of a name, letters, digits and hyphens only.
  name        = "${var.name}-${replace(local.family, ".", "-")}"
  description = "Parameters of ${var.name}"
  family      = local.family
  tags        = var.tags

  dynamic "parameter" {
    for_each = local.engine.parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    # Another major version has a group of its own, which must be there before the instance moves.
    create_before_destroy = true
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "Database ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

# RDS would make them without an end to what they keep.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(local.engine.exported_logs)

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = var.engine
  engine_version = local.engine_version
  instance_class = var.instance_class
  db_name        = var.database_name
  port           = local.engine.port

  # RDS makes the password and keeps it in Secrets Manager: Terraform never sees it.
  username                    = var.username
  manage_master_user_password = true

  storage_type          = "gp3"
  storage_encrypted     = true
  allocated_storage     = var.storage_gib
  max_allocated_storage = var.max_storage_gib

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  parameter_group_name   = aws_db_parameter_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false

  backup_retention_period   = var.backup_retention_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = var.deletion_protection ? "${var.name}-final" : null
  delete_automated_backups  = !var.deletion_protection

  performance_insights_enabled    = var.performance_insights_enabled
  enabled_cloudwatch_logs_exports = local.engine.exported_logs
  auto_minor_version_upgrade      = true
  tags                            = var.tags

  depends_on = [aws_cloudwatch_log_group.this]
}

# RDS would turn the password every seven days.
resource "aws_secretsmanager_secret_rotation" "this" {
  secret_id          = aws_db_instance.this.master_user_secret[0].secret_arn
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = var.password_rotation_days
  }
}
