# The roles that CI takes on for this service; none where no account is named.

locals {
  account = try(jsondecode(data.aws_ssm_parameter.account[0].insecure_value), null)
  # arn:partition:ecr:region:account:repository/name
  repository = split(":", aws_ecr_repository.this.arn)
  partition  = local.repository[1]
  region     = local.repository[3]
  account_id = local.repository[4]
  codedeploy = "arn:${local.partition}:codedeploy:${local.region}:${local.account_id}"
  ecs        = "arn:${local.partition}:ecs:${local.region}:${local.account_id}"

  github = local.account == null ? null : {
    repository    = var.github_repository != "" ? var.github_repository : local.account.github_repository
    repository_id = var.github_repository != "" ? var.github_repository_id : local.account.github_repository_id
    owner_id      = var.github_repository != "" ? var.github_owner_id : local.account.github_owner_id
    subject_form  = var.github_repository != "" ? var.github_subject_form : local.account.github_subject_form
    ref           = local.account.github_ref
  }

  worker_role_arns = local.account == null ? {} : local.account.worker_role_arns
}

data "aws_ssm_parameter" "account" {
  count = var.account_parameter_name == "" ? 0 : 1

  name = var.account_parameter_name
}

module "build_trust" {
  source = "../modules/github_trust"
  count  = local.account == null ? 0 : 1

  provider_arn  = local.account.github_provider_arn
  repository    = local.github.repository
  repository_id = local.github.repository_id
  owner_id      = local.github.owner_id
  subject_form  = local.github.subject_form
  context       = "ref:${local.github.ref}"
  ref           = local.github.ref
}

resource "aws_iam_role" "build" {
  count = local.account == null ? 0 : 1

  name               = "${var.service}-build"
  path               = local.account.role_path
  description        = "Pushes images of ${var.service}"
  assume_role_policy = module.build_trust[0].policy
  tags               = local.tags
}

