"""The workflow files and the composite action, as they are written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((PROJECT / ".github" / "actions").glob("*/action.yml"))

Content = dict[str, Any]


class _Yaml12(yaml.SafeLoader):
    """YAML as GitHub reads it: `on` is a key, not a truth."""


_Yaml12.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def content_of(file: Path) -> Content:
    """Return what a file says."""
    content: Content = yaml.load(file.read_text(), Loader=_Yaml12)  # noqa: S506  (a safe loader's)
    return content


@dataclass(frozen=True)
class Step:
    """One step, and the file and job that it stands in; a composite action has no job."""

    file: Path
    job: str
    content: Content

    @property
    def place(self) -> str:
        """Return where it stands, as people name it."""
        name = self.file.name if self.job else self.file.parent.name
        return f"{name}: {self.job}: {self.content.get('name')}"


def steps_of(file: Path) -> Iterator[Step]:
    """Yield the steps of a workflow or an action."""
    content = content_of(file)
    if "runs" in content:
        yield from (Step(file, "", one) for one in content["runs"]["steps"])
    for name, job in content.get("jobs", {}).items():
        yield from (Step(file, name, one) for one in job.get("steps", []))


STEPS = [step for file in (*WORKFLOWS, *ACTIONS) for step in steps_of(file)]
