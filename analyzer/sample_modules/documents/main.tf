locals {
  port = 27017
}

resource "aws_docdb_subnet_group" "this" {
  name        = var.name
  description = "Subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

resource "aws_docdb_cluster_parameter_group" "this" {
  name        = var.name
  description = "Parameters of ${var.name}"
  family      = "docdb5.0"
  tags        = var.tags

  parameter {
    name  = "tls"
    value = "enabled"
  }

  parameter {
    name  = "audit_logs"
    value = "enabled"
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-documents"
  description = "Document database ${var.name}"
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

# DocumentDB would make them without an end to what they keep.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:log_retention_days is for the environment to choose
  #checkov:skip=CKV_AWS_158:AWS encrypts it with a key of its own, docs/decisions/0006
  for_each = toset(["audit", "profiler"])

  name              = "/aws/docdb/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_docdb_cluster" "this" {
  #checkov:skip=CKV_AWS_182:AWS encrypts it with a key of its own, docs/decisions/0006
  #checkov:skip=CKV_AWS_360:backup_retention_days is for the environment to choose; the check reads no variable
  cluster_identifier = var.name
  engine             = "docdb"
  engine_version     = "5.0.0"
  port               = local.port

  # DocumentDB makes the password and keeps it in Secrets Manager: Terraform never sees it.
  master_username             = var.username
  manage_master_user_password = true

  storage_encrypted               = true
  db_subnet_group_name            = aws_docdb_subnet_group.this.name
  db_cluster_parameter_group_name = aws_docdb_cluster_parameter_group.this.name
  vpc_security_group_ids          = [aws_security_group.this.id]

  backup_retention_period   = var.backup_retention_days
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = var.deletion_protection ? "${var.name}-final" : null

  enabled_cloudwatch_logs_exports = ["audit", "profiler"]
  tags                            = var.tags

  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_docdb_cluster_instance" "this" {
  count = var.instance_count

  identifier                 = "${var.name}-${count.index + 1}"
  cluster_identifier         = aws_docdb_cluster.this.id
  instance_class             = var.instance_class
  auto_minor_version_upgrade = true
  tags                       = var.tags
}

# DocumentDB would turn the password every seven days.
resource "aws_secretsmanager_secret_rotation" "this" {
  #checkov:skip=CKV_AWS_304:password_rotation_days is 90 unless a root says otherwise
  secret_id          = aws_docdb_cluster.this.master_user_secret[0].secret_arn
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = var.password_rotation_days
  }
}
