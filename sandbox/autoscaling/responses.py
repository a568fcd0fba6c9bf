"""Application Auto Scaling's calls: moto's, and the tags of targets, which it lacks."""

from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult
from moto.utilities.tagging_service import TaggingService


class SandboxAutoScalingResponse(ApplicationAutoScalingResponse):
    """moto's Response, where a scalable target keeps its tags."""

    tagger = TaggingService()

    def register_scalable_target(self) -> str:
        """RegisterScalableTarget: the tags stay with a target until it is deregistered."""
        answer = super().register_scalable_target()
        target = self._target()
        self.tagger.tag_resource(target.arn, _pairs(self._get_param("Tags")))
        return str(answer)

    def deregister_scalable_target(self) -> str:
        """DeregisterScalableTarget: its policies go with it."""
        target = self._target()
        self.tagger.delete_all_tags_for_resource(target.arn)
        self._delete_policies_of(target)
        return str(super().deregister_scalable_target())

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        return ActionResult({"Tags": self.tagger.get_tag_dict_for_resource(self._tagged())})

    def tag_resource(self) -> ActionResult:
        """TagResource."""
        self.tagger.tag_resource(self._tagged(), _pairs(self._get_param("Tags")))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        self.tagger.untag_resource_using_names(self._tagged(), self._get_param("TagKeys") or [])
        return EmptyResult()

    def _target(self) -> Any:
        found = self.applicationautoscaling_backend.describe_scalable_targets(
            self._get_param("ServiceNamespace"),
            [self._get_param("ResourceId")],
            self._get_param("ScalableDimension"),
        )
        if not found:
            raise AWSValidationException(
                f"No scalable target found for service namespace: "
                f"{self._get_param('ServiceNamespace')}, resource ID: "
                f"{self._get_param('ResourceId')}, scalable dimension: "
                f"{self._get_param('ScalableDimension')}"
            )
        return found[0]

    def _delete_policies_of(self, target: Any) -> None:
        backend = self.applicationautoscaling_backend
        scaled = (target.service_namespace, target.resource_id, target.scalable_dimension)
        for policy in list(backend.policies.values()):
            if (policy.service_namespace, policy.resource_id, policy.scalable_dimension) == scaled:
                backend.delete_scaling_policy(policy.policy_name, *scaled)

    def _tagged(self) -> str:
        arn = str(self._get_param("ResourceARN"))
        targets = self.applicationautoscaling_backend.targets.values()
        if arn not in {target.arn for kind in targets for target in kind.values()}:
            raise UnknownTarget(arn)
        return arn


class UnknownTarget(JsonRESTError):
    """A scalable target that is not there."""

    def __init__(self, arn: str) -> None:
        super().__init__("ResourceNotFoundException", f"No scalable target found: {arn}")


def _pairs(tags: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
