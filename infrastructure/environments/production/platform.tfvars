environment               = "production"
vpc_cidr                  = "10.40.0.0/16"
nat_gateway_per_zone      = true
log_bucket_retention_days = 365
flow_logs_enabled         = true

# What a task needs to start and a deploy to go on while a zone's way out is gone.
interface_endpoints = ["codedeploy", "ecr.api", "ecr.dkr", "ecs", "logs", "secretsmanager", "sqs", "ssm", "sts"]

prefect = {
  "log_retention_days" : 90,
  "server" : { "count" : 2, "cpu_units" : 1024, "memory_mib" : 2048 },
  "background" : { "cpu_units" : 1024, "memory_mib" : 2048 },
  "worker" : { "count" : 2, "cpu_units" : 512, "memory_mib" : 1024 },
  "database" : {
    "instance_class" : "db.m7g.large",
    "storage_gib" : 100,
    "max_storage_gib" : 1000,
    "multi_az" : true,
    "backup_retention_days" : 35,
    "deletion_protection" : true
  },
  "messages" : { "node_type" : "cache.m7g.large", "node_count" : 2, "snapshot_retention_days" : 7 }
}
