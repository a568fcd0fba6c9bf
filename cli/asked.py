"""What a verb that submits is asked for, as plain values."""

from pathlib import Path
from typing import NamedTuple


class Commit(NamedTuple):
    """A commit of a service, and the environment that it is for; `folder` is the service's own."""

    service: str
    environment: str
    commit: str
    folder: Path


class Watching(NamedTuple):
    """How a submitted run is watched."""

    timeout_seconds: float
    as_json: bool