resource "aws_iam_role_policy" "build" {
  count = local.account == null ? 0 : 1

  name = "push-images"
  role = aws_iam_role.build[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # ECR gives its token for the registry as a whole, never for one repository.
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeImageScanFindings",
          "ecr:DescribeImages",
          "ecr:DescribeRepositories",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = [aws_ecr_repository.this.arn]
      },
      {
        # What an image is made of and who built it. Nobody else may write there.
        Sid      = "WriteDownWhatItBuilds"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = ["${local.account.artifact_bucket_arn}/attestations/${var.service}/*"]
      },
      {
        # Once: a request that would write over an object is not allowed.
        Sid       = "LeaveTheFilesOfACommit"
        Effect    = "Allow"
        Action    = ["s3:PutObject"]
        Resource  = ["${local.account.artifact_bucket_arn}/sources/${var.service}/*"]
        Condition = { Null = { "s3:if-none-match" = "false" } }
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.account.artifact_bucket_arn}/sources/${var.service}/*"]
      },
      {
        # Which bucket it is.
        Effect   = "Allow"
        Action   = ["ssm:GetParameter"]
        Resource = ["arn:${local.partition}:ssm:${local.region}:${local.account_id}:parameter${var.account_parameter_name}"]
      },
    ]
  })
}

module "deploy_trust" {
  source   = "../modules/github_trust"
  for_each = local.worker_role_arns

  provider_arn  = local.account.github_provider_arn
  repository    = local.github.repository
  repository_id = local.github.repository_id
  owner_id      = local.github.owner_id
  subject_form  = local.github.subject_form
  context       = "environment:${each.key}"
  ref           = local.github.ref
  role_arns     = [each.value]
}

resource "aws_iam_role" "deploy" {
  for_each = local.worker_role_arns

  name               = "${var.service}-${each.key}-deploy"
  path               = local.account.role_path
  description        = "Rolls ${var.service} out in ${each.key}"
  assume_role_policy = module.deploy_trust[each.key].policy
  tags               = merge(local.tags, { "delightful:environment" = each.key })
}

resource "aws_iam_role_policy" "deploy" {
  for_each = local.worker_role_arns

  name = "roll-out"
  role = aws_iam_role.deploy[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "codedeploy:BatchGetDeploymentTargets",
          "codedeploy:BatchGetDeployments",
          "codedeploy:ContinueDeployment",
          "codedeploy:CreateDeployment",
          "codedeploy:GetDeployment",
          "codedeploy:GetDeploymentGroup",
          "codedeploy:GetDeploymentTarget",
          "codedeploy:ListDeploymentTargets",
          "codedeploy:ListDeployments",
          "codedeploy:StopDeployment",
        ]
        Resource = ["${local.codedeploy}:deploymentgroup:${var.service}-${each.key}/${var.service}-${each.key}"]
      },
      {
        # What CreateDeployment reads and writes beside the group.
        Effect = "Allow"
        Action = [
          "codedeploy:GetApplicationRevision",
          "codedeploy:GetDeploymentConfig",
          "codedeploy:RegisterApplicationRevision",
        ]
        Resource = [
          "${local.codedeploy}:application:${var.service}-${each.key}",
          "${local.codedeploy}:deploymentconfig:*",
        ]
      },
      {
        Effect   = "Allow"
        Action   = ["ecs:DescribeServices", "ecs:UpdateService"]
        Resource = ["${local.ecs}:service/delightful-${each.key}/${var.service}-${each.key}"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecs:DescribeTasks"]
        Resource = ["${local.ecs}:task/delightful-${each.key}/*"]
      },
      {
        Sid       = "RunTheReleaseCommand"
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = ["${local.ecs}:task-definition/${var.service}-${each.key}:*"]
        Condition = { ArnEquals = { "ecs:cluster" = "${local.ecs}:cluster/delightful-${each.key}" } }
      },
      {
        Sid       = "LabelItWhenItIsStarted"
        Effect    = "Allow"
        Action    = ["ecs:TagResource"]
        Resource  = ["${local.ecs}:task/delightful-${each.key}/*"]
        Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
      },
      {
        Sid      = "StopItWhereItTakesTooLong"
        Effect   = "Allow"
        Action   = ["ecs:StopTask"]
        Resource = ["${local.ecs}:task/delightful-${each.key}/*"]
        Condition = { StringEquals = {
          "aws:ResourceTag/delightful:environment" = each.key
          "aws:ResourceTag/delightful:service"     = var.service
        } }
      },
      {
        # The two roles of the service's task definitions.
        Sid    = "PassItsRoles"
        Effect = "Allow"
        Action = ["iam:PassRole"]
        Resource = [
          for role in ["execution", "task"] :
          "arn:${local.partition}:iam::${local.account_id}:role/${var.service}-${each.key}-${role}"
        ]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
      {
        # None of these can be held to one service.
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms",
          "ecr:GetAuthorizationToken",
          "ecs:DescribeTaskDefinition",
          "ecs:ListTasks",
          "elasticloadbalancing:DescribeListeners",
          "elasticloadbalancing:DescribeTargetGroups",
          "elasticloadbalancing:DescribeTargetHealth",
        ]
        Resource = ["*"]
      },
      {
        Effect   = "Allow"
        Action   = ["logs:FilterLogEvents", "logs:GetLogEvents"]
        Resource = ["arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/delightful/${each.key}/${var.service}:*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:DescribeImageScanFindings", "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer"]
        Resource = [aws_ecr_repository.this.arn]
      },
      {
        Effect    = "Allow"
        Action    = ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
        Resource  = [local.account.ledger_table_arn]
        Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["${var.service}/${each.key}"] } }
      },
      {
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [
          "${local.account.artifact_bucket_arn}/attestations/${var.service}/*",
          "${local.account.artifact_bucket_arn}/generated/${var.service}/*",
        ]
      },
      {
        # Of a pull request's commit it makes an analysis and a plan (flows/materials/commit_files.py).
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = [for kind in ["sources", "proposed"] : "${local.account.artifact_bucket_arn}/${kind}/${var.service}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = compact([local.account.analyzer_function_arn, try(local.account.commenter_function_arn, null)])
      },
      {
        # With this CI asks the Prefect server; the six characters are Secrets Manager's own.
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account_id}:secret:${local.account.prefect_secret_names[each.key]}-??????"]
      },
    ]
  })
}
