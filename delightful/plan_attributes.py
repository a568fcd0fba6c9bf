"""Which attributes of which resources may be shown with their values; of all others, the name.

Nothing that people fill with text of their own is among them: no environment, command, policy,
tag, description, name or address of a secret.
"""

import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

_CAPACITY = frozenset({"min_capacity", "max_capacity"})
_RULE = frozenset({"cidr_ipv4", "cidr_ipv6", "from_port", "to_port", "ip_protocol"})

SHOWN: Final[Mapping[str, frozenset[str]]] = {
    "aws_appautoscaling_target": _CAPACITY,
    "aws_cloudwatch_log_group": frozenset({"retention_in_days"}),
    "aws_cloudwatch_metric_alarm": frozenset({"evaluation_periods", "period", "threshold"}),
    "aws_db_instance": frozenset(
        {
            "allocated_storage",
            "backup_retention_period",
            "deletion_protection",
            "engine",
            "engine_version",
            "instance_class",
            "max_allocated_storage",
            "multi_az",
            "performance_insights_enabled",
            "publicly_accessible",
            "storage_encrypted",
            "storage_type",
        }
    ),
    "aws_dynamodb_table": frozenset({"billing_mode", "deletion_protection_enabled"}),
    "aws_ecs_service": frozenset(
        {"desired_count", "health_check_grace_period_seconds", "launch_type"}
    ),
    "aws_ecs_task_definition": frozenset({"cpu", "memory", "network_mode"}),
    "aws_elasticache_replication_group": frozenset(
        {
            "automatic_failover_enabled",
            "engine",
            "engine_version",
            "multi_az_enabled",
            "node_type",
            "num_cache_clusters",
            "snapshot_retention_limit",
        }
    ),
    "aws_lambda_function": frozenset({"memory_size", "runtime", "timeout"}),
    "aws_lb": frozenset(
        {"enable_deletion_protection", "idle_timeout", "internal", "load_balancer_type"}
    ),
    "aws_lb_listener": frozenset({"port", "protocol", "ssl_policy"}),
    "aws_lb_target_group": frozenset({"deregistration_delay", "port", "protocol", "target_type"}),
    "aws_sqs_queue": frozenset({"message_retention_seconds", "visibility_timeout_seconds"}),
    "aws_vpc_security_group_egress_rule": _RULE,
    "aws_vpc_security_group_ingress_rule": _RULE,
    "aws_xray_sampling_rule": frozenset({"fixed_rate", "reservoir_size"}),
}

# Sizes, versions, classes and address ranges; no sentence, and nothing long enough for a key.
_VALUE = re.compile(r"[A-Za-z0-9._:/-]{1,48}")


def is_shown(kind: str, attribute: str) -> bool:
    """Say whether the values of an attribute may be shown."""
    return attribute in SHOWN.get(kind, frozenset())


def shown_value(value: JsonValue) -> str | None:
    """Return a value that may be shown as text, or None where it is not of a harmless form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    text = str(value) if isinstance(value, int | float | str) else ""
    return text if _VALUE.fullmatch(text) else None
