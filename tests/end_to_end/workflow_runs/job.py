"""One job while it runs: its folders, its variables, what it said, and how it stands."""

import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.end_to_end.workflow_runs.events import REPOSITORY, Event

Content = dict[str, Any]
# What a runner has of the machine that it stands on: how packages are fetched, and no more.
_KEPT = ("LANG", "LC_ALL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_KEPT_PREFIXES = ("PIP_", "UV_")


@dataclass
class Job:
    """A job on a fresh runner.

    `token` is what `github.token` would be there; `rights` are those that GitHub gives it.
    `environments` are those of its `run:` steps, `file_names` what the files are called that were
    left on the runner.
    """

    name: str
    event: Event
    folder: Path
    rights: dict[str, str]
    environment: str | None
    machine: dict[str, str]
    token: str = field(default_factory=lambda: f"ghs_{secrets.token_hex(18)}")
    state: str = "success"
    said: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    environments: list[dict[str, str]] = field(default_factory=list)
    file_names: set[str] = field(default_factory=set)
    _exported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.temp, self.home):
            folder.mkdir(parents=True)
        for file in ("path", "env", "output", "summary"):
            (self.folder / file).touch()

    @property
    def workspace(self) -> Path:
        """Return the folder in which steps run."""
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        """Return the folder that is emptied after the job."""
        return self.folder / "temp"

    @property
    def home(self) -> Path:
        """Return the user's folder."""
        return self.folder / "home"

    @property
    def log(self) -> str:
        """Return all that the steps said."""
        return "".join(self.said)

    @property
    def summary(self) -> str:
        """Return what the job's page shows."""
        return (self.folder / "summary").read_text()

    def export(self, variables: dict[str, str]) -> None:
        """Set variables for all later steps, as an action does."""
        self._exported |= variables

    def variables(self) -> dict[str, str]:
        """Return what every step finds in its environment."""
        machine = {
            name: value
            for name, value in os.environ.items()
            if name in _KEPT or name.startswith(_KEPT_PREFIXES)
        }
        added = (self.folder / "path").read_text().splitlines()
        return {
            **machine,
            **self.machine,
            "CI": "true",
            "HOME": str(self.home),
            "PATH": os.pathsep.join([*reversed(added), self.machine["PATH"]]),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_SHA": self.event.sha,
            "GITHUB_REF": self.event.ref,
            "GITHUB_RUN_ID": str(self.event.run_id),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_PATH": str(self.folder / "path"),
            "GITHUB_ENV": str(self.folder / "env"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **self._exported,
        }

    def clear(self) -> None:
        """Take the runner away; what was said stays."""
        self.file_names = {path.name for path in self.folder.rglob("*")}
        for folder in (self.workspace, self.temp, self.home):
            shutil.rmtree(folder)
