"""What CodeDeploy writes into listeners: always weights over both groups, never a swap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Action = Mapping[str, Any]
Weights = dict[str, int]


def weights_of(action: Action) -> Weights:
    """Return weight by target group ARN; empty for what is not a forward."""
    if action.get("Type") != "forward":
        return {}
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if groups:
        return {group["TargetGroupArn"]: int(group.get("Weight", 1)) for group in groups}
    return {str(action["TargetGroupArn"]): 1}


def serves(actions: Sequence[Action], target_group: str) -> bool:
    """Say whether an action list forwards to a group with a weight above zero."""
    return any(weights_of(action).get(target_group, 0) > 0 for action in actions)


@dataclass(frozen=True)
class Split:
    """How traffic is shared between two target groups; `percent` is the replacement's."""

    original: str
    replacement: str
    percent: int

    def action(self) -> dict[str, Any]:
        """Return the forward action: both groups, also the one with nothing, no stickiness."""
        shares = ((self.replacement, self.percent), (self.original, 100 - self.percent))
        return {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [
                    {"TargetGroupArn": arn, "Weight": weight} for arn, weight in shares
                ],
                "TargetGroupStickinessConfig": {"Enabled": False},
            },
        }

    def rewritten(self, actions: Sequence[Action]) -> list[dict[str, Any]]:
        """Return an action list with its forward replaced; other actions stay (authenticate)."""
        kept = [dict(action) for action in actions if action.get("Type") != "forward"]
        return [*kept, self.action()]


def concerns(actions: Sequence[Action], pair: Iterable[str]) -> bool:
    """Say whether an action list forwards to either group of a pair."""
    return any(set(weights_of(action)) & set(pair) for action in actions)


def disagrees(rules: Iterable[Sequence[Action]], live: str, pair: Sequence[str]) -> bool:
    """Say whether the rules of a listener do not all send the pair's traffic to the live group.

    Rules that concern neither group do not count; a listener where none does disagrees.
    """
    ours = [actions for actions in rules if concerns(actions, pair)]
    return not ours or not all(serves(actions, live) for actions in ours)
