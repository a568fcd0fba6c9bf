"""What Terraform says becomes progress and errors of ours, and no value leaks."""

import json

import pytest

from blocks.terraform.messages import Conversation, without
from delightful.errors import ConfigError, DelightfulError, ExternalError, Refused, TransientError

LOCK_INFO = """Error message: ConditionalCheckFailedException: The conditional request failed
Lock Info:
  ID:        7c3b8a1e
  Path:      states/a.tfstate
  Operation: OperationTypeApply
  Who:       ann@host
  Version:   1.11.4
  Created:   2026-11-23 09:00:00 +0000 UTC
"""


def diagnostic(summary: str, detail: str = "", severity: str = "error") -> str:
    told = {"severity": severity, "summary": summary, "detail": detail}
    return json.dumps({"@message": f"Error: {summary}", "type": "diagnostic", "diagnostic": told})


def failure_of(*lines: str) -> DelightfulError:
    heard = Conversation()
    for line in lines:
        heard.hear(line)
    return heard.failure("apply")


def test_progress_is_shown_and_values_are_not() -> None:
    """Resource steps are shown; outputs, which carry values, are not."""
    heard = Conversation()
    step = {"@message": "aws_lb.this: Creating...", "type": "apply_start"}
    outputs = {"@message": "Outputs: 1", "type": "outputs", "outputs": {"password": "x"}}
    assert heard.hear(json.dumps(step)) == "aws_lb.this: Creating..."
    assert heard.hear(json.dumps(outputs)) is None
    assert heard.hear(diagnostic("deprecated", severity="warning")) is None


def test_held_lock_names_its_holder() -> None:
    """A lock that is held is a refusal with who, what, since when and the id."""
    error = failure_of(diagnostic("Error acquiring the state lock", LOCK_INFO))
    assert isinstance(error, Refused)
    assert error.code == "E_LOCKED"
    for part in ("ann@host", "OperationTypeApply", "2026-11-23 09:00:00", "7c3b8a1e"):
        assert part in error.message


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        (diagnostic("Saved plan is stale"), TransientError, "E_PLAN_STALE"),
        (diagnostic("Invalid value for variable", "cpu"), ConfigError, "E_VARIABLE"),
        (
            diagnostic(
                "Error acquiring the state lock",
                "Error message: operation error DynamoDB: PutItem, ResourceNotFoundException: "
                'Requested resource not found\nUnable to retrieve item from DynamoDB table "x":',
            ),
            ConfigError,
            "E_BACKEND",
        ),
        (
            diagnostic('Failed to get existing workspaces: S3 bucket "x" does not exist.'),
            ConfigError,
            "E_BACKEND",
        ),
        (
            diagnostic("Error acquiring the state lock", "dial tcp: connection refused"),
            TransientError,
            "E_AWS_UNREACHABLE",
        ),
        (diagnostic("Failed to query available provider packages"), ExternalError, "E_TERRAFORM"),
        (diagnostic("creating ECS Service", "AccessDenied"), ExternalError, "E_TERRAFORM"),
        ("panic: runtime error", ExternalError, "E_TERRAFORM"),
    ],
)
def test_failures_are_told_apart(line: str, kind: type[DelightfulError], code: str) -> None:
    """Each kind of failure has the error whose next step fits it."""
    error = failure_of(line)
    assert isinstance(error, kind)
    assert error.code == code


def test_lock_that_stayed_after_all_was_done_is_found() -> None:
    """Where only the unlock failed, the own lock's id is known; where more failed, it is not."""
    heard = Conversation()
    heard.hear(diagnostic("Error releasing the state lock", LOCK_INFO))
    assert heard.unreleased_lock() == "7c3b8a1e"
    heard.hear(diagnostic("creating ECS Service"))
    assert heard.unreleased_lock() is None


def test_secrets_are_blotted_out_and_words_are_not() -> None:
    """A long secret disappears; a short one would take ordinary words with it."""
    assert without("key AKIA/secret+value end", ("AKIA/secret+value", "end")) == "key *** end"
