"""CloudWatch: metrics of what the load balancers saw, and alarms that are really evaluated."""
