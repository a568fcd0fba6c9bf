"""The stand-ins of the actions that the workflows use, by name; there are no others."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.workflow_runs.identity import Identities, claims_of
from tests.end_to_end.workflow_runs.job import Job


class ActionFailed(Exception):
    """The real action would have failed."""


@dataclass(frozen=True)
class World:
    """What actions reach: the repository on GitHub, AWS's identities, and kept artifacts."""

    repository: Path
    identities: Identities
    artifacts: Path


Inputs = Mapping[str, str]
Action = Callable[[World, Job, Inputs], None]


def checkout(world: World, job: Job, inputs: Inputs) -> None:
    """Clone the repository at a commit, and leave no token behind."""
    _known(inputs, "ref", "path", "fetch-depth", "persist-credentials")
    if job.rights.get("contents") != "read" or inputs["persist-credentials"] != "false":
        raise ActionFailed("checkout wants contents: read, and is told to keep no credentials")
    target = job.workspace / inputs.get("path", ".")
    depth = f"--depth={inputs.get('fetch-depth', '1')}"
    _git(target.parent, "init", "--quiet", str(target))
    _git(target, "remote", "add", "origin", world.repository.as_uri())
    _git(target, "fetch", "--quiet", depth, "origin", inputs.get("ref", job.event.sha))
    _git(target, "checkout", "--quiet", "--detach", "FETCH_HEAD")


def setup_python(world: World, job: Job, inputs: Inputs) -> None:
    """Do nothing: the machine's `python` is the one that was asked for."""
    _known(inputs, "python-version")
    found = subprocess.run(
        ["python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        env=job.variables(),
        capture_output=True,
        text=True,
        check=True,
    )
    if found.stdout.strip() != inputs["python-version"]:
        raise ActionFailed(f"no Python {inputs['python-version']}")


def configure_aws_credentials(world: World, job: Job, inputs: Inputs) -> None:
    """Have STS take on the role by the job's identity, and export what it gives."""
    _known(inputs, "aws-region", "role-to-assume", "role-session-name")
    if job.rights.get("id-token") != "write":
        raise ActionFailed("there is no identity: the job lacks id-token: write")
    if inputs["aws-region"] != world.identities.region:
        raise ActionFailed("another region")
    claims = claims_of(job.event, job.environment)
    given = world.identities.taken_on(inputs["role-to-assume"], claims, inputs["role-session-name"])
    job.export(given)


def upload_artifact(world: World, job: Job, inputs: Inputs) -> None:
    """Keep a file under the run's number."""
    _known(inputs, "name", "path", "if-no-files-found", "retention-days")
    file = job.workspace / inputs["path"]
    if not file.is_file():
        raise ActionFailed(f"no file {inputs['path']}")
    kept = world.artifacts / str(job.event.run_id) / inputs["name"]
    kept.mkdir(parents=True)
    shutil.copy(file, kept)


def download_artifact(world: World, job: Job, inputs: Inputs) -> None:
    """Fetch what another run kept, by the job's token."""
    _known(inputs, "name", "path", "run-id", "github-token")
    if job.rights.get("actions") != "read" or inputs["github-token"] != job.token:
        raise ActionFailed("another run's artifacts want actions: read, and the token")
    kept = world.artifacts / inputs["run-id"] / inputs["name"]
    if not kept.is_dir():
        raise ActionFailed(f"no artifact {inputs['name']} of run {inputs['run-id']}")
    shutil.copytree(kept, inputs["path"], symlinks=True, dirs_exist_ok=True)


ACTIONS: dict[str, Action] = {
    "actions/checkout": checkout,
    "actions/setup-python": setup_python,
    "actions/upload-artifact": upload_artifact,
    "actions/download-artifact": download_artifact,
    "aws-actions/configure-aws-credentials": configure_aws_credentials,
}


def _known(inputs: Inputs, *names: str) -> None:
    if unknown := inputs.keys() - set(names):
        raise ActionFailed(f"inputs that the stand-in does not know: {sorted(unknown)}")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
