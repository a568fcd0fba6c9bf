"""The AppSpec of a CodeDeploy deployment, and how we know one of ours again."""

import hashlib
import json

from delightful.frozen import Frozen
from delightful.release import StackOutputs


class AppSpec(Frozen):
    """Which task definition CodeDeploy brings behind the load balancer."""

    task_definition_arn: str
    container_name: str
    container_port: int

    def content(self) -> str:
        """Return the canonical JSON that is sent; the same AppSpec is always the same bytes."""
        service = {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "TaskDefinition": self.task_definition_arn,
                "LoadBalancerInfo": {
                    "ContainerName": self.container_name,
                    "ContainerPort": self.container_port,
                },
            },
        }
        document = {"version": 0.0, "Resources": [{"TargetService": service}]}
        return json.dumps(document, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Return the hex digest of the content, which CodeDeploy wants beside it."""
        return hashlib.sha256(self.content().encode()).hexdigest()


def appspec_for(outputs: StackOutputs) -> AppSpec:
    """Return the AppSpec that brings the stack's task definition to traffic."""
    return AppSpec(
        task_definition_arn=outputs.task_definition_arn,
        container_name=outputs.container_name,
        container_port=outputs.container_port,
    )


def deployment_description(release_id: str, appspec: AppSpec) -> str:
    """Return the description by which a CodeDeploy deployment is found and adopted later."""
    return f"delightful {release_id} {appspec.sha256}"


def is_described_by(description: str, release_id: str) -> bool:
    """Say whether a CodeDeploy deployment with this description was created for the release."""
    return described_release(description) == release_id


def described_release(description: str) -> str | None:
    """Return the release that a description names, None where it is none of ours."""
    words = description.split(" ")
    return words[1] if len(words) == 3 and words[0] == "delightful" else None
