"""Hand an event of one of AWS's services to the targets of the rules that match it."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

log = logging.getLogger(__name__)

_TRANSFORMED = ("Input", "InputPath", "InputTransformer")


def deliver(backend: Callable[[str], Any], event: Mapping[str, Any]) -> None:
    """Hand an event to every target of the default bus's enabled rules whose pattern it matches.

    `backend` returns moto's backend of a service; `event` is the message that a target gets.
    """
    for rule in tuple(backend("events").event_buses["default"].rules.values()):
        if _listens(rule, event):
            for target in tuple(rule.targets):
                _hand_over(backend("sqs"), rule.arn, target, json.dumps(event))


def _listens(rule: Any, event: Mapping[str, Any]) -> bool:
    # A rule without a pattern is a schedule.
    if rule.state == "DISABLED" or not rule.event_pattern.get_pattern():
        return False
    try:
        return bool(rule.event_pattern.matches_event(event))
    except Exception:
        log.exception("the pattern of %s cannot be compared", rule.arn)
        return False


def _hand_over(queues: Any, rule_arn: str, target: Mapping[str, Any], body: str) -> None:
    if ":sqs:" not in target["Arn"] or any(name in target for name in _TRANSFORMED):
        log.warning("%s is passed over: only queues are handed events, as they are", target["Arn"])
        return
    try:
        queues.send_message(_queue(target["Arn"]), body)
    except Exception as error:
        log.warning("%s did not take an event: %s", target["Arn"], error)
        _bury(queues, rule_arn, target, body, error)


def _bury(
    queues: Any, rule_arn: str, target: Mapping[str, Any], body: str, error: Exception
) -> None:
    letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if letters is None:
        return
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    told = {
        "RULE_ARN": rule_arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": str(getattr(error, "code", None) or type(error).__name__),
        "ERROR_MESSAGE": str(getattr(error, "message", None) or error),
    }
    attributes = {
        name: {"DataType": "String", "StringValue": value} for name, value in told.items()
    }
    try:
        queues.send_message(_queue(letters), body, message_attributes=attributes)
    except Exception as lost:
        log.warning("%s did not take it either: %s", letters, lost)


def _queue(arn: str) -> str:
    return str(arn).rsplit(":", 1)[1]
