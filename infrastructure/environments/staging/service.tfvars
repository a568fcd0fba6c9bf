environment              = "staging"
desired_count            = 1
scaling                  = { "min_count" : 1, "max_count" : 2, "cpu_percent" : 60 }
termination_wait_minutes = 15
log_retention_days       = 14
alarm_unhealthy_minutes  = 5
xray_sampling_rate       = 0.25
tracing                  = true
collector_image          = "public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0"
access_logs_enabled      = true

# Where a service asks for them.
database_settings = {
  "instance_class" : "db.t4g.small",
  "storage_gib" : 20,
  "max_storage_gib" : 100,
  "multi_az" : false,
  "backup_retention_days" : 7,
  "deletion_protection" : false
}
cache_settings = { "node_type" : "cache.t4g.micro", "node_count" : 1 }
