"""What CodeDeploy's calls take, refuse and give back."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox

HOOK = """
import os
import boto3

def handler(event, context):
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=os.environ["OUTCOME"],
    )
"""


def _code(refused: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refusal:
        refused()
    return str(refusal.value.response["Error"]["Code"])


def _hook(service: Any, outcome: str) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hook.py", HOOK)
    name = f"{service.name}-{outcome.lower()}"
    role = service.aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]
    service.aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role["Arn"],
        Handler="hook.handler",
        Code={"ZipFile": buffer.getvalue()},
        Environment={"Variables": {"OUTCOME": outcome}},
        Timeout=60,
    )
    return name


def test_a_hook_that_agrees_lets_it_pass(service: Any) -> None:
    """The function runs, calls back through the API, and the deployment goes on."""
    deployment_id = service.deploy("v2", hooks={"AfterInstall": _hook(service, "Succeeded")})
    service.wait_for(deployment_id, "Succeeded")
    service.wait_for_answer("v2")


def test_a_hook_that_disagrees_rolls_back_before_traffic(service: Any) -> None:
    """A Failed callback fails the deployment; production stayed with v1."""
    deployment_id = service.deploy("v2", hooks={"AfterAllowTestTraffic": _hook(service, "Failed")})
    info = service.wait_for(deployment_id, "Failed")
    assert info["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    assert "rollbackDeploymentId" in info["rollbackInfo"]
    assert service.get() == (200, "v1")


def test_a_hook_that_is_not_there_fails_it(service: Any) -> None:
    """A function that does not exist is not waited for."""
    info = service.wait_for(service.deploy("v2", hooks={"AfterInstall": "gone"}), "Failed")
    assert info["errorInformation"]["code"] == "INVALID_LAMBDA_FUNCTION"


def test_a_canary_shares_traffic_by_weight(service: Any) -> None:
    """Ten percent, then everything; the configuration is one that was made here."""
    client = service.aws("codedeploy")
    client.create_deployment_config(
        deploymentConfigName=service.name,
        computePlatform="ECS",
        trafficRoutingConfig={
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 1},
        },
    )
    deployment_id = service.deploy("v2", deploymentConfigName=service.name)
    busy = lambda: client.delete_deployment_config(deploymentConfigName=service.name)  # noqa: E731
    assert _code(busy) == "DeploymentConfigInUseException"
    seen = set()
    while service.deployment(deployment_id)["status"] != "Succeeded":
        seen.add(service.weights()[service.groups[1]])
    assert seen >= {0, 10}
    assert service.weights()[service.groups[1]] == 100
    assert client.get_deployment_config(deploymentConfigName=service.name)["deploymentConfigInfo"][
        "trafficRoutingConfig"
    ]["timeBasedCanary"] == {"canaryPercentage": 10, "canaryInterval": 1}


def test_the_appspec_is_given_back_by_its_sha256_only(service: Any) -> None:
    """GetDeployment has no content, GetApplicationRevision has it."""
    content = service.appspec(service.task_definition("v2"))
    digest = hashlib.sha256(content.encode()).hexdigest()
    client = service.aws("codedeploy")
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
    deployment_id = client.create_deployment(
        applicationName=service.name,
        deploymentGroupName=service.name,
        revision=revision,
        description="a description",
    )["deploymentId"]
    info = service.deployment(deployment_id)
    assert info["revision"]["appSpecContent"] == {"sha256": digest}
    assert info["description"] == "a description"
    by_digest = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": digest}}
    got = client.get_application_revision(applicationName=service.name, revision=by_digest)
    assert got["revision"]["appSpecContent"]["content"] == content
    assert got["revisionInfo"]["deploymentGroups"] == [service.name]


def test_create_deployment_refuses_what_it_cannot_do(service: Any) -> None:
    """Each with the exception of the service model."""
    client = service.aws("codedeploy")
    content = service.appspec("web:1")
    good = {
        "applicationName": service.name,
        "deploymentGroupName": service.name,
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
    }
    refused = {
        "ApplicationDoesNotExistException": {"applicationName": "gone"},
        "DeploymentGroupDoesNotExistException": {"deploymentGroupName": "gone"},
        "RevisionRequiredException": {"revision": {}},
        "InvalidRevisionException": {"revision": {"revisionType": "GitHub"}},
        "RevisionDoesNotExistException": {
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0"}}
        },
        "DeploymentConfigDoesNotExistException": {"deploymentConfigName": "gone"},
        "InvalidDeploymentConfigNameException": {
            "deploymentConfigName": "CodeDeployDefault.OneAtATime"
        },
        "DescriptionTooLongException": {"description": "x" * 257},
        "InvalidAutoRollbackConfigException": {
            "autoRollbackConfiguration": {"enabled": True, "events": []}
        },
        "InvalidAlarmConfigException": {
            "overrideAlarmConfiguration": {"enabled": True, "alarms": []}
        },
        "AlarmsLimitExceededException": {
            "overrideAlarmConfiguration": {
                "enabled": True,
                "alarms": [{"name": str(n)} for n in range(11)],
            }
        },
    }
    codes = {
        wanted: _code(lambda given=given: client.create_deployment(**{**good, **given}))
        for wanted, given in refused.items()
    }
    assert codes == {wanted: wanted for wanted in refused}


def test_calls_on_a_deployment_that_is_over_or_unknown_are_refused(service: Any) -> None:
    """Stop, continue and get, each with its exception."""
    client = service.aws("codedeploy")
    deployment_id = service.deploy("v2")
    ready = lambda: client.continue_deployment(  # noqa: E731
        deploymentId=deployment_id, deploymentWaitType="READY_WAIT"
    )
    assert _code(ready) == "DeploymentIsNotInReadyStateException"
    service.wait_for(deployment_id, "Succeeded")
    stop = lambda: client.stop_deployment(deploymentId=deployment_id)  # noqa: E731
    assert _code(stop) == "DeploymentAlreadyCompletedException"
    assert _code(ready) == "DeploymentAlreadyCompletedException"
    unknown = lambda: client.get_deployment(deploymentId="d-000000000")  # noqa: E731
    assert _code(unknown) == "DeploymentDoesNotExistException"
    invalid = lambda: client.get_deployment(deploymentId="nonsense")  # noqa: E731
    assert _code(invalid) == "InvalidDeploymentIdException"
    other = lambda: client.get_deployment_target(  # noqa: E731
        deploymentId=deployment_id, targetId="other:service"
    )
    assert _code(other) == "DeploymentTargetDoesNotExistException"


def test_targets_are_not_there_until_the_deployment_starts(service: Any) -> None:
    """Who asks at once is told so; Created lasts a moment, so a busy machine needs some tries."""
    assert "DeploymentNotStartedException" in [
        _target_answer(service, f"v{number}") for number in range(2, 6)
    ]


def _target_answer(service: Any, version: str) -> str | None:
    client = service.aws("codedeploy")
    deployment_id = service.deploy(version)
    try:
        client.list_deployment_targets(deploymentId=deployment_id)
    except ClientError as refusal:
        return str(refusal.response["Error"]["Code"])
    finally:
        service.wait_for(deployment_id, "Succeeded")
    return None


def test_lists_deployments_newest_first_and_by_status(service: Any) -> None:
    """What a client polls to find its own again."""
    client = service.aws("codedeploy")
    first = service.deploy("v2")
    service.wait_for(first, "Succeeded")
    second = service.deploy("v3")
    named = {"applicationName": service.name, "deploymentGroupName": service.name}
    assert client.list_deployments(**named)["deployments"] == [second, first]
    done = client.list_deployments(**named, includeOnlyStatuses=["Succeeded"])["deployments"]
    assert first in done
    info = service.wait_for(second, "Succeeded")
    assert info["previousRevision"] == service.deployment(first)["revision"]
    group = client.get_deployment_group(**named)["deploymentGroupInfo"]
    assert group["lastSuccessfulDeployment"]["deploymentId"] == second


def test_group_settings_that_ecs_does_not_take_are_refused(
    service: Any, blue_green: Callable[..., Any]
) -> None:
    """In the words of the service where they are known."""
    continues = blue_green(0)
    continues["deploymentReadyOption"]["waitTimeInMinutes"] = 5
    with pytest.raises(ClientError, match="cannot be set to 'CONTINUE_DEPLOYMENT' when timeout"):
        service.change_group(blueGreenDeploymentConfiguration=continues)
    with pytest.raises(ClientError, match="the deployment type must be BLUE_GREEN"):
        service.change_group(
            deploymentStyle={
                "deploymentType": "IN_PLACE",
                "deploymentOption": "WITH_TRAFFIC_CONTROL",
            }
        )
    with pytest.raises(ClientError, match="Could not load ECS service information"):
        service.change_group(ecsServices=[{"clusterName": service.cluster, "serviceName": "no"}])


def test_a_listener_elsewhere_fails_it_before_any_task_set(service: Any) -> None:
    """The live group must be behind the production listener."""
    service.aws("elbv2").modify_listener(
        ListenerArn=service.listener,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": service.groups[1]}],
    )
    info = service.wait_for(service.deploy("v2"), "Failed")
    assert info["errorInformation"]["message"].endswith(
        f"Primary taskset target group must be behind listener {service.listener}"
    )
    assert len(service.task_sets()) == 1


def test_a_service_that_is_gone_fails_it(service: Any) -> None:
    """Nothing to replace is told as such, with cluster and service."""
    service.aws("ecs").delete_service(cluster=service.cluster, service=service.name, force=True)
    info = service.wait_for(service.deploy("v2"), "Failed")
    assert info["errorInformation"] == {
        "code": "INVALID_ECS_SERVICE",
        "message": f"Could not load ECS service information for cluster: {service.cluster},"
        f" service: {service.name}",
    }


def test_applications_and_groups_can_be_renamed_and_tagged(service: Any) -> None:
    """Names change, identity, tags and revisions stay."""
    client = service.aws("codedeploy")
    new = f"{service.name}-renamed"
    before = client.get_application(applicationName=service.name)["application"]
    arn = f"arn:aws:codedeploy:us-east-1:123456789012:application:{service.name}"
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    client.update_application(applicationName=service.name, newApplicationName=new)
    after = client.get_application(applicationName=new)["application"]
    assert after["applicationId"] == before["applicationId"]
    tags = client.list_tags_for_resource(ResourceArn=arn.replace(service.name, new))["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    assert client.list_deployment_groups(applicationName=new)["deploymentGroups"] == [service.name]
    client.update_application(applicationName=new, newApplicationName=service.name)
