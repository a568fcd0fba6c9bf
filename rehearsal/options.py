"""What a person may choose about a rehearsal."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from delightful.frozen import Frozen

DEFAULT_SPEED = 20.0


class RehearsalOptions(Frozen):
    """A rehearsal of the service in `source`.

    `manifest` stands in for the service's own `.delightful.yaml`. With `keep`, the sandbox goes on
    running afterwards; one that runs in `directory` already is used as it is and goes on too.
    """

    source: Path
    directory: Path
    manifest: Path | None = None
    keep: bool = False
    tasks: Literal["auto", "container", "process"] = "auto"
    speed: float = Field(default=DEFAULT_SPEED, ge=0.1, le=1000.0)
    requests_per_second: int = Field(default=40, ge=1, le=1000)
