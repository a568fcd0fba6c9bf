"""Services that really run their tasks, seen by clients that nobody here wrote."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sandbox
CODE_DEPLOY = {"deploymentController": {"type": "CODE_DEPLOY"}}
Until = Callable[[Callable[[], Any]], Any]
Get = Callable[[str], tuple[int, str]]


def stable(stage: Any, name: str) -> None:
    """Wait as AWS's own waiter does."""
    waiter = stage.aws("ecs").get_waiter("services_stable")
    waiter.wait(cluster="stage", services=[name], WaiterConfig={"Delay": 1, "MaxAttempts": 40})


def messages(stage: Any, name: str) -> str:
    """Return a service's events as one text."""
    return "\n".join(event["message"] for event in stage.described(name)["events"])


def test_rolls_from_one_version_to_the_next(stage: Any, get: Get, until: Until) -> None:
    """A rolling service is replaced, ends with one deployment COMPLETED, and serves throughout."""
    group, url = stage.target_group()
    name = stage.service(stage.definition(), group, desiredCount=2)
    until(lambda: get(url) == (200, "one"))
    until(lambda: stage.described(name)["deployments"][0]["rolloutState"] == "COMPLETED")
    new = stage.definition(env={"VERSION": "two"})
    stage.aws("ecs").update_service(cluster="stage", service=name, taskDefinition=new)
    seen = []
    until(lambda: seen.append(get(url)) or seen[-1] == (200, "two"))
    assert {status for status, _ in seen} == {200}
    stable(stage, name)
    until(lambda: stage.described(name)["deployments"][0]["rolloutState"] == "COMPLETED")
    service = stage.described(name)
    assert [item["taskDefinition"] for item in service["deployments"]] == [new]
    assert service["runningCount"] == service["desiredCount"] == 2
    assert f"(service {name}) has reached a steady state." in messages(stage, name)
    stage.delete(name)


def test_circuit_breaker_rolls_back(stage: Any, get: Get, until: Until) -> None:
    """Tasks that crash trip the breaker, and the last completed version stays in service."""
    group, url = stage.target_group()
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    good = stage.definition()
    name = stage.service(good, group, deploymentConfiguration=breaker)
    until(lambda: stage.described(name)["deployments"][0]["rolloutState"] == "COMPLETED")
    bad = stage.definition(env={"KIND": "crashing"})
    stage.aws("ecs").update_service(cluster="stage", service=name, taskDefinition=bad)
    until(lambda: "deployment failed: tasks failed to start." in messages(stage, name))
    until(lambda: stage.described(name)["deployments"][0]["rolloutState"] == "COMPLETED")
    service = stage.described(name)
    assert service["taskDefinition"] == good
    assert get(url) == (200, "one")
    stage.delete(name)


def test_codedeploy_service_has_task_sets_only(stage: Any, get: Get, until: Until) -> None:
    """A CODE_DEPLOY service shows no deployments, and one steady set without external id."""
    group, url = stage.target_group()
    definition = stage.definition()
    name = stage.service(definition, group, **CODE_DEPLOY)
    until(lambda: stage.described(name)["taskSets"][0]["stabilityStatus"] == "STEADY_STATE")
    service = stage.described(name)
    assert service["deployments"] == []
    (task_set,) = service["taskSets"]
    assert task_set["status"] == "PRIMARY"
    assert "externalId" not in task_set
    assert task_set["computedDesiredCount"] == task_set["runningCount"] == 1
    assert task_set["loadBalancers"][0]["targetGroupArn"] == group
    assert get(url) == (200, "one")
    steady = f"(service {name}, taskSet {task_set['id']}) updated state to STEADY_STATE."
    assert steady in messages(stage, name)
    with pytest.raises(ClientError, match="Unable to update task definition on services with a"):
        stage.aws("ecs").update_service(cluster="stage", service=name, taskDefinition=definition)
    stage.delete(name)


