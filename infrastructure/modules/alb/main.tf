locals {
  protocol   = var.certificate_arn == "" ? "HTTP" : "HTTPS"
  ssl_policy = var.certificate_arn == "" ? null : "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_port = var.certificate_arn == "" ? 80 : 443
  url_ports = [
    for port in [var.listener_port, var.test_listener_port] : port == local.default_port ? "" : format(":%d", coalesce(port, 0))
  ]

  ingress = merge(
    { for cidr in var.ingress_cidr_blocks : "production ${cidr}" => { cidr = cidr, port = var.listener_port } },
    var.test_listener_port == null ? {} : {
      for cidr in var.test_ingress_cidr_blocks : "test ${cidr}" => { cidr = cidr, port = var.test_listener_port }
    },
  )
}

resource "aws_security_group" "this" {
  name        = "${var.name}-load-balancer"
  description = "Load balancer of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "listener" {
  for_each = local.ingress

  security_group_id = aws_security_group.this.id
  description       = "Requests to the ${split(" ", each.key)[0]} listener"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  tags              = var.tags
}

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_150:deletion_protection is for the environment to choose
  #checkov:skip=CKV2_AWS_20:its listeners speak TLS where certificate_arn is given, and none answers in plain text beside them
  #checkov:skip=CKV2_AWS_28:which requests to refuse is for who knows the users: a web ACL is attached from outside
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = !var.public
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  idle_timeout               = var.idle_timeout_seconds
  enable_deletion_protection = var.deletion_protection
  tags                       = var.tags

  dynamic "access_logs" {
    for_each = var.access_logs_bucket == null ? [] : [var.access_logs_bucket]

    content {
      enabled = true
      bucket  = access_logs.value
      prefix  = var.name
    }
  }
}

resource "aws_lb_target_group" "this" {
  for_each = toset(var.colors)

  name        = "${var.name}-${each.key}"
  vpc_id      = var.vpc_id
  target_type = "ip"
  protocol    = "HTTP"
  # ECS registers every task with its own port, so that a new container port replaces no group.
  port                 = 80
  deregistration_delay = var.deregistration_delay_seconds
  tags                 = var.tags

  health_check {
    path                = var.health_check.path
    matcher             = var.health_check.matcher
    interval            = var.health_check.interval_seconds
    timeout             = var.health_check.timeout_seconds
    healthy_threshold   = var.health_check.healthy_threshold
    unhealthy_threshold = var.health_check.unhealthy_threshold
  }
}

resource "aws_lb_listener" "production" {
  load_balancer_arn = aws_lb.this.arn
  port              = var.listener_port
  protocol          = local.protocol
  certificate_arn   = var.certificate_arn == "" ? null : var.certificate_arn
  ssl_policy        = local.ssl_policy
  tags              = var.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[var.colors[0]].arn
  }

  lifecycle {
    # The rollout engine owns the weights: an apply must never move traffic.
    ignore_changes = [default_action]
  }
}

resource "aws_lb_listener" "test" {
  count = var.test_listener_port == null ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  port              = var.test_listener_port
  protocol          = local.protocol
  certificate_arn   = var.certificate_arn == "" ? null : var.certificate_arn
  ssl_policy        = local.ssl_policy
  tags              = var.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[var.colors[0]].arn
  }

  lifecycle {
    # The rollout engine owns the weights: an apply must never move traffic.
    ignore_changes = [default_action]
  }
}
