"""Rolling update by ECS itself, for services without CodeDeploy."""

from typing import Literal

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field

from blocks.rollout import RolloutProgress
from delightful.release import StackOutputs


class RollingRollout(Block):
    """A RolloutEngine: UpdateService to a task definition, the circuit breaker's word believed."""

    _block_type_name = "Rolling Rollout"
    _block_type_slug = "rolling-rollout"

    credentials: AwsCredentials = Field(description="Credentials for the account.")

    def begin(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Adopt the update to this task definition or start it; None where it is done already."""

    def progress(self, deployment_id: str) -> RolloutProgress:
        """Read where the update stands."""

    def proceed(self, deployment_id: str, past: Literal["ready", "termination"]) -> None:
        """Do nothing: a rolling update has no waits."""

    def roll_back(self, deployment_id: str) -> str | None:
        """Go back to the task definition that served before, where ECS still knows it."""
