output "policy_names" {
  description = "Names of the scaling policies, sorted."
  value       = sort(values(aws_appautoscaling_policy.this)[*].name)
}