def test_scales_in_and_out(stage: Any, until: Until) -> None:
    """The desired count of a CODE_DEPLOY service may change, and tasks follow."""
    name = stage.service(stage.definition(), **CODE_DEPLOY)
    ecs = stage.aws("ecs")
    for count in (2, 0):
        ecs.update_service(cluster="stage", service=name, desiredCount=count)
        until(lambda count=count: stage.described(name)["runningCount"] == count)
    stage.delete(name)
    assert stage.described(name)["status"] == "INACTIVE"


def test_replaces_a_killed_task(stage: Any, until: Until) -> None:
    """A task that is stopped by a person is replaced by the scheduler."""
    name = stage.service(stage.definition())
    ecs = stage.aws("ecs")
    stable(stage, name)
    (task,) = ecs.list_tasks(cluster="stage", serviceName=name)["taskArns"]
    ecs.stop_task(cluster="stage", task=task, reason="test")
    stable(stage, name)
    until(lambda: stage.described(name)["runningCount"] == 1)
    assert ecs.list_tasks(cluster="stage", serviceName=name)["taskArns"] != [task]
    stopped = stage.stopped(task)
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "test")
    stage.delete(name)


def test_names_the_target_group_that_found_a_task_unhealthy(stage: Any, until: Until) -> None:
    """A task whose target is unhealthy is stopped with ECS's reason; an event says what it saw."""
    group, _ = stage.target_group()
    name = stage.service(stage.definition(env={"KIND": "unhealthy"}), group)
    ecs = stage.aws("ecs")

    def stopped() -> list[str]:
        answer = ecs.list_tasks(cluster="stage", serviceName=name, desiredStatus="STOPPED")
        found: list[str] = answer["taskArns"]
        return found

    task = stage.stopped(until(stopped)[0])
    assert task["stopCode"] == "ServiceSchedulerInitiated"
    assert task["stoppedReason"] == f"Task failed ELB health checks in (target-group {group})"
    why = "due to (reason Health checks failed with these codes: [500])."
    assert f"is unhealthy in (target-group {group}) {why}" in messages(stage, name)
    stage.delete(name)


def test_waits_for_a_program_that_starts_slowly(stage: Any, get: Get, until: Until) -> None:
    """A fast clock does not make a program late: its first task becomes healthy."""
    group, url = stage.target_group()
    name = stage.service(stage.definition(env={"KIND": "slow"}), group)
    until(lambda: get(url) == (200, "one"))
    ecs = stage.aws("ecs")
    stopped = ecs.list_tasks(cluster="stage", serviceName=name, desiredStatus="STOPPED")
    assert stopped["taskArns"] == []
    stage.delete(name)


def test_crash_loop_tells_exit_code_and_log(stage: Any, until: Until) -> None:
    """Each task of a crash loop keeps its exit code, its reason and its last words."""
    name = stage.service(stage.definition(env={"KIND": "crashing"}))
    ecs = stage.aws("ecs")
    found = until(
        lambda: ecs.list_tasks(cluster="stage", serviceName=name, desiredStatus="STOPPED")[
            "taskArns"
        ]
    )
    task = stage.stopped(found[0])
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 3
    assert stage.log_lines(found[0]) == ["starting one None"]
    until(lambda: len(ecs.list_tasks(cluster="stage", serviceName=name)["taskArns"]) == 1)
    stage.delete(name)


def test_refuses_a_target_group_without_a_load_balancer(stage: Any) -> None:
    """A service may not stand on a group that no listener forwards to."""
    group = stage.aws("elbv2").create_target_group(
        Name="alone", Protocol="HTTP", Port=80, VpcId=stage.vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        stage.service(stage.definition(), group)


def test_keeps_every_setting_of_a_service(stage: Any) -> None:
    """What Terraform sets is what it reads back."""
    name = stage.service(
        stage.definition(),
        desiredCount=0,
        healthCheckGracePeriodSeconds=40,
        enableExecuteCommand=True,
        enableECSManagedTags=True,
        availabilityZoneRebalancing="ENABLED",
        propagateTags="SERVICE",
    )
    service = stage.described(name)
    assert service["healthCheckGracePeriodSeconds"] == 40
    assert service["enableExecuteCommand"] is True
    assert service["enableECSManagedTags"] is True
    assert service["availabilityZoneRebalancing"] == "ENABLED"
    stage.delete(name)
