"""Whole blue/green deployments with real tasks behind a real load balancer."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.codedeploy.lifecycle import EVENT_NAMES
from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox


def _events(target: Mapping[str, Any]) -> dict[str, str]:
    return {event["lifecycleEventName"]: event["status"] for event in target["lifecycleEvents"]}


def test_moves_a_service_to_its_next_version_under_load(service: Any, load: Any) -> None:
    """Blue/green by botocore's waiter: no request fails, identity changes, blue goes away."""
    client = service.aws("codedeploy")
    with load(service) as traffic:
        deployment_id = service.deploy("v2")
        client.get_waiter("deployment_successful").wait(
            deploymentId=deployment_id, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        service.wait_for_answer("v2")
    assert traffic.failures == []
    assert {"v1", "v2"} == {body for _, body in traffic.answers}
    assert service.weights() == {service.groups[1]: 100, service.groups[0]: 0}
    info = service.deployment(deployment_id)
    assert info["deploymentOverview"]["Succeeded"] == 1
    assert info["creator"] == "user"
    target = service.target(deployment_id)
    assert _events(target) == dict.fromkeys(EVENT_NAMES, "Succeeded")
    green = next(one for one in target["taskSetsInfo"] if one["taskSetLabel"] == "Green")
    assert (green["status"], green["trafficWeight"]) == ("PRIMARY", 100.0)
    (left,) = wait_for_one_task_set(service)
    assert left["externalId"] == deployment_id
    assert left["startedBy"] == "CODE_DEPLOY"


def wait_for_one_task_set(service: Any) -> list[dict[str, Any]]:
    """Wait until the original has drained and is gone."""
    import time

    deadline = time.monotonic() + 20
    while len(found := service.task_sets()) != 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    return list(found)


def test_the_command_line_waits_for_success(
    service: Any, process_sandbox: SandboxDescription
) -> None:
    """`aws deploy wait deployment-successful` ends with 0 once the deployment succeeded."""
    deployment_id = service.deploy("v2")
    service.wait_for(deployment_id, "Succeeded")
    command = Path(sys.executable).parent / "aws"
    done = subprocess.run(
        [command, "deploy", "wait", "deployment-successful", "--deployment-id", deployment_id],
        env={**os.environ, **process_sandbox.environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_line_deploys_a_task_definition(
    service: Any, process_sandbox: SandboxDescription, tmp_path: Path
) -> None:
    """`aws ecs deploy` registers, writes the ARN into the AppSpec, creates and waits."""
    described = service.aws("ecs").describe_task_definition(
        taskDefinition=service.task_definition("v2")
    )["taskDefinition"]
    asked = ("family", "requiresCompatibilities", "networkMode", "cpu", "memory")
    definition = {key: described[key] for key in (*asked, "containerDefinitions")}
    (tmp_path / "task.json").write_text(json.dumps(definition))
    (tmp_path / "appspec.json").write_text(service.appspec("replaced"))
    command = [str(Path(sys.executable).parent / "aws"), "ecs", "deploy"]
    named = {
        "--service": service.name,
        "--cluster": service.cluster,
        "--task-definition": str(tmp_path / "task.json"),
        "--codedeploy-appspec": str(tmp_path / "appspec.json"),
        "--codedeploy-application": service.name,
        "--codedeploy-deployment-group": service.name,
    }
    done = subprocess.run(
        [*command, *(part for pair in named.items() for part in pair)],
        env={**os.environ, **process_sandbox.environment()},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully deployed" in done.stdout
    service.wait_for_answer("v2")


def test_waits_ready_with_the_test_listener_on_the_new_version(
    service: Any, blue_green: Callable[..., Any]
) -> None:
    """In Ready the test listener serves v2 and production v1, until told to continue."""
    service.change_group(blueGreenDeploymentConfiguration=blue_green(60, 60))
    deployment_id = service.deploy("v2")
    service.wait_for(deployment_id, "Ready")
    service.wait_for_answer("v2", service.test_url)
    assert service.get() == (200, "v1")
    assert service.target(deployment_id)["status"] == "Ready"
    service.change_group(blueGreenDeploymentConfiguration=blue_green(60, 30))
    assert service.get() == (200, "v1")
    client = service.aws("codedeploy")
    client.continue_deployment(deploymentId=deployment_id, deploymentWaitType="READY_WAIT")
    service.wait_for_answer("v2")
    info = service.deployment(deployment_id)
    assert info["status"] == "InProgress"
    assert "deploymentOverview" not in info
    client.continue_deployment(deploymentId=deployment_id, deploymentWaitType="TERMINATION_WAIT")
    service.wait_for(deployment_id, "Succeeded")


def test_stops_when_the_ready_wait_expires(service: Any, blue_green: Callable[..., Any]) -> None:
    """Nobody continues: Stopped with the recorded message, production never moved."""
    service.change_group(blueGreenDeploymentConfiguration=blue_green(1))
    info = service.wait_for(service.deploy("v2"), "Stopped")
    assert "This time out period is 1 minutes" in info["errorInformation"]["message"]
    assert service.get() == (200, "v1")


def test_stop_rolls_back_as_a_deployment_of_its_own(
    service: Any, blue_green: Callable[..., Any], load: Any
) -> None:
    """Stopped at full traffic: production returns to v1 without a failed request."""
    service.change_group(blueGreenDeploymentConfiguration=blue_green(0, 60))
    with load(service) as traffic:
        deployment_id = service.deploy("v2")
        service.wait_for_answer("v2")
        service.aws("codedeploy").stop_deployment(deploymentId=deployment_id)
        info = service.wait_for(deployment_id, "Stopped")
        assert service.weights() == {service.groups[0]: 100, service.groups[1]: 0}
        service.wait_for_answer("v1")
    assert traffic.failures == []
    rollback_id = info["rollbackInfo"]["rollbackDeploymentId"]
    assert info["rollbackInfo"]["rollbackMessage"] == (
        f"Deployment {deployment_id} terminated. Automatic rollback is triggered with a"
        f" DeploymentId {rollback_id}."
    )
    rollback = service.wait_for(rollback_id, "Succeeded")
    assert rollback["creator"] == "codeDeployRollback"
    assert rollback["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
    assert rollback["rollbackInfo"] == {
        "rollbackTriggeringDeploymentId": deployment_id,
        "rollbackMessage": f"Deployment {rollback_id} is triggered to roll back deployment"
        f" {deployment_id}.",
    }
    (left,) = wait_for_one_task_set(service)
    assert left["status"] == "PRIMARY"


def test_an_alarm_rolls_a_bad_version_back(
    service: Any, blue_green: Callable[..., Any], alarm: Callable[[Any], str], load: Any
) -> None:
    """A version that answers 500 fires the alarm on what the load balancer saw, and goes back."""
    name = alarm(service)
    service.change_group(
        blueGreenDeploymentConfiguration=blue_green(0, 60),
        alarmConfiguration={"enabled": True, "alarms": [{"name": name}]},
    )
    with load(service):
        deployment_id = service.deploy("v2", "failing")
        info = service.wait_for(deployment_id, "Stopped")
    assert info["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert info["errorInformation"]["message"].endswith(f"Activated alarms: {name}")
    service.wait_for(info["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    service.wait_for_answer("v1")


def test_an_alarm_that_fires_already_stops_it_at_once(
    service: Any, alarm: Callable[[Any], str]
) -> None:
    """Stopped within a second, before any task set, with nothing to roll back."""
    name = alarm(service)
    cloudwatch = service.aws("cloudwatch")
    service.change_group(alarmConfiguration={"enabled": True, "alarms": [{"name": name}]})
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    info = service.wait_for(service.deploy("v2"), "Stopped", seconds=2)
    assert info["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert info["rollbackInfo"] == {}
    assert len(service.task_sets()) == 1


def test_a_version_that_is_never_healthy_fails_and_v1_serves(service: Any, load: Any) -> None:
    """Sixty sandbox minutes would pass: stopping it is what a client does instead."""
    with load(service) as traffic:
        deployment_id = service.deploy("v2", "unhealthy")
        service.wait_for(deployment_id, "InProgress")
        service.aws("codedeploy").stop_deployment(
            deploymentId=deployment_id, autoRollbackEnabled=True
        )
        service.wait_for(deployment_id, "Stopped")
    assert traffic.failures == []
    assert service.get() == (200, "v1")
    assert _events(service.target(deployment_id))["AllowTraffic"] == "Skipped"


def test_refuses_a_second_deployment_while_one_is_active(
    service: Any, blue_green: Callable[..., Any]
) -> None:
    """One active deployment per group, told with its id."""
    service.change_group(blueGreenDeploymentConfiguration=blue_green(60))
    active = service.deploy("v2")
    with pytest.raises(ClientError) as refusal:
        service.deploy("v3")
    assert refusal.value.response["Error"]["Code"] == "DeploymentLimitExceededException"
    assert refusal.value.response["Error"]["Message"] == (
        f"The Deployment Group '{service.name}' already has an active Deployment '{active}'"
    )


def test_a_container_port_that_is_not_there_fails_in_the_words_of_ecs(service: Any) -> None:
    """ECS's refusal reaches errorInformation, and no task set is left."""
    definition = service.task_definition("v2")
    content = service.appspec(definition).replace("8080", "9090")
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
    deployment_id = service.aws("codedeploy").create_deployment(
        applicationName=service.name, deploymentGroupName=service.name, revision=revision
    )["deploymentId"]
    info = service.wait_for(deployment_id, "Failed")
    assert info["errorInformation"]["code"] == "ECS_UPDATE_ERROR"
    assert "did not have a container port 9090 defined" in info["errorInformation"]["message"]
    assert len(service.task_sets()) == 1
