"""DynamoDB in the sandbox: one call at a time, so that each is as atomic as it is on AWS.

moto takes a transaction back by putting back a copy of the whole table, and with it whatever
others wrote meanwhile: two of several racing writers won, and a committed item could be lost.
"""

import threading
from collections.abc import Sequence
from typing import Any

from moto.dynamodb.responses import DynamoHandler

from sandbox.aws.extension import Override, SandboxContext

_one_at_a_time = threading.Lock()


class SandboxDynamoResponse(DynamoHandler):
    """moto's answers, each given while no other call is under way."""

    def call_action(self) -> Any:
        """Answer one call."""
        with _one_at_a_time:
            return super().call_action()


class DynamoExtension:
    """Tables in memory; nothing runs."""

    name = "dynamodb"

    @property
    def overrides(self) -> Sequence[Override]:
        """Return DynamoDB's Response of ours."""
        return (Override("dynamodb", DynamoHandler, SandboxDynamoResponse),)

    def start(self, context: SandboxContext) -> None:
        """Begin; there is nothing to start."""

    def stop(self) -> None:
        """End; there is nothing to stop."""


extension = DynamoExtension()
