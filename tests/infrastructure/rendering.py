"""What Terraform makes of the roots: real configuration, mocked provider."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INFRASTRUCTURE = Path(__file__).resolve().parents[2] / "infrastructure"
Resource = Mapping[str, Any]


@dataclass(frozen=True)
class Terraform:
    """Terraform over a copy of the sources."""

    sources: Path
    environment: Mapping[str, str]

    def run(self, directory: Path, *arguments: str) -> str:
        """Run it and return what it said; fail with it where it fails."""
        command = ["terraform", *arguments]
        ran = subprocess.run(
            command, cwd=directory, env=self.environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, f"{' '.join(command)}:\n{ran.stdout[-5000:]}{ran.stderr}"
        return ran.stdout

    def rendered(self, root: str, test: str) -> dict[str, list[Resource]]:
        """Run a test file over a root and return, for each of its runs, every resource."""
        directory = self.sources / root
        file = directory / "tests" / "rendering.tftest.hcl"
        file.write_text(test)
        self.run(directory, "init", "-backend=false", "-input=false", "-no-color")
        said = self.run(directory, "test", "-json", "-verbose", f"-filter=tests/{file.name}")
        file.unlink()
        messages = map(json.loads, said.splitlines())
        return {
            message["@testrun"]: list(_resources(message["test_state"]["root_module"]))
            for message in messages
            if message["type"] == "test_state"
        }


def _resources(module: Mapping[str, Any]) -> Sequence[Resource]:
    below = [one for child in module.get("child_modules", []) for one in _resources(child)]
    return [*module.get("resources", []), *below]


def of_type(resources: Sequence[Resource], kind: str) -> list[Mapping[str, Any]]:
    """Return the values of every resource of a type; there is at least one."""
    found = [one["values"] for one in resources if one["type"] == kind and one["mode"] == "managed"]
    assert found, kind
    return found
