"""The roots and modules by Terraform's own means: format, validity and their tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.terraform_config import write_cli_config

INFRASTRUCTURE = Path(__file__).resolve().parents[2] / "infrastructure"
ROOTS = ("registry", "platform", "service")
MODULES = tuple(sorted(f"modules/{path.name}" for path in (INFRASTRUCTURE / "modules").iterdir()))

# Each run of a Terraform test starts the provider again; the platform has 26.
pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources, so that nothing is initialised in the project itself."""
    copy = tmp_path_factory.mktemp("terraform") / "infrastructure"
    ignore = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*")
    shutil.copytree(INFRASTRUCTURE, copy, ignore=ignore)
    return copy


@pytest.fixture(scope="module")
def environment(sources: Path) -> dict[str, str]:
    """Return an environment without an account, with the provider from wherever it is at hand."""
    config = sources.parent / "terraform.rc"
    write_cli_config(config, sources.parent / "providers")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS", "TF_"))
    }
    # Without a lock file Terraform uses its cache only when it is told that this is meant.
    cached = {"TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true"}
    return {**kept, **cached, "TF_CLI_CONFIG_FILE": str(config), "CHECKPOINT_DISABLE": "1"}


def terraform(directory: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run Terraform in a directory and return what it said; fail with it where it fails."""
    command = ["terraform", arguments[0], "-no-color", *arguments[1:]]
    ran = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, (
        f"{' '.join(command)} in {directory.name}:\n{ran.stdout}{ran.stderr}"
    )
    return ran.stdout


def test_is_formatted(sources: Path, environment: dict[str, str]) -> None:
    """Every file stands as `terraform fmt` would write it."""
    assert terraform(sources, environment, "fmt", "-check", "-recursive") == ""


@pytest.mark.parametrize("name", [*ROOTS, *MODULES])
def test_keeps_its_promises(name: str, sources: Path, environment: dict[str, str]) -> None:
    """Every root and module is valid and passes its own tests, of which there are some."""
    directory = sources / name
    terraform(directory, environment, "init", "-backend=false", "-input=false")
    said = terraform(directory, environment, "test")
    assert " passed, 0 failed" in said
    assert " 0 passed" not in said
