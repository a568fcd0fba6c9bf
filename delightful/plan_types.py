"""What each type of resource is to a service: where its data lies, what carries its traffic."""

from typing import Final

HOLDS_DATA: Final = frozenset(
    {
        "aws_backup_vault",
        "aws_cloudwatch_log_group",
        "aws_db_instance",
        "aws_docdb_cluster",
        "aws_dynamodb_table",
        "aws_ebs_volume",
        "aws_ecr_repository",
        "aws_efs_file_system",
        "aws_elasticache_cluster",
        "aws_elasticache_replication_group",
        "aws_elasticache_serverless_cache",
        "aws_kinesis_stream",
        "aws_kms_key",
        "aws_memorydb_cluster",
        "aws_opensearch_domain",
        "aws_rds_cluster",
        "aws_rds_cluster_instance",
        "aws_s3_bucket",
        "aws_s3_object",
        "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_version",
        "aws_sqs_queue",
        "aws_ssm_parameter",
    }
)

SERVES_TRAFFIC: Final = frozenset(
    {
        "aws_ecs_service",
        "aws_lb",
        "aws_lb_listener",
        "aws_lb_listener_certificate",
        "aws_lb_listener_rule",
        "aws_lb_target_group",
        "aws_lb_target_group_attachment",
        "aws_route53_record",
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)

# Made by `infrastructure/platform`, `registry` and `bootstrap`: more than one service stands on it.
SHARED: Final = frozenset(
    {
        "aws_dynamodb_table",
        "aws_ecr_repository",
        "aws_ecs_cluster",
        "aws_eip",
        "aws_internet_gateway",
        "aws_iam_openid_connect_provider",
        "aws_nat_gateway",
        "aws_route",
        "aws_route_table",
        "aws_route_table_association",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_endpoint",
    }
)

PERMISSIONS: Final = frozenset(
    {
        "aws_ecr_repository_policy",
        "aws_iam_group_policy",
        "aws_iam_group_policy_attachment",
        "aws_iam_instance_profile",
        "aws_iam_openid_connect_provider",
        "aws_iam_policy",
        "aws_iam_policy_attachment",
        "aws_iam_role",
        "aws_iam_role_policies_exclusive",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_user",
        "aws_iam_user_policy",
        "aws_iam_user_policy_attachment",
        "aws_kms_grant",
        "aws_kms_key_policy",
        "aws_lambda_permission",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_secretsmanager_secret_policy",
        "aws_sns_topic_policy",
        "aws_sqs_queue_policy",
    }
)

# Made anew by every release, or without memory and traffic of their own.
REPLACEABLE: Final = frozenset(
    {
        "aws_appautoscaling_policy",
        "aws_appautoscaling_target",
        "aws_cloudwatch_composite_alarm",
        "aws_cloudwatch_dashboard",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_metric_alarm",
        "aws_db_parameter_group",
        "aws_ecs_task_definition",
        "aws_elasticache_parameter_group",
        "aws_xray_sampling_rule",
    }
)
