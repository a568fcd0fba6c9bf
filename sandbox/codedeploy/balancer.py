"""The load balancer's side of a deployment group, through ELBv2's own verbs."""

from collections.abc import Sequence
from typing import Any

from sandbox.codedeploy.listeners import Action, Split, concerns, disagrees, weights_of
from sandbox.codedeploy.outcome import SiteError
from sandbox.codedeploy.records import TargetGroupPair
from sandbox.codedeploy.refusal import Refusal

Rules = list[tuple[str | None, list[Action]]]


class Balancer:
    """Listeners and target groups as a deployment group names them."""

    def __init__(self, elbv2: Any, pair: TargetGroupPair) -> None:
        self._elbv2 = elbv2
        self._pair = pair
        self._test_before: Rules = []
        self.arns = tuple(self._arn(name) for name in pair.target_groups)

    def _arn(self, name: str) -> str:
        try:
            return str(next(iter(self._elbv2.describe_target_groups(None, [], [name]))).arn)
        except Exception as error:
            raise Refusal(
                "InvalidTargetGroupPair", f"The target group {name} could not be found"
            ) from error

    def check(self) -> None:
        """Refuse listeners that do not exist.

        Raises:
            Refusal: InvalidLoadBalancerInfo.
        """
        for listener in (self._pair.production_listener, self._pair.test_listener):
            try:
                self._rules(listener or self._pair.production_listener)
            except SiteError as error:
                raise Refusal("InvalidLoadBalancerInfo", str(error)) from error

    def other(self, arn: str) -> str:
        """Return the pair's other group."""
        return next(each for each in self.arns if each != arn)

    def name(self, arn: str) -> str:
        """Return a group's name."""
        return self._pair.target_groups[self.arns.index(arn)]

    @property
    def is_application_balancer(self) -> bool:
        """Say whether the production listener belongs to an ALB."""
        return ":listener/app/" in self._pair.production_listener

    def blocked_by(self, live: str, *, test_listener_too: bool) -> str | None:
        """Return the listener that does not have the live group behind it, if there is one."""
        listeners = [self._pair.production_listener]
        if test_listener_too and self._pair.test_listener:
            listeners.append(self._pair.test_listener)
        for listener in listeners:
            rules = [actions for _, actions in self._rules(listener)]
            if live not in self.arns or disagrees(rules, live, self.arns):
                return listener
        return None

    def production_weights(self) -> dict[str, int]:
        """Return the weights of the production listener's first matching rule."""
        for _, actions in self._rules(self._pair.production_listener):
            if concerns(actions, self.arns):
                return weights_of(actions[-1])
        return {}

    def share(self, split: Split) -> None:
        """Give production traffic its shares."""
        self._write(self._pair.production_listener, split)

    def open_test_listener(self, split: Split) -> None:
        """Give the test listener its shares; without a test listener nothing happens."""
        if self._pair.test_listener:
            self._test_before = self._rules(self._pair.test_listener)
            self._write(self._pair.test_listener, split)

    def restore_test_listener(self) -> None:
        """Put the test listener back to what it was before it was opened."""
        for rule_arn, actions in self._test_before:
            if self._pair.test_listener and concerns(actions, self.arns):
                self._write_rule(self._pair.test_listener, rule_arn, actions)

    def _rules(self, listener_arn: str) -> Rules:
        try:
            rules = self._elbv2.describe_rules(listener_arn, None)
        except Exception as error:
            raise SiteError(
                "ELASTIC_LOAD_BALANCING_INVALID",
                "The ELB could not be updated due to the following error: One or more listeners"
                f" not found: {listener_arn}",
            ) from error
        return [
            (None if rule.is_default else rule.arn, [action.data for action in rule.actions])
            for rule in rules
        ]

    def _write(self, listener_arn: str, split: Split) -> None:
        for rule_arn, actions in self._rules(listener_arn):
            if concerns(actions, self.arns):
                self._write_rule(listener_arn, rule_arn, split.rewritten(actions))

    def _write_rule(
        self, listener_arn: str, rule_arn: str | None, actions: Sequence[Action]
    ) -> None:
        if rule_arn is None:
            self._elbv2.modify_listener(listener_arn, certificates=[], actions=list(actions))
        else:
            self._elbv2.modify_rule(rule_arn, [], list(actions))
