"""One environment: where it lives, and every block that works on it."""

from pathlib import Path
from typing import Literal

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field

from blocks.codedeploy_rollout import CodeDeployRollout
from blocks.ecs_service import EcsService
from blocks.github_repository import GitHubRepository
from blocks.image_builder import ImageBuilder
from blocks.image_registry import ImageRegistry
from blocks.release_ledger import ReleaseLedger
from blocks.rolling_rollout import RollingRollout
from blocks.service_probe import ServiceProbe
from blocks.slack_channel import SlackChannel
from blocks.terraform_stack import TerraformStack
from delightful.release import StackOutputs


class DeliveryEnvironment(Block):
    """Settings of one environment; hands out the blocks that work on it."""

    _block_type_name = "Delivery Environment"
    _block_type_slug = "delivery-environment"

    environment: str = Field(description="Name of the environment.")
    credentials: AwsCredentials = Field(description="Credentials for the account.")
    state_bucket: str = Field(description="Bucket of the Terraform states.")
    lock_table: str = Field(description="Table of the Terraform state locks.")
    ledger_table: str = Field(description="Table of the release ledger.")
    artifact_bucket: str = Field(description="Bucket of recommendations and results.")
    infrastructure_directory: Path = Field(description="Path of infrastructure/.")
    variable_file: str | None = Field(default=None, description="File below that directory.")
    packaging: Literal["container", "files", "adopt"] = Field(
        default="container", description="How images are made."
    )
    analyzer_function_name: str | None = Field(default=None, description="Lambda function.")
    poll_seconds: float = Field(default=5.0, description="Seconds between looks.")
    github: GitHubRepository | None = Field(default=None, description="Repository.")
    slack: SlackChannel | None = Field(default=None, description="Channel.")
    terraform_cli_config: Path | None = Field(default=None, description="CLI config file.")

    def ledger(self) -> ReleaseLedger:
        """Return the release ledger."""

    def registry(self, service: str) -> ImageRegistry:
        """Return a service's image repository."""

    def builder(self) -> ImageBuilder:
        """Return the image builder."""

    def stack(
        self, root: Literal["registry", "platform", "service"], service: str | None = None
    ) -> TerraformStack:
        """Return the stack of a root; only `platform` has no service."""

    def rollout_engine(self, outputs: StackOutputs) -> CodeDeployRollout | RollingRollout:
        """Return the engine that this service's strategy names."""

    def ecs_service(self) -> EcsService:
        """Return the observer of what runs."""

    def probe(self) -> ServiceProbe:
        """Return the smoke prober."""
