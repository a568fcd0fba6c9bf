environment                  = "sandbox"
listener_port                = 8080
test_listener_port           = 8081
desired_count                = 1
deregistration_delay_seconds = 5
health_check_grace_seconds   = 30
ready_wait_minutes           = 10
termination_wait_minutes     = 5
log_retention_days           = 1
alarm_unhealthy_minutes      = 1
xray_sampling_rate           = 1
tracing                      = true
collector_image              = "public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0"

# Nothing is kept in the sandbox.
database_settings = { "backup_retention_days" : 1, "deletion_protection" : false }
