locals {
  name = "delightful-${var.environment}"
  # Its name alone: who names the module as a whole waits for the whole of it.
  log_bucket = var.log_bucket_retention_days == null ? null : module.log_bucket[0].name
  tags = {
    "delightful:environment" = var.environment
  }

  # One document, so that a service reads its surroundings with a single call.
  platform = {
    vpc_id              = aws_vpc.this.id
    vpc_cidr_block      = aws_vpc.this.cidr_block
    public_subnet_ids   = aws_subnet.public[*].id
    private_subnet_ids  = aws_subnet.private[*].id
    egress_ip_addresses = aws_eip.nat[*].public_ip
    cluster_name        = aws_ecs_cluster.this.name
    cluster_arn         = aws_ecs_cluster.this.arn
    log_bucket          = local.log_bucket
    prefect             = one(module.control_plane[*].published)
  }
}

resource "aws_ecs_cluster" "this" {
  name = local.name
  tags = local.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ssm_parameter" "platform" {
  #checkov:skip=CKV2_AWS_34:names and ARNs that every service reads, no secret
  name           = "/delightful/${var.environment}/platform"
  description    = "Network, cluster and control plane that the services of ${var.environment} run with"
  type           = "String"
  insecure_value = jsonencode(local.platform)
  tags           = local.tags
}

module "log_bucket" {
  source = "../modules/log_bucket"
  count  = var.log_bucket_retention_days == null ? 0 : 1

  name_prefix    = local.name
  retention_days = var.log_bucket_retention_days
  tags           = local.tags
}

data "aws_secretsmanager_secret" "prefect_auth" {
  count = var.prefect == null ? 0 : 1

  name = "delightful/${var.environment}/prefect-auth"
}

module "control_plane" {
  source = "../modules/control_plane"
  count  = var.prefect == null ? 0 : 1

  name                     = local.name
  environment              = var.environment
  cluster_arn              = aws_ecs_cluster.this.arn
  vpc_id                   = aws_vpc.this.id
  public_subnet_ids        = aws_subnet.public[*].id
  private_subnet_ids       = aws_subnet.private[*].id
  public                   = var.prefect.public
  ingress_cidr_blocks      = distinct(concat([var.vpc_cidr], var.prefect.ingress_cidr_blocks))
  egress_ip_addresses      = aws_eip.nat[*].public_ip
  https                    = var.prefect_https
  access_logs_bucket       = local.log_bucket
  images                   = var.prefect_images
  auth_secret_arn          = data.aws_secretsmanager_secret.prefect_auth[0].arn
  work_pool                = var.prefect.work_pool
  flow_task_role_arn       = var.flow_task_role_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  server                   = var.prefect.server
  background               = var.prefect.background
  worker                   = var.prefect.worker
  database                 = var.prefect.database
  messages                 = var.prefect.messages
  log_retention_days       = var.prefect.log_retention_days
  alarm_topic_arns         = var.alarm_topic_arns
  tags                     = local.tags

  depends_on = [aws_nat_gateway.this, aws_route_table_association.private]
}
