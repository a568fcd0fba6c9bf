"""X-Ray's state for one region: rules, groups, tags and the encryption setting."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import ServiceException
from moto.utilities.tagging_service import TaggingService

from sandbox.xray.rules import (
    DEFAULT_NAME,
    Group,
    InvalidRule,
    SamplingRule,
    default_rule,
    new_rule,
)

MAX_RULES = 25
MAX_TAGS = 50


class XRayRefusal(ServiceException):
    """An error of X-Ray."""


def refused(message: str) -> XRayRefusal:
    """Return the error for a request that makes no sense."""
    return XRayRefusal("InvalidRequestException", message)


class SandboxXRayBackend(BaseBackend):
    """Rules by name, groups by name."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        default = default_rule(self._arn(f"sampling-rule/{DEFAULT_NAME}"))
        self.rules: dict[str, SamplingRule] = {default.name: default}
        self.groups: dict[str, Group] = {}
        self.encryption: dict[str, Any] = {"Status": "ACTIVE", "Type": "NONE"}
        self.tagger = TaggingService()

    def _arn(self, resource: str) -> str:
        return f"arn:{self.partition}:xray:{self.region_name}:{self.account_id}:{resource}"

    def create_rule(
        self, given: Mapping[str, Any], tags: list[dict[str, str]] | None
    ) -> SamplingRule:
        """Store a rule.

        Raises:
            XRayRefusal: a name taken, a value out of bounds, or too many rules.
        """
        name = given.get("RuleName")
        if not name:
            raise refused("RuleName must be specified")
        if name in self.rules:
            raise refused(f"A sampling rule with the name {name} already exists")
        if len(self.rules) > MAX_RULES:
            raise XRayRefusal(
                "RuleLimitExceededException", f"You have reached the limit of {MAX_RULES} rules"
            )
        arn = self._arn(f"sampling-rule/{name}")
        try:
            self.rules[name] = new_rule(given, arn, datetime.now(UTC))
        except InvalidRule as error:
            raise refused(str(error)) from error
        self.tag(arn, tags)
        return self.rules[name]

    def rule(self, name: str | None, arn: str | None) -> SamplingRule:
        """Return a rule by name or ARN.

        Raises:
            XRayRefusal: neither given, both, or unknown.
        """
        if bool(name) == bool(arn):
            raise refused("Either RuleName or RuleARN must be specified")
        found = (rule for rule in self.rules.values() if name == rule.name or arn == rule.arn)
        rule = next(found, None)
        if rule is None:
            raise refused("Sampling rule does not exist.")
        return rule

    def update_rule(self, update: Mapping[str, Any]) -> SamplingRule:
        """Change a rule.

        Raises:
            XRayRefusal: unknown, or a value out of bounds.
        """
        rule = self.rule(update.get("RuleName"), update.get("RuleARN"))
        try:
            self.rules[rule.name] = rule.changed(update, datetime.now(UTC))
        except InvalidRule as error:
            raise refused(str(error)) from error
        return self.rules[rule.name]

    def delete_rule(self, name: str | None, arn: str | None) -> SamplingRule:
        """Forget a rule; the Default one stays.

        Raises:
            XRayRefusal: unknown, or the Default rule.
        """
        rule = self.rule(name, arn)
        if rule.name == DEFAULT_NAME:
            raise refused("The Default rule cannot be deleted.")
        self.tagger.delete_all_tags_for_resource(rule.arn)
        return self.rules.pop(rule.name)

    def create_group(self, given: Mapping[str, Any]) -> Group:
        """Store a group.

        Raises:
            XRayRefusal: no name, or one that is taken.
        """
        name = given.get("GroupName")
        if not name or len(name) > 32:
            raise refused("GroupName must have 1 to 32 characters")
        if name in self.groups:
            raise refused(f"A group with the name {name} already exists")
        group = Group(name, self._arn(f"group/{name}/{uuid.uuid4().hex.upper()}"))
        self.groups[name] = group
        self._change_group(group, given)
        self.tag(group.arn, given.get("Tags"))
        return group

    def group(self, name: str | None, arn: str | None) -> Group:
        """Return a group by name or ARN.

        Raises:
            XRayRefusal: unknown.
        """
        found = (one for one in self.groups.values() if name == one.name or arn == one.arn)
        group = next(found, None)
        if group is None:
            raise refused("Group not found")
        return group

    def update_group(self, given: Mapping[str, Any]) -> Group:
        """Change a group's filter or insights.

        Raises:
            XRayRefusal: unknown.
        """
        group = self.group(given.get("GroupName"), given.get("GroupARN"))
        self._change_group(group, given)
        return group

    @staticmethod
    def _change_group(group: Group, given: Mapping[str, Any]) -> None:
        if given.get("FilterExpression") is not None:
            group.filter_expression = given["FilterExpression"]
        group.insights |= dict(given.get("InsightsConfiguration") or {})

    def delete_group(self, name: str | None, arn: str | None) -> None:
        """Forget a group.

        Raises:
            XRayRefusal: unknown.
        """
        group = self.group(name, arn)
        self.tagger.delete_all_tags_for_resource(group.arn)
        del self.groups[group.name]

    def tag(self, arn: str, tags: list[dict[str, str]] | None) -> None:
        """Tag a rule or group.

        Raises:
            XRayRefusal: unknown, or too many tags.
        """
        self.check_is_known(arn)
        present = {tag["Key"] for tag in self.tagger.list_tags_for_resource(arn)["Tags"]}
        if len(present | {tag["Key"] for tag in tags or ()}) > MAX_TAGS:
            raise XRayRefusal("TooManyTagsException", f"At most {MAX_TAGS} tags")
        if tags:
            self.tagger.tag_resource(arn, tags)

    def check_is_known(self, arn: str | None) -> None:
        """Refuse an ARN that is neither a rule's nor a group's.

        Raises:
            XRayRefusal: ResourceNotFoundException.
        """
        known = {rule.arn for rule in self.rules.values()}
        if arn not in known | {group.arn for group in self.groups.values()}:
            raise XRayRefusal("ResourceNotFoundException", f"No such resource: {arn}")


sandbox_xray_backends = BackendDict(SandboxXRayBackend, "xray")
