environment              = "staging"
desired_count            = 1
scaling                  = { "min_count" : 1, "max_count" : 2, "cpu_percent" : 60 }
termination_wait_minutes = 15
log_retention_days       = 14
alarm_unhealthy_minutes  = 5
xray_sampling_rate       = 0.25
