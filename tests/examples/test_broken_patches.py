"""Each example can be broken for a rehearsal, and only in the way its patch says."""

import subprocess
from pathlib import Path

import pytest

from rehearsal.versions import BROKEN_PATCH, Versions

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("example", ["hello-python", "hello-node"])
def test_patch_of_an_example_still_applies(example: str, tmp_path: Path) -> None:
    """A change of the example that its patch no longer fits is noticed here, not in a demo."""
    assert (EXAMPLES / example / BROKEN_PATCH).is_file()
    versions = Versions(EXAMPLES / example, tmp_path / "repository")
    whole, broken = versions.commit_as_it_is(), versions.commit_broken()
    command = ["git", "-C", str(versions.repository), "diff", whole, broken]
    diff = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "503" in diff or "SERVICE_UNAVAILABLE" in diff
