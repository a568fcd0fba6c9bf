locals {
  # arn:partition:ecs:region:account:cluster/name
  cluster_name = split("/", var.cluster_arn)[1]
  api_port     = 4200

  scheme  = var.https == null ? "http" : "https"
  address = var.https == null ? module.load_balancer.dns_name : var.https.domain_name
  api_url = "${local.scheme}://${local.address}/api"

  # Logs in: a process that was started with an earlier password fails, and ECS replaces it.
  database_check = [
    "python", "-c",
    "import asyncio, asyncpg, os; e = os.environ; d = 'PREFECT_SERVER_DATABASE_'; asyncio.run(asyncpg.connect(host=e[d + 'HOST'], user=e[d + 'USER'], password=e[d + 'PASSWORD'], database=e[d + 'NAME'], timeout=5))",
  ]

  # The server and its background services must agree on all of this.
  server_environment = {
    PREFECT_SERVER_DATABASE_DRIVER                      = "postgresql+asyncpg"
    PREFECT_SERVER_DATABASE_HOST                        = module.database.address
    PREFECT_SERVER_DATABASE_PORT                        = tostring(module.database.port)
    PREFECT_SERVER_DATABASE_NAME                        = module.database.database_name
    PREFECT_SERVER_DATABASE_MIGRATE_ON_START            = "false"
    PREFECT_MESSAGING_BROKER                            = "prefect_redis.messaging"
    PREFECT_MESSAGING_CACHE                             = "prefect_redis.messaging"
    PREFECT_SERVER_EVENTS_CAUSAL_ORDERING               = "prefect_redis.ordering"
    PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE            = "prefect_redis.lease_storage"
    PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE = "prefect_redis.cleanup_queue"
    PREFECT_REDIS_MESSAGING_URL                         = module.messages.url
    PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL              = module.messages.url
    PREFECT_SERVER_DOCKET_URL                           = module.messages.url
    PREFECT_SERVER_ANALYTICS_ENABLED                    = "false"
    DO_NOT_TRACK                                        = "1"
  }

  server_secrets = {
    PREFECT_SERVER_API_AUTH_STRING   = var.auth_secret_arn
    PREFECT_SERVER_DATABASE_USER     = "${module.database.secret_arn}:username::"
    PREFECT_SERVER_DATABASE_PASSWORD = "${module.database.secret_arn}:password::"
  }
}

module "database" {
  source = "../database"

  name                         = "${var.name}-prefect"
  engine                       = "postgres"
  vpc_id                       = var.vpc_id
  subnet_ids                   = var.private_subnet_ids
  instance_class               = var.database.instance_class
  database_name                = "prefect"
  username                     = "prefect"
  storage_gib                  = var.database.storage_gib
  max_storage_gib              = var.database.max_storage_gib
  multi_az                     = var.database.multi_az
  backup_retention_days        = var.database.backup_retention_days
  deletion_protection          = var.database.deletion_protection
  password_rotation_days       = var.database.password_rotation_days
  performance_insights_enabled = var.database.performance_insights_enabled
  log_retention_days           = var.log_retention_days
  tags                         = var.tags
}

module "messages" {
  source = "../redis"

  name                    = "${var.name}-prefect"
  vpc_id                  = var.vpc_id
  subnet_ids              = var.private_subnet_ids
  maxmemory_policy        = "noeviction"
  node_type               = var.messages.node_type
  node_count              = var.messages.node_count
  snapshot_retention_days = var.messages.snapshot_retention_days
  tags                    = var.tags
}

module "load_balancer" {
  source = "../alb"

  # Not var.name, whose end would be lost: a load balancer's has 32 characters.
  name                         = "${var.environment}-prefect"
  vpc_id                       = var.vpc_id
  subnet_ids                   = var.public ? var.public_subnet_ids : var.private_subnet_ids
  public                       = var.public
  colors                       = ["blue"]
  listener_port                = var.https == null ? 80 : 443
  ingress_cidr_blocks          = var.ingress_cidr_blocks
  test_ingress_cidr_blocks     = []
  certificate_arn              = var.https == null ? "" : var.https.certificate_arn
  deregistration_delay_seconds = 30
  idle_timeout_seconds         = 120
  deletion_protection          = var.database.deletion_protection
  access_logs_bucket           = var.access_logs_bucket
  tags                         = var.tags

