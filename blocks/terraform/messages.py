"""What Terraform says in its JSON lines: progress to show, diagnostics to believe."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from blocks.terraform.state_backend import bucket_named, not_there, table_named
from delightful.errors import (
    ConfigError,
    DelightfulError,
    ExternalError,
    Refused,
    TransientError,
)
from delightful.frozen import Frozen

# Lines of other types may quote values.
_SPOKEN_TYPES = frozenset(
    {
        "planned_change",
        "resource_drift",
        "change_summary",
        "apply_start",
        "apply_progress",
        "apply_complete",
        "apply_errored",
        "provision_start",
    }
)
_LOCK_FIELD = re.compile(r"^\s+(ID|Who|Operation|Created):\s+(.*\S)\s*$", re.MULTILINE)
_NO_BUCKET = re.compile(r'S3 bucket "([^"]+)" does not exist')
_NO_TABLE = re.compile(r'ResourceNotFoundException: .*DynamoDB table "([^"]+)"')
_UNAVAILABLE = re.compile(r"connection refused|no such host|i/o timeout|connection reset", re.I)
_LAST_LINES = 20


class Diagnostic(Frozen):
    """One error of Terraform's."""

    summary: str
    detail: str = ""

    def told(self) -> str:
        """Return it as one line."""
        return " ".join(f"{self.summary}: {self.detail}".split()).rstrip(": ")[:1000]


class LockHolder(Frozen):
    """Who holds a state lock, as Terraform wrote it down."""

    lock_id: str
    who: str
    operation: str
    created: str


class Conversation:
    """What one Terraform process said so far."""

    def __init__(self) -> None:
        self.errors: list[Diagnostic] = []
        self.raw: list[str] = []

    def hear(self, line: str) -> str | None:
        """Take in a line; returns what is worth showing of it, or None."""
        message = _message(line)
        if message is None:
            self.raw = [*self.raw[-_LAST_LINES:], line]
            return None
        diagnostic = message.get("diagnostic")
        if message.get("type") == "diagnostic" and isinstance(diagnostic, dict):
            return self._hear_diagnostic(diagnostic)
        return str(message["@message"]) if message.get("type") in _SPOKEN_TYPES else None

    def failure(self, operation: str) -> DelightfulError:
        """Return the error that the conversation ended with."""
        if not self.errors:
            cause = next((line.strip() for line in reversed(self.raw) if line.strip()), "no output")
            return _external(operation, cause[:1000])
        known = (_known_failure(error) for error in self.errors)
        told = "; ".join(error.told() for error in self.errors[:3])
        return next((error for error in known if error), None) or _external(operation, told)

    def unreleased_lock(self) -> str | None:
        """Return the id of the lock that all that failed was to release, else None."""
        if {error.summary for error in self.errors} != {"Error releasing the state lock"}:
            return None
        holder = lock_holder(self.errors[0].detail)
        return holder.lock_id if holder else None

    def _hear_diagnostic(self, diagnostic: dict[str, Any]) -> str | None:
        if diagnostic.get("severity") != "error":
            return None
        fields = {name: str(diagnostic.get(name) or "") for name in ("summary", "detail")}
        self.errors.append(Diagnostic(**fields))
        return f"Error: {self.errors[-1].told()}"


def lock_holder(text: str) -> LockHolder | None:
    """Return the holder that a lock error names, or None where it names none."""
    fields: dict[str, str] = {}
    for name, value in _LOCK_FIELD.findall(text):
        fields.setdefault(name, value)
    try:
        return LockHolder(
            lock_id=fields["ID"],
            who=fields.get("Who", "unknown"),
            operation=fields.get("Operation", "unknown"),
            created=fields.get("Created", "unknown"),
        )
    except (KeyError, ValidationError):
        return None


def _message(line: str) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and "@message" in message else None


def _known_failure(error: Diagnostic) -> DelightfulError | None:
    if error.summary == "Error acquiring the state lock":
        return _lock_failure(error)
    no_bucket = _NO_BUCKET.search(error.told())
    if no_bucket is not None:
        return not_there(bucket_named(no_bucket[1]))
    if "Saved plan is stale" in error.summary:
        return TransientError(
            "E_PLAN_STALE", "the state moved after the plan was made", hint="plan again"
        )
    if error.summary in ("Invalid value for variable", "No value for required variable"):
        return ConfigError("E_VARIABLE", error.told(), hint="give the variable a value it allows")
    if error.summary in (
        "Failed to query available provider packages",
        "Failed to install provider",
    ):
        return _external("init", error.told(), hint="look at terraform_cli_config and its mirror")
    return None


def _lock_failure(error: Diagnostic) -> DelightfulError:
    holder = lock_holder(error.detail)
    no_table = _NO_TABLE.search(error.told())
    if no_table is not None:
        return not_there(table_named(no_table[1]))
    if holder is None and _UNAVAILABLE.search(error.detail):
        return TransientError(
            "E_AWS_UNREACHABLE", error.told(), hint="check the network, then run the same again"
        )
    if holder is None:
        return _external("lock", error.told())
    return Refused(
        "E_LOCKED",
        f"the state is locked by {holder.who} for {holder.operation} since {holder.created} "
        f"(lock {holder.lock_id})",
        hint="wait for it; `delightful locks` says whether its owner lives, and breaks it if not",
    )


def _external(operation: str, cause: str, *, hint: str | None = None) -> ExternalError:
    return ExternalError(
        "E_TERRAFORM",
        "failed",
        hint=hint or "read the cause, put it right, then run the same again",
        service="terraform",
        operation=operation,
        cause=cause,
    )


def without(text: str, secrets: Sequence[str]) -> str:
    """Return a text with every one of the secrets blotted out.

    Real ones are long; what is shorter than twelve characters would blot out ordinary words.
    """
    for secret in secrets:
        text = text.replace(secret, "***") if len(secret) >= 12 else text
    return text


def state_not_saved(path: Path, operation: str) -> ExternalError:
    """Return the error for a change whose state lies at a path of this machine only."""
    return ExternalError(
        "E_STATE_NOT_SAVED",
        "the resources changed but the state could not be stored",
        hint="run the same again: the state is pushed before anything else is planned",
        service="terraform",
        operation=operation,
        cause=f"kept in {path}",
    )
