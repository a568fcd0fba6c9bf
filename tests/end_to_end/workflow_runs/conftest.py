"""GitHub's side of a service: its repository, its roles, its runners."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.end_to_end.workflow_runs.calls import DELIGHTFUL
from tests.end_to_end.workflow_runs.repository import ServiceRepository
from tests.infrastructure.conftest import terraform  # noqa: F401  (a fixture)
from tests.infrastructure.identity.roles import Role, roles, template
from tests.infrastructure.rendering import Terraform, of_type

SERVICE = "hello-python"
_TOKEN_SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:github-token"


@pytest.fixture(scope="session")
def account_roles(terraform: Terraform) -> Mapping[str, Role]:  # noqa: F811
    """Return the roles that Terraform makes for the account and for the service."""
    bootstrap = template("bootstrap").replace(
        "variables {\n  github_repository ",
        f'variables {{\n  github_token_secret_arn = "{_TOKEN_SECRET}"\n  github_repository ',
        1,
    )
    resources = terraform.rendered("bootstrap", bootstrap)
    described = {
        form: str(of_type(found, "aws_ssm_parameter")[0]["insecure_value"])
        for form, found in resources.items()
    }
    registry = template("registry").replace('"hello"', f'"{SERVICE}"')
    rendered = terraform.rendered("registry", _filled(registry, described))
    return {**roles(resources["names"]), **roles(rendered["names"])}


def _filled(text: str, described: Mapping[str, str]) -> str:
    for form, value in described.items():
        text = text.replace(f"<<{form}>>", value)
    return text


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what a runner's machine has: Python, git, a shell, and where packages are cached."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    return {
        "PATH": os.pathsep.join([str(folder / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
        "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config")),
        "PIP_CACHE_DIR": str(folder / "pip"),
        "UV_CACHE_DIR": str(folder / "uv"),
        "DO_NOT_TRACK": "1",
    }


@pytest.fixture
def repository(tmp_path: Path) -> ServiceRepository:
    """Return the service's repository with the workflows that `delightful init` writes."""
    return service_repository(tmp_path / "repository")


def service_repository(folder: Path) -> ServiceRepository:
    """Make a repository of the example with its callers, committed."""
    example = Path(__file__).parents[3] / "examples" / SERVICE
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns("rehearsal", "__pycache__"))
    repository = ServiceRepository(folder)
    repository.git("init", "--quiet", "--initial-branch=main")
    for name, value in (("user.name", "A"), ("user.email", "a@example.com")):
        repository.git("config", name, value)
    # As on GitHub, a commit can be asked for by its id.
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    command = [sys.executable, "-m", "cli.main", "init", str(folder)]
    options = ["--environment", "staging", "--workflows", f"{DELIGHTFUL}@{'a' * 40}"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    repository.commit("Begin")
    return repository
