"""CodeDeploy in the sandbox: its Response class, and a thread for each deployment."""

import logging
import threading
from collections.abc import Sequence

from moto.codedeploy.responses import CodeDeployResponse

from sandbox.aws.extension import Override, SandboxContext
from sandbox.codedeploy.backend import (
    Callbacks,
    SandboxCodeDeployBackend,
    sandbox_codedeploy_backends,
)
from sandbox.codedeploy.balancer import Balancer
from sandbox.codedeploy.engine import DeploymentRun
from sandbox.codedeploy.fleet import Fleet
from sandbox.codedeploy.hooks import RunFunction, invoker
from sandbox.codedeploy.lifecycle import EventStatus, Status, with_aborted
from sandbox.codedeploy.outcome import SiteError
from sandbox.codedeploy.records import Deployment, DeploymentGroup, new_deployment_id
from sandbox.codedeploy.refusal import Refusal
from sandbox.codedeploy.responses import SandboxCodeDeployResponse
from sandbox.codedeploy.shifting import ECS_ALL_AT_ONCE
from sandbox.codedeploy.site import EcsSite, check_group, settle_listener
from sandbox.codedeploy.surroundings import AlarmStates, Surroundings
from sandbox.codedeploy.switches import Switches, switches_from_environment
from sandbox.functions.extension import extension as functions

log = logging.getLogger(__name__)
_JOIN_SECONDS = 5.0


class CodeDeployExtension:
    """Runs CodeDeploy deployments for ECS."""

    name = "codedeploy"

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._context: SandboxContext
        self._backend: SandboxCodeDeployBackend
        self._switches = Switches()

    @property
    def overrides(self) -> Sequence[Override]:
        """Return CodeDeploy's Response of ours."""
        return (Override("codedeploy", CodeDeployResponse, SandboxCodeDeployResponse),)

    def start(self, context: SandboxContext) -> None:
        """Join the backend to ECS, load balancers, alarms and Lambda."""
        self._context, self._switches = context, switches_from_environment()
        self._backend = sandbox_codedeploy_backends[context.account][context.region]
        self._backend.callbacks = Callbacks(self._check, self._settle, self._launch)

    def stop(self) -> None:
        """Leave every deployment where it is."""
        self._context.stopping.set()
        for thread in self._threads:
            thread.join(timeout=_JOIN_SECONDS)
        self._threads.clear()

    def _fleet(self, group: DeploymentGroup) -> Fleet:
        return Fleet(self._context.backend("ecs"), *group.service)

    def _balancer(self, group: DeploymentGroup) -> Balancer:
        return Balancer(self._context.backend("elbv2"), group.pair)

    def _check(self, group: DeploymentGroup) -> None:
        if group.settings["ecsServices"]:
            routing = self._backend.configurations.get(group.config_name).routing
            check_group(self._fleet(group), self._balancer(group), routing.type)

    def _settle(self, group: DeploymentGroup) -> None:
        wanted = self._switches.listener_rewritten_by == "deployment_group"
        # A group that is changed while it deploys keeps the shares of the shift.
        is_idle = self._backend.active_deployment(group) is None
        if wanted and is_idle and group.settings["ecsServices"]:
            settle_listener(self._fleet(group), self._balancer(group))

    def _launch(self, deployment: Deployment) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(
            target=self._run, args=(deployment,), name=f"codedeploy-{deployment.id}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _run(self, deployment: Deployment) -> None:
        try:
            site = self._site_of(deployment)
        except Refusal as refusal:
            self._end_at_once(deployment, refusal)
            return
        around = Surroundings(
            clock=self._context.clock,
            stopping=self._context.stopping,
            alarms=self._alarm_states,
            invoke=invoker(self._function),
            open_rollback=self._open_rollback,
            switches=self._switches,
        )
        DeploymentRun(deployment, site, around).run()

    def _end_at_once(self, deployment: Deployment, refusal: Refusal) -> None:
        now = self._context.clock.now()
        deployment.error = ("ELASTIC_LOAD_BALANCING_INVALID", refusal.message)
        events = with_aborted(deployment.events, now, refusal.message)
        deployment.note(now, events, EventStatus.FAILED)
        deployment.move_to(Status.FAILED, now)

    def _site_of(self, deployment: Deployment) -> EcsSite:
        group = deployment.group
        return EcsSite(
            self._fleet(group), self._balancer(group), self._context.clock, self._switches
        )

    def _open_rollback(self, undone: Deployment) -> Deployment:
        rollback = Deployment(
            id=new_deployment_id(),
            group=undone.group,
            group_settings=undone.group_settings,
            plan=undone.plan.for_rollback(ECS_ALL_AT_ONCE),
            revision=undone.previous_revision,
            create_time=self._context.clock.now(),
            creator="codeDeployRollback",
        )
        self._backend.store(rollback)
        undone.rollback_info = {
            "rollbackDeploymentId": rollback.id,
            "rollbackMessage": f"Deployment {undone.id} terminated. Automatic rollback is"
            f" triggered with a DeploymentId {rollback.id}.",
        }
        rollback.rollback_info = {
            "rollbackTriggeringDeploymentId": undone.id,
            "rollbackMessage": f"Deployment {rollback.id} is triggered to roll back deployment"
            f" {undone.id}.",
        }
        return rollback

    def _function(self, name: str) -> RunFunction:
        try:
            function = self._context.backend("lambda").get_function(name, None)
        except Exception as error:
            message = f"The Lambda function {name} of a lifecycle hook could not be found"
            raise SiteError("INVALID_LAMBDA_FUNCTION", message) from error

        def run(event: str) -> None:
            functions.invoke(function, event)

        return run

    def _alarm_states(self, names: tuple[str, ...]) -> AlarmStates:
        alarms = self._context.backend("cloudwatch").alarms
        return AlarmStates(
            firing=tuple(n for n in names if n in alarms and alarms[n].state_value == "ALARM"),
            unknown=tuple(name for name in names if name not in alarms),
        )


extension = CodeDeployExtension()
