"""A strict reading of IAM policies: what is not known here is an error, never a yes.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
and …/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Policy = Mapping[str, Any]
Matches = Callable[[str, str], bool]

_ELEMENTS = {
    *("Sid", "Effect", "Principal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition"),
}


@dataclass(frozen=True)
class Request:
    """Who asks for what: `principal` is a type and a name, `context` holds the condition keys."""

    action: str
    resource: str = "*"
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    principal: tuple[str, str] | None = None


def is_allowed(
    policies: Sequence[Policy], request: Request, boundary: Policy | None = None
) -> bool:
    """Say whether policies allow a request: one allows it, none denies it, nor the boundary."""
    effects = {effect for policy in policies for effect in _effects(policy, request)}
    within = boundary is None or _effects(boundary, request) == {"Allow"}
    return effects == {"Allow"} and within


def is_denied(policies: Sequence[Policy], request: Request) -> bool:
    """Say whether policies deny a request in so many words."""
    return any("Deny" in _effects(policy, request) for policy in policies)


def values(element: Any) -> list[Any]:
    """Return an element that may be one value or a list as a list."""
    return element if isinstance(element, list) else [element]


def _effects(policy: Policy, request: Request) -> set[str]:
    return {
        str(statement["Effect"])
        for statement in values(policy["Statement"])
        if _concerns(statement, request)
    }


def _concerns(statement: Policy, request: Request) -> bool:
    if unknown := statement.keys() - _ELEMENTS:
        raise ValueError(f"unknown elements {unknown}")
    return (
        _names_action(statement, request.action)
        and _names_resource(statement, request.resource)
        and _names_principal(statement.get("Principal"), request.principal)
        and all(
            _holds(operator, key, values(wanted), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _names_action(statement: Policy, action: str) -> bool:
    patterns = values(statement.get("Action", statement.get("NotAction")))
    named = any(_like(action.lower(), str(pattern).lower()) for pattern in patterns)
    return named if "Action" in statement else not named


def _names_resource(statement: Policy, resource: str) -> bool:
    if "Resource" in statement:
        return any(_like(resource, pattern) for pattern in values(statement["Resource"]))
    if "NotResource" in statement:
        return not any(_like(resource, pattern) for pattern in values(statement["NotResource"]))
    # Trust policies name none.
    return True


def _names_principal(named: Any, asking: tuple[str, str] | None) -> bool:
    if named is None or named == "*":
        return True
    return asking is not None and asking[1] in values(named.get(asking[0], []))


def _like(value: str, pattern: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _equal(value: str, wanted: str) -> bool:
    return value == wanted


def _equal_but_for_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


# Each operator with whether it turns the answer round.
_OPERATORS: dict[str, tuple[Matches, bool]] = {
    "StringEquals": (_equal, False),
    "StringEqualsIgnoreCase": (_equal_but_for_case, False),
    "StringLike": (_like, False),
    "StringNotEquals": (_equal, True),
    "ArnEquals": (_like, False),
    "ArnLike": (_like, False),
    "Bool": (_equal_but_for_case, False),
}


def _holds(operator: str, key: str, wanted: list[Any], context: Mapping[str, Any]) -> bool:
    known = {name.lower(): value for name, value in context.items()}
    asked = known.get(key.lower())
    if operator == "Null":
        return (asked is None) == (str(wanted[0]).lower() == "true")
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    matches, is_negated = _OPERATORS[base]
    if asked is None:
        return is_negated or base != name or quantifier == "ForAllValues"
    return _answer(quantifier, is_negated, [_hits(matches, one, wanted) for one in values(asked)])


def _hits(matches: Matches, value: str, wanted: list[Any]) -> bool:
    return any(matches(value, str(one)) for one in wanted)


def _answer(quantifier: str, is_negated: bool, hits: list[bool]) -> bool:
    answers = [hit != is_negated for hit in hits]
    if quantifier == "ForAllValues" or (is_negated and not quantifier):
        return all(answers)
    if quantifier in ("", "ForAnyValue"):
        return any(answers)
    raise ValueError(f"unknown quantifier {quantifier}")
