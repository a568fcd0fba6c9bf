"""What a deployment group of the ECS platform may say, and what it says by default."""

from collections.abc import Mapping
from typing import Any

from sandbox.codedeploy.records import AlarmWatch, DeploymentGroup, Plan
from sandbox.codedeploy.refusal import Refusal
from sandbox.codedeploy.shifting import ECS_ALL_AT_ONCE, DeploymentConfig

Settings = dict[str, Any]
MAX_ALARMS = 10
MAX_READY_WAIT_MINUTES = 120 * 60
MAX_TERMINATION_WAIT_MINUTES = 2880

GIVEN = (
    "deploymentConfigName",
    "ec2TagFilters",
    "onPremisesInstanceTagFilters",
    "autoScalingGroups",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "outdatedInstancesStrategy",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ec2TagSet",
    "ecsServices",
    "onPremisesTagSet",
    "terminationHookEnabled",
)


def with_defaults(given: Mapping[str, Any], platform: str) -> Settings:
    """Return complete settings of what a request gave (absent values are None or missing)."""
    settings = {key: given.get(key) for key in GIVEN}
    default = ECS_ALL_AT_ONCE.name if platform == "ECS" else "CodeDeployDefault.OneAtATime"
    settings["deploymentConfigName"] = settings["deploymentConfigName"] or default
    settings["outdatedInstancesStrategy"] = settings["outdatedInstancesStrategy"] or "UPDATE"
    settings["terminationHookEnabled"] = bool(settings["terminationHookEnabled"])
    for key in ("ec2TagFilters", "onPremisesInstanceTagFilters", "autoScalingGroups"):
        settings[key] = settings[key] or []
    settings["triggerConfigurations"] = settings["triggerConfigurations"] or []
    settings["ecsServices"] = settings["ecsServices"] or []
    alarms = {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []}
    settings["alarmConfiguration"] = alarms | (settings["alarmConfiguration"] or {})
    rollback = {"enabled": False, "events": []}
    settings["autoRollbackConfiguration"] = rollback | (settings["autoRollbackConfiguration"] or {})
    settings["blueGreenDeploymentConfiguration"] = _blue_green(
        settings["blueGreenDeploymentConfiguration"]
    )
    return settings


def _blue_green(given: Mapping[str, Any] | None) -> Settings | None:
    # Clients read both minutes without looking whether they are there.
    if not given:
        return None
    ready = {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}
    terminate = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 0}
    return {
        **given,
        "deploymentReadyOption": ready | (given.get("deploymentReadyOption") or {}),
        "terminateBlueInstancesOnDeploymentSuccess": terminate
        | (given.get("terminateBlueInstancesOnDeploymentSuccess") or {}),
    }


def check_ecs_settings(settings: Settings) -> None:
    """Refuse settings that CodeDeploy for ECS does not take.

    Raises:
        Refusal: in the service's words, with the exception it uses.
    """
    style = settings["deploymentStyle"] or {}
    wanted = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    if style != wanted:
        raise Refusal(
            "InvalidDeploymentStyle",
            "For ECS deployment, the deployment type must be BLUE_GREEN, and deployment option"
            " must be WITH_TRAFFIC_CONTROL.",
        )
    _check_balancer(settings["loadBalancerInfo"])
    _check_blue_green(settings["blueGreenDeploymentConfiguration"])
    services = settings["ecsServices"]
    if len(services) != 1 or not all(services[0].get(k) for k in ("clusterName", "serviceName")):
        raise Refusal(
            "InvalidECSService",
            "For ECS deployment group, exactly one ECS service must be specified",
        )
    check_rollback(settings["autoRollbackConfiguration"])
    check_alarms(settings["alarmConfiguration"])


