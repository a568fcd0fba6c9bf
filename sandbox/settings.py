"""What a person may choose about a sandbox, and where it lives."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from delightful.frozen import Frozen

ACCOUNT = "123456789012"
REGION = "us-east-1"
ACCESS_KEY_ID = "AKIASANDBOX000000000"
SECRET_ACCESS_KEY = "sandbox"  # noqa: S105 - loopback only, checked by nothing

STATE_BUCKET = f"delightful-state-{ACCOUNT}"
LOCK_TABLE = "delightful-locks"
LEDGER_TABLE = "delightful-releases"
WorkerType = Literal["process", "ecs"]
WORK_POOLS: dict[WorkerType, str] = {"process": "delightful-local", "ecs": "delightful-ecs"}
# As infrastructure/platform names it for an environment called sandbox.
TASK_EVENT_QUEUE = "delightful-sandbox-task-events"
ARTIFACT_BUCKET = f"delightful-artifacts-{ACCOUNT}"


class SandboxSettings(Frozen):
    """How the sandbox runs. `speed` is sandbox seconds per wall second.

    With `worker`, a Prefect worker of that type runs beside the server as soon as its pool exists,
    so that runs can be started and retried from the Prefect UI.
    """

    speed: float = Field(default=1.0, ge=0.1, le=1000.0)
    tasks: Literal["auto", "container", "process"] = "auto"
    prefect: bool = True
    worker: WorkerType | None = None


def default_directory() -> Path:
    """Return the directory of the person's own sandbox."""
    if chosen := os.environ.get("DELIGHTFUL_SANDBOX"):
        return Path(chosen)
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "delightful" / "sandbox"


def cache_directory() -> Path:
    """Return where things that outlive a sandbox are kept to start the next one sooner."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "delightful"
