"""Application Auto Scaling through botocore: targets have tags, and take their policies along."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox
COUNT = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/scaled/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}


@pytest.fixture(scope="module")
def session(sandbox: SandboxDescription) -> Any:
    """Return what makes clients of the sandbox."""
    made = boto3.Session(
        sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region
    )
    return lambda service: made.client(service, endpoint_url=sandbox.aws_endpoint_url)


@pytest.fixture
def scaling(session: Any) -> Iterator[Any]:
    """Return Application Auto Scaling's client, beside a service that can be scaled."""
    ecs = session("ecs")
    ecs.create_cluster(clusterName="scaled")
    container = {"name": "web", "image": "web", "memory": 128}
    definition = ecs.register_task_definition(family="scaled", containerDefinitions=[container])
    ecs.create_service(
        cluster="scaled",
        serviceName="web",
        taskDefinition=definition["taskDefinition"]["taskDefinitionArn"],
        desiredCount=0,
    )
    yield session("application-autoscaling")
    ecs.delete_service(cluster="scaled", service="web", force=True)
    # Until then its name is not free.
    ecs.get_waiter("services_inactive").wait(
        cluster="scaled", services=["web"], WaiterConfig={"Delay": 1}
    )


def test_a_target_keeps_its_tags_until_it_is_deregistered(scaling: Any) -> None:
    """Terraform reads back what it wrote, and a target that is gone has none."""
    arn = registered(scaling, Tags={"delightful:service": "web"})
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"delightful:service": "web"}
    scaling.tag_resource(ResourceARN=arn, Tags={"team": "a"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["delightful:service"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "a"}
    scaling.deregister_scalable_target(**COUNT)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        scaling.list_tags_for_resource(ResourceARN=arn)


def test_policies_and_their_alarms_go_with_their_target(scaling: Any, session: Any) -> None:
    """Nothing is left of a scaler that was taken away."""
    registered(scaling)
    scaling.put_scaling_policy(
        **COUNT,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
        },
    )
    assert len(alarms(session)) == 2
    scaling.deregister_scalable_target(**COUNT)
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []
    assert alarms(session) == []


def test_a_target_that_is_not_there_cannot_be_deregistered(scaling: Any) -> None:
    """As AWS says it, which Terraform takes for gone."""
    with pytest.raises(ClientError, match="No scalable target found"):
        scaling.deregister_scalable_target(**COUNT)


def registered(scaling: Any, **more: Any) -> str:
    """Register the count of the service's tasks and return the target's ARN."""
    answer = scaling.register_scalable_target(**COUNT, MinCapacity=1, MaxCapacity=2, **more)
    return str(answer["ScalableTargetARN"])


def alarms(session: Any) -> list[str]:
    """Return the names of the alarms that scaling policies made."""
    found = session("cloudwatch").describe_alarms(AlarmNamePrefix="TargetTracking-service/scaled")
    return [alarm["AlarmName"] for alarm in found["MetricAlarms"]]
