"""The calls of X-Ray that moto lacks; traces stay moto's."""

from typing import Any, cast

from moto.core.responses import ActionResult, EmptyResult
from moto.xray.responses import XRayResponse

from sandbox.xray.backend import SandboxXRayBackend, sandbox_xray_backends

# Path and the method that answers it. moto names its X-Ray methods after paths; ours have the
# operations' names.
OPERATIONS = {
    "/GetSamplingRules": "GetSamplingRules",
    "/CreateSamplingRule": "CreateSamplingRule",
    "/UpdateSamplingRule": "UpdateSamplingRule",
    "/DeleteSamplingRule": "DeleteSamplingRule",
    "/SamplingTargets": "GetSamplingTargets",
    "/Groups": "GetGroups",
    "/GetGroup": "GetGroup",
    "/CreateGroup": "CreateGroup",
    "/UpdateGroup": "UpdateGroup",
    "/DeleteGroup": "DeleteGroup",
    "/TagResource": "TagResource",
    "/UntagResource": "UntagResource",
    "/ListTagsForResource": "ListTagsForResource",
    "/EncryptionConfig": "GetEncryptionConfig",
    "/PutEncryptionConfig": "PutEncryptionConfig",
}
_TARGET_SECONDS = 10


class SandboxXRayResponse(XRayResponse):
    """moto's X-Ray with sampling rules, groups, tags and encryption."""

    def _get_action(self) -> str:
        path = "/" + str(super()._get_action())
        return OPERATIONS.get(path, path[1:])

    @property
    def rules_backend(self) -> SandboxXRayBackend:
        """Return our state for the request's account and region."""
        return cast(SandboxXRayBackend, sandbox_xray_backends[self.current_account][self.region])

    def get_sampling_rules(self) -> ActionResult:
        """GetSamplingRules, by priority; the Default rule comes last."""
        rules = sorted(self.rules_backend.rules.values(), key=lambda rule: rule.values["Priority"])
        return ActionResult({"SamplingRuleRecords": [rule.record() for rule in rules]})

    def create_sampling_rule(self) -> ActionResult:
        """CreateSamplingRule."""
        rule = self.rules_backend.create_rule(
            self._get_param("SamplingRule", {}), self._get_param("Tags")
        )
        return ActionResult({"SamplingRuleRecord": rule.record()})

    def update_sampling_rule(self) -> ActionResult:
        """UpdateSamplingRule."""
        rule = self.rules_backend.update_rule(self._get_param("SamplingRuleUpdate", {}))
        return ActionResult({"SamplingRuleRecord": rule.record()})

    def delete_sampling_rule(self) -> ActionResult:
        """DeleteSamplingRule."""
        rule = self.rules_backend.delete_rule(
            self._get_param("RuleName"), self._get_param("RuleARN")
        )
        return ActionResult({"SamplingRuleRecord": rule.record()})

    def get_sampling_targets(self) -> ActionResult:
        """GetSamplingTargets: what a daemon or collector asks every ten seconds."""
        rules = self.rules_backend.rules
        asked = [document.get("RuleName") for document in self._asked_documents()]
        return ActionResult(
            {
                "SamplingTargetDocuments": [
                    {
                        "RuleName": name,
                        "FixedRate": rules[name].values["FixedRate"],
                        "ReservoirQuota": rules[name].values["ReservoirSize"],
                        "Interval": _TARGET_SECONDS,
                    }
                    for name in asked
                    if name in rules
                ],
                "LastRuleModification": max(rule.modified_at for rule in rules.values()),
                "UnprocessedStatistics": [
                    {"RuleName": name, "ErrorCode": "404", "Message": "Rule not found"}
                    for name in asked
                    if name not in rules
                ],
            }
        )

    def _asked_documents(self) -> list[dict[str, Any]]:
        return list(self._get_param("SamplingStatisticsDocuments") or [])

    def get_groups(self) -> ActionResult:
        """GetGroups."""
        groups = self.rules_backend.groups.values()
        return ActionResult({"Groups": [group.shown() for group in groups]})

    def get_group(self) -> ActionResult:
        """GetGroup."""
        group = self.rules_backend.group(self._get_param("GroupName"), self._get_param("GroupARN"))
        return ActionResult({"Group": group.shown()})

    def create_group(self) -> ActionResult:
        """CreateGroup."""
        return ActionResult({"Group": self.rules_backend.create_group(self.request_params).shown()})

    def update_group(self) -> ActionResult:
        """UpdateGroup."""
        return ActionResult({"Group": self.rules_backend.update_group(self.request_params).shown()})

    def delete_group(self) -> ActionResult:
        """DeleteGroup."""
        self.rules_backend.delete_group(self._get_param("GroupName"), self._get_param("GroupARN"))
        return EmptyResult()

    def tag_resource(self) -> ActionResult:
        """TagResource."""
        self.rules_backend.tag(self._get_param("ResourceARN"), self._get_param("Tags", []))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        arn = self._get_param("ResourceARN")
        self.rules_backend.check_is_known(arn)
        self.rules_backend.tagger.untag_resource_using_names(arn, self._get_param("TagKeys", []))
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        arn = self._get_param("ResourceARN")
        self.rules_backend.check_is_known(arn)
        return ActionResult(self.rules_backend.tagger.list_tags_for_resource(arn))

    def get_encryption_config(self) -> ActionResult:
        """GetEncryptionConfig."""
        return ActionResult({"EncryptionConfig": self.rules_backend.encryption})

    def put_encryption_config(self) -> ActionResult:
        """PutEncryptionConfig."""
        given = {key: self._get_param(key) for key in ("Type", "KeyId")}
        self.rules_backend.encryption = {"Status": "ACTIVE", **given}
        return self.get_encryption_config()
