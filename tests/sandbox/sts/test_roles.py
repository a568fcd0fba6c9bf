"""Who took on which role can be read afterwards."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox


def test_role_that_is_taken_on_is_told(
    client: Callable[[str], Any], sandbox: SandboxDescription
) -> None:
    """The log names role and caller; what is given works as that role."""
    role = f"arn:aws:iam::{sandbox.account}:role/delightful/hello-staging-deploy"
    given = client("sts").assume_role(RoleArn=role, RoleSessionName="a-test")
    assert given["AssumedRoleUser"]["Arn"].endswith(":assumed-role/hello-staging-deploy/a-test")
    told = (sandbox.directory / "logs" / "aws.log").read_text().splitlines()
    mine = [line for line in told if line.endswith(f" took on {role}")]
    assert len(mine) == 1
