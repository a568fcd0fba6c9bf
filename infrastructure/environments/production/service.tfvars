environment              = "production"
desired_count            = 2
scaling                  = { "min_count" : 2, "max_count" : 10, "cpu_percent" : 60 }
termination_wait_minutes = 60
log_retention_days       = 90
alarm_unhealthy_minutes  = 5
xray_sampling_rate       = 0.05
tracing                  = true
collector_image          = "public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0"
access_logs_enabled      = true
deletion_protection      = true

# Where a service asks for them.
database_settings = {
  "instance_class" : "db.m7g.large",
  "storage_gib" : 100,
  "max_storage_gib" : 1000,
  "multi_az" : true,
  "backup_retention_days" : 35,
  "deletion_protection" : true,
  "performance_insights_enabled" : true
}
cache_settings = { "node_type" : "cache.m7g.large", "node_count" : 2, "snapshot_retention_days" : 7 }
