"""The calls of CodeDeploy that concern deployments."""

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult

from sandbox.codedeploy.appspec import InvalidAppSpec, read_appspec
from sandbox.codedeploy.group_settings import check_alarms, check_rollback, plan_of
from sandbox.codedeploy.lifecycle import Status
from sandbox.codedeploy.records import Deployment, DeploymentGroup, Revision, new_deployment_id
from sandbox.codedeploy.refusal import Refusal
from sandbox.codedeploy.switches import switches_from_environment
from sandbox.codedeploy.wire import deployment_wire, target_wire

if TYPE_CHECKING:
    from sandbox.codedeploy.backend import SandboxCodeDeployBackend

MAX_DESCRIPTION = 256
_MAX_TARGETS = 100
_MAX_DEPLOYMENTS = 25
_WAIT_TYPES = ("READY_WAIT", "TERMINATION_WAIT")
_HOOK_OUTCOMES = ("Succeeded", "Failed")


class DeploymentCalls:
    """Create, read, stop and continue deployments; their targets and hooks."""

    if TYPE_CHECKING:

        @property
        def codedeploy_backend(self) -> SandboxCodeDeployBackend: ...

        current_account: str
        region: str

        def _get_param(self, name: str, if_none: Any = None) -> Any: ...

    def create_deployment(self) -> ActionResult:
        """CreateDeployment."""
        backend = self.codedeploy_backend
        group = backend.group(
            self._get_param("applicationName"), self._get_param("deploymentGroupName")
        )
        self._check_request(group)
        config = backend.configurations.get(
            self._get_param("deploymentConfigName") or group.config_name
        )
        if config.platform != "ECS":
            raise Refusal("InvalidDeploymentConfigName", f"{config.name} is not for ECS")
        revision = backend.revisions.register(
            group.application, self._get_param("revision"), self.read_object
        )
        self._check_appspec(revision)
        options = self._options()
        deployment = Deployment(
            id=new_deployment_id(),
            group=group,
            group_settings=dict(group.settings),
            plan=plan_of(group, config, options),
            revision=revision,
            create_time=backend.now(),
            description=self._get_param("description"),
            options=options,
        )
        backend.add_deployment(deployment)
        _use(revision, deployment)
        return ActionResult({"deploymentId": deployment.id})

    def get_deployment(self) -> ActionResult:
        """GetDeployment."""
        return ActionResult({"deploymentInfo": deployment_wire(self._deployment())})

    def batch_get_deployments(self) -> ActionResult:
        """BatchGetDeployments: unknown ids are left out."""
        ids = self._get_param("deploymentIds", [])
        if not ids:
            raise Refusal("DeploymentIdRequired", "Deployment ID is required.")
        if len(ids) > _MAX_DEPLOYMENTS:
            raise Refusal("BatchLimitExceeded", f"At most {_MAX_DEPLOYMENTS} deployments at once")
        known = self.codedeploy_backend.deployments
        return ActionResult(
            {"deploymentsInfo": [deployment_wire(known[one]) for one in ids if one in known]}
        )

    def list_deployments(self) -> ActionResult:
        """ListDeployments, the newest first."""
        application = self._get_param("applicationName")
        group_name = self._get_param("deploymentGroupName")
        if application and not group_name:
            raise Refusal(
                "DeploymentGroupNameRequired",
                "If applicationName is specified, then deploymentGroupName must be specified.",
            )
        if group_name and not application:
            raise Refusal(
                "ApplicationNameRequired",
                "If deploymentGroupName is specified, applicationName must be specified.",
            )
        group = self.codedeploy_backend.group(application, group_name) if application else None
        listed = [d for d in self.codedeploy_backend.newest_first() if self._is_wanted(d, group)]
        return ActionResult({"deployments": [deployment.id for deployment in listed]})

    def stop_deployment(self) -> ActionResult:
        """StopDeployment: answers Pending; once it has stopped, later calls answer Succeeded."""
        deployment = self._deployment()
        if deployment.stop_requested and deployment.status is Status.STOPPED:
            return ActionResult({"status": "Succeeded", "statusMessage": "Deployment stopped."})
        if deployment.is_rollback and not deployment.is_complete:
            raise Refusal(
                "UnsupportedActionForDeploymentType", "An automatic rollback cannot be stopped."
            )
        with deployment.lock:
            _check_is_running(deployment)
            deployment.stop_rolls_back = self._get_param("autoRollbackEnabled")
            deployment.stop_requested = True
        deployment.wake.set()
        return ActionResult(
            {"status": "Pending", "statusMessage": "No more commands will be scheduled."}
        )

    def continue_deployment(self) -> ActionResult:
        """ContinueDeployment: past the Ready wait, or past the termination wait."""
        deployment = self._deployment()
        wait = self._get_param("deploymentWaitType") or "READY_WAIT"
        if wait not in _WAIT_TYPES:
            raise Refusal("InvalidDeploymentWaitType", f"The wait type {wait} is invalid.")
        with deployment.lock:
            _check_is_running(deployment)
            _check_waits(deployment, wait)
            deployment.continued.add(wait)
        deployment.wake.set()
        return EmptyResult()

    def skip_wait_time_for_instance_termination(self) -> ActionResult:
        """SkipWaitTimeForInstanceTermination, the older name of the second wait's end."""
        deployment = self._deployment()
        with deployment.lock:
            _check_is_running(deployment)
            _check_waits(deployment, "TERMINATION_WAIT")
            deployment.continued.add("TERMINATION_WAIT")
        deployment.wake.set()
        return EmptyResult()

    def list_deployment_targets(self) -> ActionResult:
        """ListDeploymentTargets: the one there is, unless a filter says otherwise."""
        deployment = self._started()
        wanted = (self._get_param("targetFilters") or {}).get("TargetStatus")
        shown = wanted is None or str(deployment.target_status) in wanted
        return ActionResult({"targetIds": [deployment.target_id] if shown else []})

    def get_deployment_target(self) -> ActionResult:
        """GetDeploymentTarget."""
        deployment = self._started()
        target_id = self._get_param("targetId")
        if not target_id:
            raise Refusal("DeploymentTargetIdRequired", "A deployment target ID is required.")
        return ActionResult({"deploymentTarget": self._target(deployment, target_id)})

    def batch_get_deployment_targets(self) -> ActionResult:
        """BatchGetDeploymentTargets."""
        deployment = self._started()
        ids = self._get_param("targetIds") or []
        if not ids:
            raise Refusal("DeploymentTargetIdRequired", "A deployment target ID is required.")
        if len(ids) > _MAX_TARGETS:
            raise Refusal("DeploymentTargetListSizeExceeded", f"At most {_MAX_TARGETS} targets")
        return ActionResult({"deploymentTargets": [self._target(deployment, one) for one in ids]})

    def put_lifecycle_event_hook_execution_status(self) -> ActionResult:
        """PutLifecycleEventHookExecutionStatus: the verdict of a hook."""
        deployment = self._deployment()
        execution_id = self._get_param("lifecycleEventHookExecutionId")
        status = self._get_param("status")
        if status not in _HOOK_OUTCOMES:
            raise Refusal(
                "InvalidLifecycleEventHookExecutionStatus", "The status must be Succeeded or Failed"
            )
        execution = deployment.hooks.get(execution_id)
        if execution is None:
            raise Refusal(
                "InvalidLifecycleEventHookExecutionId", f"No such hook execution: {execution_id}"
            )
        if execution.outcome is not None or deployment.is_complete:
            raise Refusal("LifecycleEventAlreadyCompleted", f"{execution.event} has already ended.")
        execution.outcome = status
        deployment.wake.set()
        return ActionResult({"lifecycleEventHookExecutionId": execution_id})

    def read_object(self, location: Any) -> str:
        """Return an AppSpec that lies in S3."""
        from moto.s3.models import s3_backends

        backend = s3_backends[self.current_account]["aws"]
        stored = backend.get_object(
            location["bucket"], location["key"], version_id=location.get("version")
        )
        return bytes(stored.value).decode()

    def _deployment(self) -> Deployment:
        return self.codedeploy_backend.deployment(self._get_param("deploymentId"))

    def _started(self) -> Deployment:
        deployment = self._deployment()
        if deployment.status in {Status.CREATED, Status.QUEUED}:
            raise Refusal(
                "DeploymentNotStarted", f"The deployment {deployment.id} has not started yet."
            )
        return deployment

    def _target(self, deployment: Deployment, target_id: str) -> dict[str, Any]:
        if target_id != deployment.target_id:
            raise Refusal(
                "DeploymentTargetDoesNotExist",
                f"The deployment {deployment.id} has no target {target_id}",
            )
        arn = f"arn:aws:ecs:{self.region}:{self.current_account}:service"
        return target_wire(deployment, f"{arn}/{target_id.replace(':', '/')}")

    def _check_request(self, group: DeploymentGroup) -> None:
        platform = self.codedeploy_backend.application(group.application).platform
        if platform != "ECS":
            raise Refusal(
                "InvalidComputePlatform",
                f"The sandbox runs CodeDeploy for ECS; this application is for {platform}.",
            )
        if len(self._get_param("description") or "") > MAX_DESCRIPTION:
            raise Refusal(
                "DescriptionTooLong", f"The description is longer than {MAX_DESCRIPTION} characters"
            )
        check_rollback(self._get_param("autoRollbackConfiguration"))
        check_alarms(self._get_param("overrideAlarmConfiguration"))

    @staticmethod
    def _check_appspec(revision: Revision) -> None:
        if switches_from_environment().malformed_appspec == "is_refused":
            try:
                read_appspec(revision.content)
            except InvalidAppSpec as error:
                raise Refusal("InvalidRevision", str(error)) from error

    def _options(self) -> dict[str, Any]:
        names = ("autoRollbackConfiguration", "overrideAlarmConfiguration", "fileExistsBehavior")
        given = {name: self._get_param(name) for name in names}
        return {name: value for name, value in given.items() if value is not None}

    def _is_wanted(self, deployment: Deployment, group: DeploymentGroup | None) -> bool:
        statuses = self._get_param("includeOnlyStatuses")
        times = self._get_param("createTimeRange") or {}
        start, end = times.get("start"), times.get("end")
        return (
            (group is None or deployment.group is group)
            and (not statuses or str(deployment.status) in statuses)
            and (start is None or deployment.create_time >= start)
            and (end is None or deployment.create_time <= end)
        )


def _use(revision: Revision, deployment: Deployment) -> None:
    revision.first_used_time = revision.first_used_time or deployment.create_time
    revision.last_used_time = deployment.create_time
    revision.groups.add(deployment.group.name)


def _check_is_running(deployment: Deployment) -> None:
    if deployment.is_complete:
        raise Refusal(
            "DeploymentAlreadyCompleted",
            f"The deployment {deployment.id} has already completed.",
        )


def _check_waits(deployment: Deployment, wait: str) -> None:
    if wait == "READY_WAIT" and deployment.status is not Status.READY:
        raise Refusal(
            "DeploymentIsNotInReadyState",
            f"The deployment {deployment.id} is not in the Ready state.",
        )
    if wait == "TERMINATION_WAIT" and not deployment.termination_wait_started:
        raise Refusal(
            "InvalidDeploymentStatus",
            f"The deployment {deployment.id} does not wait to terminate the original task set.",
        )
