"""Blue/green by AWS CodeDeploy."""

import random
import time
from collections.abc import Iterator
from typing import Any, Literal

from botocore.exceptions import ClientError
from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from blocks.aws import aws_client, error_code, translated
from blocks.ecs.codedeploy_reading import (
    ACTIVE_STATUSES,
    PhaseDeadlines,
    TargetRecord,
    progress_of,
    record_of,
    target_of,
)
from blocks.ecs.reading import primary_task_definition
from blocks.ecs.rollout import RolloutProgress
from delightful.appspec import (
    AppSpec,
    appspec_for,
    deployment_description,
    described_release,
    is_described_by,
)
from delightful.errors import ExternalError, Refused, TransientError
from delightful.release import StackOutputs

_CREATE_ROUNDS = 4
_LOOKS = 3
_ROLLBACK_LOOKS = 10
_LISTED = 50
_BATCH = 25
_WAIT_TYPES = {"ready": "READY_WAIT", "termination": "TERMINATION_WAIT"}
_NOT_WAITING = frozenset(
    {
        "DeploymentAlreadyCompletedException",
        "DeploymentIsNotInReadyStateException",
        "InvalidDeploymentStatusException",
    }
)


class CodeDeployRollout(Block):
    """
    Moves traffic by CodeDeploy: one CodeDeploy deployment per attempt at most.

    Example:
        Read where a CodeDeploy deployment stands:
        ```python
        from blocks.ecs.codedeploy_rollout import CodeDeployRollout

        engine = CodeDeployRollout.load("BLOCK_NAME")
        print(engine.progress("d-ABCDEF123").phase)
        ```
    """

    _block_type_name = "CodeDeploy Rollout"
    _block_type_slug = "codedeploy-rollout"
    _documentation_url = HttpUrl(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html"
    )

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    waiting_seconds: int = Field(
        default=1200, ge=10, le=7200, description="How long new tasks may take to be ready."
    )
    ready_seconds: int = Field(
        default=900, ge=10, le=86400, description="How long it may wait to be let through."
    )
    shifting_seconds: int = Field(
        default=2400, ge=10, le=7200, description="How long the shift of traffic may take."
    )
    live_seconds: int = Field(
        default=3600, ge=10, le=180000, description="How long the old tasks may be kept."
    )
    rolling_back_seconds: int = Field(
        default=900, ge=10, le=7200, description="How long a rollback may take."
    )

    def begin(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Adopt this release's CodeDeploy deployment or create it; None where nothing has to move.

        Raises:
            Refused: E_ROLLOUT_ACTIVE, another one is active in the group.
        """
        known = self._listed(outputs)
        ours = _described_by(known, release_id)
        if ours is not None:
            return ours
        active = [info for info in known if info["status"] in ACTIVE_STATUSES]
        if active:
            raise _group_is_busy(outputs, active[0]["deploymentId"])
        if self._serving_task_definition(outputs) == outputs.task_definition_arn:
            return None
        return self._create(release_id, outputs, appspec_for(outputs))

    def progress(self, deployment_id: str) -> RolloutProgress:
        """Read where a CodeDeploy deployment stands, its rollback included."""
        record = record_of(self._info(deployment_id), time.time())
        rollback = record.rollback_deployment_id
        status = self._info(rollback)["status"] if rollback else None
        return progress_of(record, self._target(deployment_id), status, self._deadlines())

    def proceed(self, deployment_id: str, past: Literal["ready", "termination"]) -> None:
        """End the wait; nothing happens where it stands in none."""
        with translated("CodeDeploy", "ContinueDeployment"):
            try:
                self._client().continue_deployment(
                    deploymentId=deployment_id, deploymentWaitType=_WAIT_TYPES[past]
                )
            except ClientError as error:
                if error_code(error) not in _NOT_WAITING:
                    raise

    def roll_back(self, deployment_id: str) -> str | None:
        """Stop with automatic rollback; returns the rollback's CodeDeploy deployment id.

        None where it had succeeded already: that takes a rollout of its own.
        """
        with translated("CodeDeploy", "StopDeployment"):
            try:
                self._client().stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
            except ClientError as error:
                if error_code(error) != "DeploymentAlreadyCompletedException":
                    raise
        return self._rollback_id(deployment_id)

    def find(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Return the CodeDeploy deployment that was made for a release, ended or not."""
        return _described_by(self._listed(outputs), release_id)

    def made_for(self, deployment_id: str) -> str | None:
        """Return the release that a CodeDeploy deployment was made for, None where none of ours."""
        return described_release(self._info(deployment_id).get("description") or "")

    def _create(self, release_id: str, outputs: StackOutputs, appspec: AppSpec) -> str:
        for _ in _rounds(_CREATE_ROUNDS):
            try:
                return self._create_once(release_id, outputs, appspec)
            except TransientError as error:
                # The call has no token: whether it was done is known only by looking.
                was_refused = error.code == "E_AWS_BUSY"
                ours = self._found(release_id, outputs, looks=1 if was_refused else _LOOKS)
            if ours is not None:
                return ours
            if not was_refused:
                break
        raise TransientError(
            "E_ROLLOUT_UNKNOWN",
            f"CodeDeploy did not confirm the rollout of {release_id}, and none is there",
            hint="run the same again: one that shows up late is adopted",
        )

    def _found(self, release_id: str, outputs: StackOutputs, looks: int) -> str | None:
        seen = (_described_by(self._listed(outputs), release_id) for _ in _rounds(looks))
        return next((ours for ours in seen if ours is not None), None)

    def _create_once(self, release_id: str, outputs: StackOutputs, appspec: AppSpec) -> str:
        content = {"content": appspec.content(), "sha256": appspec.sha256}
        try:
            with translated("CodeDeploy", "CreateDeployment"):
                answer = aws_client(self.credentials, "codedeploy", once=True).create_deployment(
                    applicationName=outputs.codedeploy_application_name,
                    deploymentGroupName=outputs.codedeploy_deployment_group_name,
                    revision={"revisionType": "AppSpecContent", "appSpecContent": content},
                    description=deployment_description(release_id, appspec),
                )
        except ExternalError as error:
            if "DeploymentLimitExceededException" in error.cause:
                raise _group_is_busy(outputs, error.cause) from error
            raise
        return str(answer["deploymentId"])

    def _listed(self, outputs: StackOutputs) -> list[dict[str, Any]]:
        with translated("CodeDeploy", "ListDeployments"):
            listed = self._client().list_deployments(
                applicationName=outputs.codedeploy_application_name,
                deploymentGroupName=outputs.codedeploy_deployment_group_name,
            )
        ids = listed["deployments"][:_LISTED]
        batches = [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]
        with translated("CodeDeploy", "BatchGetDeployments"):
            return [
                info
                for batch in batches
                for info in self._client().batch_get_deployments(deploymentIds=batch)[
                    "deploymentsInfo"
                ]
            ]

    def _serving_task_definition(self, outputs: StackOutputs) -> str | None:
        with translated("ECS", "DescribeServices"):
            answer = aws_client(self.credentials, "ecs").describe_services(
                cluster=outputs.cluster_name, services=[outputs.service_name]
            )
        return primary_task_definition(answer["services"][0]) if answer["services"] else None

    def _info(self, deployment_id: str) -> dict[str, Any]:
        with translated("CodeDeploy", "GetDeployment"):
            answer = self._client().get_deployment(deploymentId=deployment_id)
        info: dict[str, Any] = answer["deploymentInfo"]
        return info

    def _target(self, deployment_id: str) -> TargetRecord:
        with translated("CodeDeploy", "BatchGetDeploymentTargets"):
            try:
                listed = self._client().list_deployment_targets(deploymentId=deployment_id)
                ids = listed.get("targetIds", [])
                if not ids:
                    return TargetRecord()
                found = self._client().batch_get_deployment_targets(
                    deploymentId=deployment_id, targetIds=ids
                )
            except ClientError as error:
                if error_code(error) != "DeploymentNotStartedException":
                    raise
                return TargetRecord()
        return target_of(found.get("deploymentTargets", []))

    def _rollback_id(self, deployment_id: str) -> str | None:
        for look in range(_ROLLBACK_LOOKS):
            info = self._info(deployment_id)
            found = (info.get("rollbackInfo") or {}).get("rollbackDeploymentId")
            if found or info["status"] == "Succeeded":
                return str(found) if found else None
            time.sleep(min(0.2 * 2**look, 2.0))
        return None

    def _deadlines(self) -> PhaseDeadlines:
        return PhaseDeadlines(
            waiting=self.waiting_seconds,
            ready=self.ready_seconds,
            shifting=self.shifting_seconds,
            live=self.live_seconds,
            rolling_back=self.rolling_back_seconds,
        )

    def _client(self) -> Any:
        return aws_client(self.credentials, "codedeploy")


def _described_by(infos: list[dict[str, Any]], release_id: str) -> str | None:
    ours = [info for info in infos if is_described_by(info.get("description") or "", release_id)]
    # An older one of the same release can only be there if two were created: follow the first.
    first = min(ours, key=lambda info: info["createTime"], default=None)
    return str(first["deploymentId"]) if first else None


def _rounds(count: int) -> Iterator[int]:
    for number in range(count):
        if number:
            # Jitter parts those who were refused together; any source of it will do.
            time.sleep(random.uniform(0.5, 1.0) * 2 ** (number - 1))  # noqa: S311
        yield number


def _group_is_busy(outputs: StackOutputs, which: str) -> Refused:
    return Refused(
        "E_ROLLOUT_ACTIVE",
        f"{outputs.codedeploy_deployment_group_name} is busy with another CodeDeploy deployment: "
        f"{which}",
        hint="wait for it to end, or stop it, then run the same again",
    )
