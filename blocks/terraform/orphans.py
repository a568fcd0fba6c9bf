"""What a plan would create though it is there already: made by an apply whose state was lost.

Terraform's names are ours and do not change, so each is looked for by what the plan says of it. An
address that takes a value which is not known yet (the listener of a load balancer that is itself an
orphan) is found once that one has been taken up, in the next round.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials
from pydantic import JsonValue

from blocks.aws import aws_client, error_code, translated
from delightful.reading.plan import PlanDocument, PlannedResource

Values = Mapping[str, Any]
Client = Callable[[str], Any]

_ABSENT = (
    *("NotFound", "NotFoundFault", "NotFoundException", "DoesNotExistException"),
    *("DoesNotExist", "NoSuchEntity", "NotFoundError"),
)


class Found(NamedTuple):
    """What is there: the id that an import takes, and its tags where looking showed them."""

    import_id: str
    tags: Mapping[str, str] | None = None


class _Kind(NamedTuple):
    """How one type of resource is found: by which of its planned values, and where."""

    needs: tuple[str, ...]
    find: Callable[[Client, Values], Found | None]


def orphans_of(credentials: AwsCredentials, plan: PlanDocument) -> dict[str, str]:
    """Return the import ids of what a plan would create though it is there, by address.

    What bears other tags than it was planned with is somebody else's, and no orphan.
    """

    def client(service: str) -> Any:
        return aws_client(credentials, service)

    created = [one for one in plan.changed if one.action == "create"]
    found = {one.address: _found(client, one) for one in created}
    return {address: one.import_id for address, one in found.items() if one is not None}


def import_blocks(adopted: Mapping[str, str]) -> str:
    """Return the Terraform that takes up what is there already."""
    return "\n".join(
        f"import {{\n  to = {address}\n  id = {_quoted(import_id)}\n}}\n"
        for address, import_id in sorted(adopted.items())
    )


def _found(client: Client, resource: PlannedResource) -> Found | None:
    kind = _KINDS.get(resource.type)
    values = resource.change.new
    if kind is None or any(values.get(name) is None for name in kind.needs):
        return None
    with translated("AWS", f"look for {resource.type}"):
        try:
            found = kind.find(client, values)
        except ClientError as error:
            if not error_code(error).endswith(_ABSENT):
                raise
            return None
    return found if found is not None and _is_ours(found, values.get("tags")) else None


def _is_ours(found: Found, planned: JsonValue) -> bool:
    if found.tags is None or not isinstance(planned, dict):
        return True
    return all(found.tags.get(name) == value for name, value in planned.items())


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("${", "$${").replace("%{", "%%{") + '"'


def _tags(listed: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return tags, whichever way the service spells them."""
    return {
        one.get("Key") or one.get("key", ""): one.get("Value") or one.get("value", "")
        for one in listed
    }


def _security_group(client: Client, values: Values) -> Found | None:
    filters = {"group-name": values["name"], "vpc-id": values["vpc_id"]}
    groups = client("ec2").describe_security_groups(Filters=_filters(filters))["SecurityGroups"]
    return next((Found(one["GroupId"], _tags(one.get("Tags", ()))) for one in groups), None)


def _security_group_rule(client: Client, values: Values, *, is_egress: bool) -> Found | None:
    group = {"group-id": values["security_group_id"]}
    answer = client("ec2").describe_security_group_rules(Filters=_filters(group))
    wanted = (is_egress, *_rule_of_plan(values))
    for rule in answer["SecurityGroupRules"]:
        other = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        ports = (rule.get("FromPort", -1), rule.get("ToPort", -1))
        seen = (rule["IsEgress"], rule["IpProtocol"], *ports, rule.get("CidrIpv4"), other)
        if seen == wanted:
            return Found(rule["SecurityGroupRuleId"])
    return None


def _rule_of_plan(values: Values) -> tuple[Any, ...]:
    ports = [values.get(name) for name in ("from_port", "to_port")]
    known = (-1 if port is None else port for port in ports)
    named = (values.get("cidr_ipv4"), values.get("referenced_security_group_id"))
    return (values["ip_protocol"], *known, *named)


