"""The release ledger: who may change a service, what is good, and every attempt there was."""

from datetime import datetime
from typing import Any

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field

from blocks.attempt_request import AttemptRequest
from delightful.release import Head, Owner, Release


class ReleaseLedger(Block):
    """Keeps attempts and the head of each service and environment in one DynamoDB table."""

    _block_type_name = "Release Ledger"
    _block_type_slug = "release-ledger"

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    table_name: str = Field(description="Name of the ledger's table.")

    def open_attempt(self, request: AttemptRequest, owner: Owner, now: datetime) -> Release:
        """Take the mutex and open an attempt, or resume the open one of the same request.

        An open attempt whose owner is dead or gone is resumed where it asks for the same
        (kind, commit, restores); otherwise it is closed ABORTED in the same transaction.

        Raises:
            Refused: E_LOCKED, the mutex has a live owner; E_FROZEN, changes are frozen.
        """
        ...

    def record(self, release: Release) -> None:
        """Store the next step of an attempt that this release's owner still holds.

        Raises:
            Refused: E_FENCED, somebody else took the attempt over or it has ended otherwise.
        """
        ...

    def let_go(self, release: Release) -> None:
        """Leave an attempt open without an owner, so that anybody may resume it at once."""
        ...

    def get(self, release_id: str) -> Release:
        """Return one attempt. Raises ConfigError E_RELEASE where there is none."""
        ...

    def head(self, service: str, environment: str) -> Head:
        """Return the head; one that was never written has sequence 0."""
        ...

    def history(self, service: str, environment: str, limit: int = 50) -> tuple[Release, ...]:
        """Return the attempts, newest first."""
        ...