def _check_balancer(info: Mapping[str, Any] | None) -> None:
    start = "For ECS deployment group, loadBalancerInfo must"
    if not info:
        raise Refusal("InvalidLoadBalancerInfo", f"{start} be specified")
    for name, key in (("elbInfo", "elbInfoList"), ("targetGroupInfo", "targetGroupInfoList")):
        if info.get(key):
            raise Refusal("InvalidLoadBalancerInfo", f"{start} not contain {name} list")
    pairs = info.get("targetGroupPairInfoList") or []
    if len(pairs) != 1 or len(pairs[0].get("targetGroups") or []) != 2:
        raise Refusal(
            "InvalidTargetGroupPair",
            "A deployment group associated with an application that uses the ECS compute platform"
            " must contain a valid pair of target groups that identify a load balancer.",
        )
    if len((pairs[0].get("prodTrafficRoute") or {}).get("listenerArns") or []) != 1:
        raise Refusal(
            "InvalidLoadBalancerInfo", f"{start} name exactly one production traffic listener"
        )


def _check_blue_green(given: Mapping[str, Any] | None) -> None:
    code = "InvalidBlueGreenDeploymentConfiguration"
    if not given:
        raise Refusal(
            code, "For ECS deployment group, blueGreenDeploymentConfiguration must be specified"
        )
    ready = given["deploymentReadyOption"]
    waits = ready["waitTimeInMinutes"]
    if waits and ready["actionOnTimeout"] == "CONTINUE_DEPLOYMENT":
        raise Refusal(
            code,
            "Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is"
            " specified",
        )
    ends = given["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"]
    for value, limit in ((waits, MAX_READY_WAIT_MINUTES), (ends, MAX_TERMINATION_WAIT_MINUTES)):
        if not 0 <= value <= limit:
            raise Refusal(code, f"A wait time must be between 0 and {limit} minutes")


def check_rollback(given: Mapping[str, Any] | None) -> None:
    """Refuse an automatic rollback that names no event.

    Raises:
        Refusal: InvalidAutoRollbackConfig.
    """
    if given and given.get("enabled") and not given.get("events"):
        raise Refusal(
            "InvalidAutoRollbackConfig",
            "The automatic rollback configuration is enabled but names no event",
        )


def check_alarms(given: Mapping[str, Any] | None) -> None:
    """Refuse too many alarms, none where they are enabled, and one named twice.

    Raises:
        Refusal: AlarmsLimitExceeded or InvalidAlarmConfig.
    """
    names = [alarm.get("name") for alarm in (given or {}).get("alarms") or []]
    if len(names) > MAX_ALARMS:
        raise Refusal(
            "AlarmsLimitExceeded", f"The maximum number of alarms ({MAX_ALARMS}) was exceeded"
        )
    wrong = len(set(names)) != len(names) or not all(names)
    if wrong or ((given or {}).get("enabled") and not names):
        raise Refusal(
            "InvalidAlarmConfig", "The alarm configuration names no alarm, or one of them twice"
        )


def plan_of(group: DeploymentGroup, config: DeploymentConfig, overrides: Mapping[str, Any]) -> Plan:
    """Return what a deployment of the group does, with the request's own rollback and alarms."""
    blue_green = group.settings["blueGreenDeploymentConfiguration"]
    ready = blue_green["deploymentReadyOption"]
    ends = blue_green["terminateBlueInstancesOnDeploymentSuccess"]
    rollback = (
        overrides.get("autoRollbackConfiguration") or group.settings["autoRollbackConfiguration"]
    )
    alarms = overrides.get("overrideAlarmConfiguration") or group.settings["alarmConfiguration"]
    stops = ready["actionOnTimeout"] == "STOP_DEPLOYMENT"
    return Plan(
        config=config,
        ready_wait_minutes=ready["waitTimeInMinutes"] if stops else None,
        termination_wait_minutes=ends["terminationWaitTimeInMinutes"],
        rollback_events=frozenset(rollback["events"] if rollback.get("enabled") else ()),
        alarms=_watch(alarms),
    )


def _watch(alarms: Mapping[str, Any]) -> AlarmWatch:
    if not alarms.get("enabled"):
        return AlarmWatch()
    names = tuple(alarm["name"] for alarm in alarms.get("alarms") or [])
    return AlarmWatch(names, bool(alarms.get("ignorePollAlarmFailure")))