def _ingress_rule(client: Client, values: Values) -> Found | None:
    return _security_group_rule(client, values, is_egress=False)


def _egress_rule(client: Client, values: Values) -> Found | None:
    return _security_group_rule(client, values, is_egress=True)


def _load_balancer(client: Client, values: Values) -> Found | None:
    elb = client("elbv2")
    found = elb.describe_load_balancers(Names=[values["name"]])["LoadBalancers"]
    return _balancing(elb, found[0]["LoadBalancerArn"]) if found else None


def _target_group(client: Client, values: Values) -> Found | None:
    elb = client("elbv2")
    found = elb.describe_target_groups(Names=[values["name"]])["TargetGroups"]
    return _balancing(elb, found[0]["TargetGroupArn"]) if found else None


def _balancing(elb: Any, arn: str) -> Found:
    described = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return Found(arn, _tags(described[0]["Tags"]) if described else {})


def _listener(client: Client, values: Values) -> Found | None:
    answer = client("elbv2").describe_listeners(LoadBalancerArn=values["load_balancer_arn"])
    ports = {one["Port"]: one["ListenerArn"] for one in answer["Listeners"]}
    return Found(ports[values["port"]]) if values["port"] in ports else None


def _ecs_service(client: Client, values: Values) -> Found | None:
    answer = client("ecs").describe_services(
        cluster=values["cluster"], services=[values["name"]], include=["TAGS"]
    )
    cluster = str(values["cluster"]).rpartition("/")[2]
    there = (one for one in answer["services"] if one["status"] != "INACTIVE")
    service = next(there, None)
    return service and Found(f"{cluster}/{values['name']}", _tags(service.get("tags", ())))


def _role(client: Client, values: Values) -> Found | None:
    role = client("iam").get_role(RoleName=values["name"])["Role"]
    return Found(values["name"], _tags(role.get("Tags", ())))


def _role_policy(client: Client, values: Values) -> Found | None:
    role, name = values["role"], values["name"]
    client("iam").get_role_policy(RoleName=role, PolicyName=name)
    return Found(f"{role}:{name}")


def _codedeploy_application(client: Client, values: Values) -> Found | None:
    client("codedeploy").get_application(applicationName=values["name"])
    return Found(values["name"])


def _codedeploy_group(client: Client, values: Values) -> Found | None:
    application, group = values["app_name"], values["deployment_group_name"]
    client("codedeploy").get_deployment_group(
        applicationName=application, deploymentGroupName=group
    )
    return Found(f"{application}:{group}")


def _log_group(client: Client, values: Values) -> Found | None:
    answer = client("logs").describe_log_groups(logGroupNamePrefix=values["name"])
    names = {one["logGroupName"] for one in answer["logGroups"]}
    return Found(values["name"]) if values["name"] in names else None


def _alarm(client: Client, values: Values) -> Found | None:
    answer = client("cloudwatch").describe_alarms(AlarmNames=[values["alarm_name"]])
    return Found(values["alarm_name"]) if answer["MetricAlarms"] else None


def _dashboard(client: Client, values: Values) -> Found | None:
    client("cloudwatch").get_dashboard(DashboardName=values["dashboard_name"])
    return Found(values["dashboard_name"])


def _sampling_rule(client: Client, values: Values) -> Found | None:
    pages = client("xray").get_paginator("get_sampling_rules").paginate()
    records = (record for page in pages for record in page["SamplingRuleRecords"])
    names = {record["SamplingRule"]["RuleName"] for record in records}
    return Found(values["rule_name"]) if values["rule_name"] in names else None


def _scalable(values: Values) -> tuple[str, str, str]:
    names = ("service_namespace", "resource_id", "scalable_dimension")
    namespace, resource, dimension = (str(values[name]) for name in names)
    return namespace, resource, dimension


def _scalable_target(client: Client, values: Values) -> Found | None:
    namespace, resource, dimension = _scalable(values)
    answer = client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace=namespace, ResourceIds=[resource], ScalableDimension=dimension
    )
    return Found("/".join(_scalable(values))) if answer["ScalableTargets"] else None


