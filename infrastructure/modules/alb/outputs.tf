output "arn_suffix" {
  description = "Load balancer as CloudWatch's dimension names it."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "Name that the load balancer answers under."
  value       = aws_lb.this.dns_name
}

output "url" {
  description = "Address of the production listener."
  value       = "${lower(local.protocol)}://${aws_lb.this.dns_name}${local.url_ports[0]}"
}

output "test_url" {
  description = "Address of the test listener; null where there is none."
  value       = var.test_listener_port == null ? null : "${lower(local.protocol)}://${aws_lb.this.dns_name}${local.url_ports[1]}"
}

output "security_group_id" {
  description = "ID of the load balancer's security group."
  value       = aws_security_group.this.id
}

output "listener_arn" {
  description = "ARN of the production listener."
  value       = aws_lb_listener.production.arn
}

output "test_listener_arn" {
  description = "ARN of the test listener; null where there is none."
  value       = one(aws_lb_listener.test[*].arn)
}

output "target_groups" {
  description = "Target groups by color: ARN, name and the name of CloudWatch's dimension."
  value = {
    for color, group in aws_lb_target_group.this : color => {
      arn        = group.arn
      arn_suffix = group.arn_suffix
      name       = group.name
    }
  }

  # ECS takes a target group only once a listener forwards to it.
  depends_on = [aws_lb_listener.production]
}
