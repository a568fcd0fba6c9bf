"""ECR as the sandbox serves it: moto's API, and an OCI registry behind it."""
