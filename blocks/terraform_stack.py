"""One Terraform stack: plan to a file, apply exactly that file, read what it left."""

from collections.abc import Callable, Mapping

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, JsonValue

from blocks.saved_plan import AppliedState, SavedPlan

Say = Callable[[str], None]


class TerraformStack(Block):
    """Runs the Terraform of one root under one state key."""

    _block_type_name = "Terraform Stack"
    _block_type_slug = "terraform-stack"

    credentials: AwsCredentials = Field(description="Credentials for the account.")

    def plan(self, variables: Mapping[str, JsonValue], *, say: Say | None = None) -> SavedPlan:
        """Plan to a file. `say` gets each line of progress.

        Raises:
            Refused: E_LOCKED, the state lock is held; the message names the holder.
            ExternalError: E_TERRAFORM, Terraform refused or failed.
        """
        ...

    def apply(self, saved: SavedPlan, *, say: Say | None = None) -> AppliedState:
        """Apply exactly a saved plan, then read the state it left.

        Raises:
            TransientError: E_PLAN_STALE, the state moved since; plan again.
        """
        ...

    def outputs(self) -> AppliedState:
        """Read outputs, lineage and serial. Raises ConfigError E_NO_STATE where nothing is applied."""
        ...

    def destroy(self, variables: Mapping[str, JsonValue], *, say: Say | None = None) -> None:
        """Destroy everything in the state."""
        ...
