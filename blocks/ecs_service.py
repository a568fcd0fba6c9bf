"""What really runs: the service as ECS, the load balancer and CloudWatch show it."""

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field

from delightful.live import LiveService
from delightful.release import Failure, StackOutputs


class EcsService(Block):
    """Observes one service and explains its failures."""

    _block_type_name = "ECS Service"
    _block_type_slug = "ecs-service"

    credentials: AwsCredentials = Field(description="Credentials for the account.")

    def observe(self, outputs: StackOutputs) -> LiveService:
        """Look at what serves now."""

    def explain(self, outputs: StackOutputs, task_definition_arn: str, phase: str) -> Failure:
        """Collect why tasks of a task definition failed: stop reason, exit code, log tail."""