def _scaling_policy(client: Client, values: Values) -> Found | None:
    namespace, resource, dimension = _scalable(values)
    answer = client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace=namespace,
        ResourceId=resource,
        ScalableDimension=dimension,
        PolicyNames=[values["name"]],
    )
    identity = "/".join((*_scalable(values), values["name"]))
    return Found(identity) if answer["ScalingPolicies"] else None


def _database(client: Client, values: Values) -> Found | None:
    name = values["identifier"]
    found = client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return Found(name, _tags(found[0].get("TagList", ()))) if found else None


def _database_subnets(client: Client, values: Values) -> Found | None:
    client("rds").describe_db_subnet_groups(DBSubnetGroupName=values["name"])
    return Found(values["name"])


def _database_parameters(client: Client, values: Values) -> Found | None:
    client("rds").describe_db_parameter_groups(DBParameterGroupName=values["name"])
    return Found(values["name"])


def _rotation(client: Client, values: Values) -> Found | None:
    secret = client("secretsmanager").describe_secret(SecretId=values["secret_id"])
    return Found(secret["ARN"]) if secret.get("RotationEnabled") else None


def _cache(client: Client, values: Values) -> Found | None:
    name = values["replication_group_id"]
    client("elasticache").describe_replication_groups(ReplicationGroupId=name)
    return Found(name)


def _cache_subnets(client: Client, values: Values) -> Found | None:
    client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=values["name"])
    return Found(values["name"])


def _cache_parameters(client: Client, values: Values) -> Found | None:
    client("elasticache").describe_cache_parameter_groups(CacheParameterGroupName=values["name"])
    return Found(values["name"])


def _filters(wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": [value]} for name, value in wanted.items()]


_SCALED = ("service_namespace", "resource_id", "scalable_dimension")

# Every type that infrastructure/service has, but the task definition: an apply registers a revision
# of its own, and one that no release holds is left to `sweep`.
_KINDS: Mapping[str, _Kind] = {
    "aws_appautoscaling_policy": _Kind((*_SCALED, "name"), _scaling_policy),
    "aws_appautoscaling_target": _Kind(_SCALED, _scalable_target),
    "aws_cloudwatch_dashboard": _Kind(("dashboard_name",), _dashboard),
    "aws_cloudwatch_log_group": _Kind(("name",), _log_group),
    "aws_cloudwatch_metric_alarm": _Kind(("alarm_name",), _alarm),
    "aws_codedeploy_app": _Kind(("name",), _codedeploy_application),
    "aws_codedeploy_deployment_group": _Kind(
        ("app_name", "deployment_group_name"), _codedeploy_group
    ),
    "aws_db_instance": _Kind(("identifier",), _database),
    "aws_db_parameter_group": _Kind(("name",), _database_parameters),
    "aws_db_subnet_group": _Kind(("name",), _database_subnets),
    "aws_ecs_service": _Kind(("cluster", "name"), _ecs_service),
    "aws_elasticache_parameter_group": _Kind(("name",), _cache_parameters),
    "aws_elasticache_replication_group": _Kind(("replication_group_id",), _cache),
    "aws_elasticache_subnet_group": _Kind(("name",), _cache_subnets),
    "aws_iam_role": _Kind(("name",), _role),
    "aws_iam_role_policy": _Kind(("role", "name"), _role_policy),
    "aws_lb": _Kind(("name",), _load_balancer),
    "aws_lb_listener": _Kind(("load_balancer_arn", "port"), _listener),
    "aws_lb_target_group": _Kind(("name",), _target_group),
    "aws_secretsmanager_secret_rotation": _Kind(("secret_id",), _rotation),
    "aws_security_group": _Kind(("name", "vpc_id"), _security_group),
    "aws_vpc_security_group_egress_rule": _Kind(("security_group_id", "ip_protocol"), _egress_rule),
    "aws_vpc_security_group_ingress_rule": _Kind(
        ("security_group_id", "ip_protocol"), _ingress_rule
    ),
    "aws_xray_sampling_rule": _Kind(("rule_name",), _sampling_rule),
}
ADOPTED_TYPES = frozenset(_KINDS)
