locals {
  issuer = "token.actions.githubusercontent.com"
  names  = split("/", var.repository)

  # GitHub writes the second form for repositories made, renamed or transferred since 2026-07-15.
  subject = {
    names = "repo:${var.repository}:${var.context}"
    ids   = "repo:${local.names[0]}@${var.owner_id}/${local.names[1]}@${var.repository_id}:${var.context}"
  }

  claims = merge(
    {
      "${local.issuer}:aud"           = "sts.amazonaws.com"
      "${local.issuer}:sub"           = local.subject[var.subject_form]
      "${local.issuer}:repository_id" = var.repository_id
    },
    var.ref == "" ? {} : { "${local.issuer}:ref" = var.ref },
  )

  web_identity = {
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = var.provider_arn }
    Condition = { StringEquals = local.claims }
  }

  role = {
    Effect    = "Allow"
    Action    = "sts:AssumeRole"
    Principal = { AWS = var.role_arns }
  }
}
