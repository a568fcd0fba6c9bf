"""Records as the API shows them."""

from typing import Any

from sandbox.codedeploy.lifecycle import EventStatus, LifecycleEvent
from sandbox.codedeploy.records import Application, Deployment, DeploymentGroup, Revision
from sandbox.codedeploy.shifting import DeploymentConfig, TrafficRouting

Wire = dict[str, Any]
_COUNTED = ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")
_SEEN_IN_DEPLOYMENT = (
    "autoRollbackConfiguration",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
)


def application_wire(application: Application) -> Wire:
    """Return an application as GetApplication shows it."""
    return {
        "applicationId": application.id,
        "applicationName": application.name,
        "createTime": application.create_time,
        "linkedToGitHub": False,
        "computePlatform": application.platform,
    }


def group_wire(group: DeploymentGroup, platform: str) -> Wire:
    """Return a group as GetDeploymentGroup shows it."""
    good = group.last_successful
    return {
        "applicationName": group.application,
        "deploymentGroupId": group.id,
        "deploymentGroupName": group.name,
        **group.settings,
        "computePlatform": platform,
        "targetRevision": location_wire(good.revision) if good else None,
        "lastSuccessfulDeployment": _last(good),
        "lastAttemptedDeployment": _last(group.last_attempted),
    }


def _last(deployment: Deployment | None) -> Wire | None:
    if deployment is None:
        return None
    return {
        "deploymentId": deployment.id,
        "status": str(deployment.status),
        "endTime": deployment.complete_time,
        "createTime": deployment.create_time,
    }


def location_wire(revision: Revision | None) -> Wire | None:
    """Return where a revision is, without its content: GetDeployment never shows that."""
    if revision is None:
        return None
    if "appSpecContent" in revision.location:
        return {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": revision.sha256}}
    if "string" in revision.location:
        return {"revisionType": "String", "string": {"sha256": revision.sha256}}
    return dict(revision.location)


def revision_wire(revision: Revision) -> tuple[Wire, Wire]:
    """Return location with content, and what is known of it, as GetApplicationRevision does."""
    location = dict(revision.location)
    for kind in ("appSpecContent", "string"):
        if kind in location:
            location[kind] = {"content": revision.content, "sha256": revision.sha256}
    return location, {
        "description": revision.description,
        "deploymentGroups": sorted(revision.groups),
        "firstUsedTime": revision.first_used_time,
        "lastUsedTime": revision.last_used_time,
        "registerTime": revision.register_time,
    }


def deployment_wire(deployment: Deployment) -> Wire:
    """Return a deployment as GetDeployment shows it; lifecycle events appear on the target only."""
    error = deployment.error
    seen = {key: deployment.group_settings.get(key) for key in _SEEN_IN_DEPLOYMENT}
    return {
        "applicationName": deployment.group.application,
        "deploymentGroupName": deployment.group.name,
        "deploymentConfigName": deployment.plan.config.name,
        "deploymentId": deployment.id,
        "previousRevision": location_wire(deployment.previous_revision),
        "revision": location_wire(deployment.revision),
        "status": str(deployment.status),
        "errorInformation": {"code": error[0], "message": error[1]} if error else None,
        "createTime": deployment.create_time,
        "startTime": deployment.start_time,
        "completeTime": deployment.complete_time,
        "deploymentOverview": _overview(deployment),
        "description": deployment.description,
        "creator": deployment.creator,
        "ignoreApplicationStopFailures": False,
        "updateOutdatedInstancesOnly": False,
        "rollbackInfo": deployment.rollback_info,
        "targetInstances": {},
        "instanceTerminationWaitTimeStarted": deployment.termination_wait_started,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": "ECS",
        **seen,
        **deployment.options,
    }


def _overview(deployment: Deployment) -> Wire | None:
    # Recorded: null while in progress, a count of targets (there is one) afterwards.
    if not deployment.is_complete:
        return None
    reached = deployment.target_status
    counted = reached if reached in _COUNTED else EventStatus.FAILED
    return {name: int(name == counted) for name in _COUNTED}


def target_wire(deployment: Deployment, target_arn: str) -> Wire:
    """Return the only target, with its events and task sets."""
    return {
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": deployment.id,
            "targetId": deployment.target_id,
            "targetArn": target_arn,
            "lastUpdatedAt": deployment.target_updated_at,
            "lifecycleEvents": [_event(event) for event in deployment.events],
            "status": str(deployment.target_status),
            "taskSetsInfo": deployment.task_sets,
        },
    }


def _event(event: LifecycleEvent) -> Wire:
    diagnostics = None
    if event.message is not None:
        diagnostics = {"errorCode": "UnknownError", "message": event.message}
    return {
        "lifecycleEventName": event.name,
        "diagnostics": diagnostics,
        "startTime": event.start_time,
        "endTime": event.end_time,
        "status": str(event.status),
    }


def config_wire(config: DeploymentConfig, config_id: str, created: Any) -> Wire:
    """Return a deployment configuration as GetDeploymentConfig shows it."""
    shown: Wire = {
        "deploymentConfigId": config_id,
        "deploymentConfigName": config.name,
        "createTime": created,
        "computePlatform": config.platform,
    }
    if config.platform == "Server":
        return shown | {"minimumHealthyHosts": {"type": "HOST_COUNT", "value": 1}}
    return shown | {"trafficRoutingConfig": _routing(config.routing)}


def _routing(routing: TrafficRouting) -> Wire:
    shown: Wire = {"type": routing.type}
    if routing.type == "TimeBasedCanary":
        shown["timeBasedCanary"] = {
            "canaryPercentage": routing.percentage,
            "canaryInterval": routing.interval_minutes,
        }
    if routing.type == "TimeBasedLinear":
        shown["timeBasedLinear"] = {
            "linearPercentage": routing.percentage,
            "linearInterval": routing.interval_minutes,
        }
    return shown
