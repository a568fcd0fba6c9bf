"""The reading of IAM policies that the other tests stand on."""

from typing import Any

import pytest

from tests.infrastructure.identity.iam import Request, is_allowed


def allowed(condition: dict[str, Any], **context: Any) -> bool:
    """Ask a policy that allows everything under a condition; `a__b` in the context is `a:b`."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    known = {name.replace("__", ":"): value for name, value in context.items()}
    return is_allowed([{"Statement": [statement]}], Request("s3:GetObject", context=known))


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("StringEquals", "x", "x", True),
        ("StringEquals", "x", "X", False),
        ("StringEquals", "x*", "xy", False),
        ("StringEquals", ["x", "y"], "y", True),
        ("StringEquals", "x", ["y", "x"], True),
        ("StringEquals", "x", None, False),
        ("StringEqualsIfExists", "x", None, True),
        ("StringEqualsIfExists", "x", "y", False),
        ("StringEqualsIgnoreCase", "x", "X", True),
        ("StringLike", "x*z", "xyz", True),
        ("StringLike", "x?z", "xyyz", False),
        ("StringLike", "x.z", "xyz", False),
        ("StringNotEquals", "x", "y", True),
        ("StringNotEquals", ["x", "y"], "y", False),
        ("StringNotEquals", "x", None, True),
        ("ForAllValues:StringEquals", ["x", "y"], ["x", "y"], True),
        ("ForAllValues:StringEquals", "x", ["x", "y"], False),
        ("ForAllValues:StringEquals", "x", None, True),
        ("ForAnyValue:StringLike", "x*", ["a", "xy"], True),
        ("ForAnyValue:StringLike", "x*", None, False),
        ("Bool", "false", "False", True),
        ("Null", "true", None, True),
        ("Null", "false", "x", True),
        ("Null", "false", None, False),
    ],
)
def test_condition_holds_as_aws_documents_it(
    operator: str, wanted: Any, given: Any, expected: bool
) -> None:
    """Missing keys, several values and letters count as in AWS's reference."""
    context = {} if given is None else {"aws__Key": given}
    assert allowed({operator: {"aws:key": wanted}}, **context) is expected


def test_denial_counts_more_than_any_permission() -> None:
    """One denial beats every permission, and no permission at all is no."""
    allow = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    deny = {"Statement": [{"Effect": "Deny", "NotAction": "s3:Get*", "NotResource": "b"}]}
    assert is_allowed([allow, deny], Request("S3:getobject", "a"))
    assert not is_allowed([allow, deny], Request("s3:PutObject", "a"))
    assert is_allowed([allow, deny], Request("s3:PutObject", "b"))
    assert not is_allowed([deny], Request("s3:GetObject", "a"))


def test_boundary_must_allow_too() -> None:
    """What a boundary does not name is not allowed, whatever the policies say."""
    everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    reading = {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
    assert is_allowed([everything], Request("s3:GetObject"), reading)
    assert not is_allowed([everything], Request("s3:PutObject"), reading)


def test_what_is_not_known_is_an_error() -> None:
    """An operator, a quantifier or an element that is not read here is never a yes."""
    with pytest.raises(KeyError):
        allowed({"NumericLessThan": {"aws:key": "1"}}, aws__key="0")
    with pytest.raises(ValueError, match="unknown quantifier"):
        allowed({"ForSome:StringEquals": {"aws:key": "1"}}, aws__key="1")
    with pytest.raises(ValueError, match="unknown elements"):
        is_allowed([{"Statement": [{"Effect": "Allow", "Actions": "*"}]}], Request("s3:GetObject"))
