environment              = "production"
desired_count            = 2
scaling                  = { "min_count" : 2, "max_count" : 10, "cpu_percent" : 60 }
termination_wait_minutes = 60
log_retention_days       = 90
alarm_unhealthy_minutes  = 5
xray_sampling_rate       = 0.05
