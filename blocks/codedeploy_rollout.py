"""Blue/green by AWS CodeDeploy."""

from typing import Literal

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field

from blocks.rollout import RolloutProgress
from delightful.release import StackOutputs


class CodeDeployRollout(Block):
    """A RolloutEngine: one CodeDeploy deployment per attempt at most."""

    _block_type_name = "CodeDeploy Rollout"
    _block_type_slug = "codedeploy-rollout"

    credentials: AwsCredentials = Field(description="Credentials for the account.")

    def begin(self, release_id: str, outputs: StackOutputs) -> str | None:
        """Adopt this release's CodeDeploy deployment or create it; None where nothing has to move.

        Raises Refused E_ROLLOUT_ACTIVE where another one is active in the group.
        """

    def progress(self, deployment_id: str) -> RolloutProgress:
        """Read where a CodeDeploy deployment stands, its rollback included."""

    def proceed(self, deployment_id: str, past: Literal["ready", "termination"]) -> None:
        """End the wait; nothing happens where it stands in none."""

    def roll_back(self, deployment_id: str) -> str | None:
        """Stop with automatic rollback; returns the rollback's CodeDeploy deployment id."""
