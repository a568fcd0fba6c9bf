locals {
  port = 1433
  logs = ["agent", "error"]
  # A family of parameters holds for an edition and a major version: sqlserver-se-16.0.
  family = "${var.edition}-${split(".", var.engine_version)[0]}.0"
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

  parameter {
    name  = "rds.force_ssl"
    value = "1"
    # SQL Server reads it when it starts.
    apply_method = "pending-reboot"
  }

  lifecycle {
    # Another major version has a group of its own, which must be there before the instance moves.
    create_before_destroy = true
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-sqlserver"
  description = "SQL Server ${var.name}"
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

# RDS would make them without an end to what they keep.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:log_retention_days is for the environment to choose
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own, docs/decisions/0006
  for_each = toset(local.logs)

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_133:backup_retention_days is at least 1
  #checkov:skip=CKV_AWS_157:multi_az is for the environment to choose
  #checkov:skip=CKV_AWS_293:deletion_protection is true unless a root says otherwise
  #checkov:skip=CKV_AWS_118:alarms and dashboards read CloudWatch's own metrics; the processes of the host answer no question of ours
  #checkov:skip=CKV_AWS_161:RDS has no IAM login for SQL Server
  #checkov:skip=CKV_AWS_354:AWS encrypts it with a key of its own, docs/decisions/0006
  identifier     = var.name
  engine         = var.edition
  engine_version = var.engine_version
  license_model  = "license-included"
  instance_class = var.instance_class
  port           = local.port

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

  performance_insights_enabled    = true
  enabled_cloudwatch_logs_exports = local.logs
  auto_minor_version_upgrade      = true
  tags                            = var.tags

  depends_on = [aws_cloudwatch_log_group.this]
}

# RDS would turn the password every seven days.
resource "aws_secretsmanager_secret_rotation" "this" {
  #checkov:skip=CKV_AWS_304:password_rotation_days is 90 unless a root says otherwise
  secret_id          = aws_db_instance.this.master_user_secret[0].secret_arn
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = var.password_rotation_days
  }
}
