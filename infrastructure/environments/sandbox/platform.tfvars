# What the cloud would take from everybody's rehearsal, it takes from nobody's: the sandbox runs
# Prefect itself, and there is no traffic to keep a log of.
environment               = "sandbox"
gateway_endpoints_enabled = false
