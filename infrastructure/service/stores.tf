# Database and cache, where the service asks for them.

locals {
  database = one(module.database[*])
  cache    = one(module.cache[*])

  # What a service sets itself wins: a release from before it had a store finds its own again.
  own_names = concat(keys(var.environment_variables), keys(var.secrets))

  store_environment = { for name, value in merge(
    local.database == null ? {} : {
      DATABASE_ENGINE = var.database.engine
      DATABASE_HOST   = local.database.address
      DATABASE_PORT   = tostring(local.database.port)
      DATABASE_NAME   = local.database.database_name
    },
    local.cache == null ? {} : { REDIS_URL = local.cache.url },
  ) : name => value if !contains(local.own_names, name) }

  # ECS reads them when a task starts: neither plan nor state has them.
  store_secrets = { for name, key in { DATABASE_USERNAME = "username", DATABASE_PASSWORD = "password" } :
    name => "${local.database.secret_arn}:${key}::" if local.database != null && !contains(local.own_names, name)
  }

  # Who may be reached by the tasks, and at which port.
  stores = merge(
    local.database == null ? {} : {
      database = { security_group_id = local.database.security_group_id, port = local.database.port }
    },
    local.cache == null ? {} : {
      cache = { security_group_id = local.cache.security_group_id, port = local.cache.port }
    },
  )
}

module "database" {
  source = "../modules/database"
  count  = var.database == null ? 0 : 1

  name                         = local.name
  vpc_id                       = local.platform.vpc_id
  subnet_ids                   = local.platform.private_subnet_ids
  engine                       = var.database.engine
  engine_version               = var.database.version
  instance_class               = var.database_settings.instance_class
  database_name                = "app"
  username                     = "app"
  storage_gib                  = var.database_settings.storage_gib
  max_storage_gib              = var.database_settings.max_storage_gib
  multi_az                     = var.database_settings.multi_az
  backup_retention_days        = var.database_settings.backup_retention_days
  deletion_protection          = var.database_settings.deletion_protection
  password_rotation_days       = var.database_settings.password_rotation_days
  performance_insights_enabled = var.database_settings.performance_insights_enabled
  log_retention_days           = var.log_retention_days
  tags                         = local.tags
}

module "cache" {
  source = "../modules/redis"
  count  = var.cache == null ? 0 : 1

  # A replication group's name has 40 characters.
  name       = local.short_name
  vpc_id     = local.platform.vpc_id
  subnet_ids = local.platform.private_subnet_ids
  # What was given no time to live is never forgotten: it may be a message or a session.
  maxmemory_policy        = "volatile-lru"
  node_type               = var.cache_settings.node_type
  node_count              = var.cache_settings.node_count
  snapshot_retention_days = var.cache_settings.snapshot_retention_days
  tags                    = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "store" {
  for_each = local.stores

  security_group_id            = each.value.security_group_id
  referenced_security_group_id = module.ecs_service.security_group_id
  description                  = "Tasks of ${local.name}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  tags                         = local.tags
}
