locals {
  name = "${var.service}-${var.environment}"
  # Load balancers, target groups and sampling rules have 32 characters, six of them for a color.
  short_name = length(local.name) <= 26 ? local.name : "${trimsuffix(substr(local.name, 0, 19), "-")}-${substr(sha256(local.name), 0, 6)}"

  platform       = jsondecode(data.aws_ssm_parameter.platform.insecure_value)
  region         = split(":", local.platform.cluster_arn)[3]
  is_blue_green  = var.deployment_strategy == "blue_green"
  colors         = local.is_blue_green ? ["blue", "green"] : ["blue"]
  log_group_name = "/delightful/${var.environment}/${var.service}"

  # The test listener answers with unreleased versions: the environment's own network only, and
  # whoever it names beside.
  test_ingress = distinct(concat(
    [local.platform.vpc_cidr_block],
    [for address in local.platform.egress_ip_addresses : "${address}/32"],
    var.test_listener_cidr_blocks,
  ))

  environment_variables = merge(local.store_environment, var.environment_variables, {
    PORT                   = tostring(var.container_port)
    DELIGHTFUL_COMMIT      = var.image_tag
    DELIGHTFUL_SERVICE     = var.service
    DELIGHTFUL_ENVIRONMENT = var.environment
  })

  access_logs_bucket = var.access_logs_enabled ? try(local.platform.log_bucket, null) : null

  tracing = !var.tracing ? null : {
    collector_image = var.collector_image
    release         = var.image_tag
    environment     = var.environment
    sampling_rate   = var.xray_sampling_rate
  }

  tags = {
    "delightful:service"     = var.service
    "delightful:environment" = var.environment
  }
}

data "aws_ssm_parameter" "platform" {
  name = "/delightful/${var.environment}/platform"

  lifecycle {
    postcondition {
      condition     = !var.access_logs_enabled || try(jsondecode(self.insecure_value).log_bucket, null) != null
      error_message = "access_logs_enabled needs a log bucket: set log_bucket_retention_days in environments/${var.environment}/platform.tfvars and apply the platform, or keep no access logs."
    }
  }
}

data "aws_ecr_repository" "this" {
  name = var.service
}

module "alb" {
  source = "../modules/alb"

  name                         = local.short_name
  vpc_id                       = local.platform.vpc_id
  subnet_ids                   = var.public ? local.platform.public_subnet_ids : local.platform.private_subnet_ids
  public                       = var.public
  colors                       = local.colors
  listener_port                = var.listener_port
  test_listener_port           = local.is_blue_green ? var.test_listener_port : null
  ingress_cidr_blocks          = var.public ? ["0.0.0.0/0"] : [local.platform.vpc_cidr_block]
  test_ingress_cidr_blocks     = local.test_ingress
  certificate_arn              = var.certificate_arn
  health_check                 = var.health_check
  deregistration_delay_seconds = var.deregistration_delay_seconds
  access_logs_bucket           = local.access_logs_bucket
  deletion_protection          = var.deletion_protection
  tags                         = local.tags
}

module "observability" {
  source = "../modules/observability"

  service             = var.service
  name                = local.name
  sampling_rule_name  = local.short_name
  region              = local.region
  log_group_name      = local.log_group_name
  log_retention_days  = var.log_retention_days
  load_balancer       = module.alb.arn_suffix
  target_groups       = { for color, group in module.alb.target_groups : color => group.arn_suffix }
  cluster_name        = local.platform.cluster_name
  error_rate_percent  = var.alarm_error_rate_percent
  latency_p99_seconds = var.alarm_latency_p99_seconds
  unhealthy_minutes   = var.alarm_unhealthy_minutes
  cpu_percent         = var.alarm_cpu_percent
  memory_percent      = var.alarm_memory_percent
  usage_minutes       = var.alarm_usage_minutes
  topic_arns          = var.alarm_topic_arns
  scaling             = var.scaling
  sampling_rate       = var.xray_sampling_rate
  tags                = local.tags
}

module "ecs_service" {
  source = "../modules/ecs_service"

  name                            = local.name
  container_name                  = var.service
  image                           = "${data.aws_ecr_repository.this.repository_url}:${var.image_tag}@${var.image_digest}"
  repository_arn                  = data.aws_ecr_repository.this.arn
  start_command                   = var.start_command
  container_port                  = var.container_port
  cpu_units                       = var.cpu_units
  memory_mib                      = var.memory_mib
  desired_count                   = var.desired_count
  environment_variables           = local.environment_variables
  secrets                         = merge(local.store_secrets, var.secrets)
  tracing                         = local.tracing
  controller                      = local.is_blue_green ? "CODE_DEPLOY" : "ECS"
  health_check_grace_seconds      = var.health_check_grace_seconds
  cluster_arn                     = local.platform.cluster_arn
  vpc_id                          = local.platform.vpc_id
  subnet_ids                      = local.platform.private_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id
  target_group_arn                = module.alb.target_groups["blue"].arn
  log_group                       = module.observability.log_group
  alarm_names                     = module.observability.alarm_names
  permissions_boundary_arn        = var.permissions_boundary_arn
  tags                            = local.tags
}

# The count is the scaler's alone: neither an apply nor a rollback sets it.
module "autoscaling" {
  source = "../modules/autoscaling"
  count  = var.scaling == null ? 0 : 1

  cluster_name      = local.platform.cluster_name
  service_name      = module.ecs_service.service_name
  min_count         = var.scaling.min_count
  max_count         = var.scaling.max_count
  cpu_percent       = var.scaling.cpu_percent
  memory_percent    = var.scaling.memory_percent
  requests_per_task = var.scaling.requests_per_task
  request_source    = "${module.alb.arn_suffix}/${module.alb.target_groups["blue"].arn_suffix}"
  tags              = local.tags
}

module "codedeploy" {
  source = "../modules/codedeploy"
  count  = local.is_blue_green ? 1 : 0

  name                     = local.name
  cluster_arn              = local.platform.cluster_arn
  service_name             = module.ecs_service.service_name
  service_arn              = module.ecs_service.service_arn
  task_role_arns           = module.ecs_service.role_arns
  listener_arn             = module.alb.listener_arn
  test_listener_arn        = module.alb.test_listener_arn
  target_group_names       = [for color in local.colors : module.alb.target_groups[color].name]
  configuration            = var.deployment_configuration
  ready_wait_minutes       = var.ready_wait_minutes
  termination_wait_minutes = var.termination_wait_minutes
  alarm_names              = module.observability.alarm_names
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = local.tags
}