  # Answered without a credential, and only while the database answers.
  health_check = {
    path                = "/api/ready"
    matcher             = "200"
    interval_seconds    = 15
    timeout_seconds     = 10
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }
}

module "server" {
  source = "../prefect_process"

  permissions_boundary_arn = var.permissions_boundary_arn

  name                 = "${var.name}-prefect-server"
  cluster_arn          = var.cluster_arn
  vpc_id               = var.vpc_id
  subnet_ids           = var.private_subnet_ids
  image                = var.images.server
  command              = ["prefect", "server", "start", "--no-services"]
  health_check_command = local.database_check
  port                 = local.api_port
  target_group_arn     = module.load_balancer.target_groups["blue"].arn
  cpu_units            = var.server.cpu_units
  memory_mib           = var.server.memory_mib
  desired_count        = var.server.count
  secrets              = local.server_secrets
  log_group_name       = "/delightful/${var.environment}/prefect-server"
  log_retention_days   = var.log_retention_days
  tags                 = var.tags

  environment_variables = merge(local.server_environment, {
    PREFECT_SERVER_API_HOST = "0.0.0.0"
    PREFECT_SERVER_API_PORT = tostring(local.api_port)
    # Longer than the load balancer keeps an idle connection, or it answers 502 now and then.
    PREFECT_SERVER_API_KEEPALIVE_TIMEOUT = "150"
    PREFECT_SERVER_UI_API_URL            = local.api_url
  })
}

# Scheduler, late runs, automations, event storage. It also prepares the database, alone.
module "background" {
  source = "../prefect_process"

  permissions_boundary_arn = var.permissions_boundary_arn

  name                  = "${var.name}-prefect-background"
  cluster_arn           = var.cluster_arn
  vpc_id                = var.vpc_id
  subnet_ids            = var.private_subnet_ids
  image                 = var.images.server
  command               = ["prefect", "server", "services", "start"]
  preparing_command     = ["prefect", "server", "database", "upgrade", "--yes"]
  one_at_a_time         = true
  health_check_command  = local.database_check
  cpu_units             = var.background.cpu_units
  memory_mib            = var.background.memory_mib
  desired_count         = 1
  environment_variables = local.server_environment
  secrets               = local.server_secrets
  log_group_name        = "/delightful/${var.environment}/prefect-background"
  log_retention_days    = var.log_retention_days
  tags                  = var.tags
}

module "worker" {
  source = "../prefect_process"

  permissions_boundary_arn = var.permissions_boundary_arn

  name               = "${var.name}-prefect-worker"
  cluster_arn        = var.cluster_arn
  vpc_id             = var.vpc_id
  subnet_ids         = var.private_subnet_ids
  image              = var.images.worker
  command            = ["prefect", "worker", "start", "--type", "ecs", "--pool", var.work_pool, "--with-healthcheck"]
  cpu_units          = var.worker.cpu_units
  memory_mib         = var.worker.memory_mib
  desired_count      = var.worker.count
  secrets            = { PREFECT_API_AUTH_STRING = var.auth_secret_arn }
  log_group_name     = "/delightful/${var.environment}/prefect-worker"
  log_retention_days = var.log_retention_days
  tags               = var.tags

  health_check_command = [
    "python", "-c",
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health', timeout=5)",
  ]

  environment_variables = {
    PREFECT_API_URL                                      = local.api_url
    PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME = module.task_events.queue_name
    # How often it looks for work: a rollback that is asked for waits for the next look.
    PREFECT_WORKER_QUERY_SECONDS = "2"
    DO_NOT_TRACK                 = "1"
  }
}

module "task_events" {
  source = "../task_events"

  name             = var.name
  cluster_arn      = var.cluster_arn
  alarm_topic_arns = var.alarm_topic_arns
  tags             = var.tags
}

resource "aws_cloudwatch_metric_alarm" "server" {
  alarm_name          = "${var.name}-prefect-server-unhealthy"
  alarm_description   = "No Prefect server of ${var.name} answered for three minutes: nothing can be deployed or rolled back."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  statistic           = "Maximum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 3
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
  tags                = var.tags

  dimensions = {
    LoadBalancer = module.load_balancer.arn_suffix
    TargetGroup  = module.load_balancer.target_groups["blue"].arn_suffix
  }
}
