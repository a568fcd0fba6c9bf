locals {
  # Who connects to whom: from, to, port. Each row is a rule out and a rule in.
  connections = {
    "load balancer to server" = {
      from = module.load_balancer.security_group_id, to = module.server.security_group_id, port = local.api_port
    }
    "server to database" = {
      from = module.server.security_group_id, to = module.database.security_group_id, port = module.database.port
    }
    "server to messages" = {
      from = module.server.security_group_id, to = module.messages.security_group_id, port = module.messages.port
    }
    "background to database" = {
      from = module.background.security_group_id, to = module.database.security_group_id, port = module.database.port
    }
    "background to messages" = {
      from = module.background.security_group_id, to = module.messages.security_group_id, port = module.messages.port
    }
  }

  # Over HTTPS everyone gets out already; without a certificate the API is on port 80.
  plain_callers = var.https != null ? {} : {
    worker = module.worker.security_group_id
    flow   = aws_security_group.flow.id
  }
}

resource "aws_vpc_security_group_egress_rule" "connection" {
  for_each = local.connections

  security_group_id            = each.value.from
  referenced_security_group_id = each.value.to
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "connection" {
  for_each = local.connections

  security_group_id            = each.value.to
  referenced_security_group_id = each.value.from
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "plain_api" {
  for_each = local.plain_callers

  security_group_id            = each.value
  referenced_security_group_id = module.load_balancer.security_group_id
  description                  = "${each.key} to the API"
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  tags                         = var.tags
}

# Worker and flows reach a public API from outside, as everybody does.
resource "aws_vpc_security_group_ingress_rule" "nat" {
  count = var.public ? length(var.egress_ip_addresses) : 0

  security_group_id = module.load_balancer.security_group_id
  description       = "Worker and flows, through a NAT gateway"
  cidr_ipv4         = "${var.egress_ip_addresses[count.index]}/32"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}
