output "policy" {
  description = "Trust policy, as JSON."
  value = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.web_identity], [for statement in [local.role] : statement if length(var.role_arns) > 0])
  })
}
