"""What a Prefect server must know before anybody can run a flow from its UI."""

import os
import subprocess
import sys
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists
from prefect.settings import PREFECT_API_URL

from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import ExternalError

WORK_POOL = "delightful-local"
PROJECT = Path(__file__).parents[1]
DEPLOYMENTS_FILE = "deployments.yaml"
_DEPLOY_TIMEOUT_SECONDS = 180


def register(environment: DeliveryEnvironment) -> None:
    """Save the environment's block, make the work pool, and apply deployments.yaml.

    Asking twice updates in place. The server is the one that PREFECT_API_URL names.
    """
    environment.save(environment.environment, overwrite=True)
    with get_client(sync_client=True) as client:
        ensure_work_pool(client)
    apply_deployments()


def ensure_work_pool(client: SyncPrefectClient) -> None:
    """Make the process pool that runs flows on the worker's own machine, if there is none."""
    pool = WorkPoolCreate(
        name=WORK_POOL, type="process", description="Runs flows as processes beside the worker."
    )
    try:
        client.create_work_pool(pool)
    except ObjectAlreadyExists:
        return


def apply_deployments() -> None:
    """Create or update every Prefect deployment of deployments.yaml.

    Raises:
        ExternalError: E_REGISTER, with the last lines of what the Prefect command said.
    """
    done = subprocess.run(
        prefect_deploy_argv(),
        cwd=PROJECT,
        env={**os.environ, "PREFECT_API_URL": PREFECT_API_URL.value() or ""},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_DEPLOY_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise ExternalError(
            "E_REGISTER",
            f"{DEPLOYMENTS_FILE} could not be applied",
            hint="mend what Prefect says, then register again",
            service="prefect",
            operation="deploy",
            cause=said,
        )


def prefect_deploy_argv() -> list[str]:
    """Return the command that applies the file; a person can type the same."""
    prefect = [sys.executable, "-m", "prefect", "--no-prompt", "deploy"]
    return [*prefect, "--prefect-file", DEPLOYMENTS_FILE, "--all"]
