"""What a Prefect server must know before anybody can run a flow from its UI."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL
from prefect_aws import S3Bucket
from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from blocks.published_platform import published_platform
from delightful.errors import ExternalError
from flows.registering.deployment_file import FILE, PoolType, WorkPool, deployments_for, work_pool
from flows.registering.work_pools import ensure_work_pool

PROJECT = Path(__file__).parents[2]
# The block that `PREFECT_DEFAULT_RESULT_STORAGE_BLOCK` names in deployments.yaml.
RESULTS_BLOCK = "results"
_DEPLOY_TIMEOUT_SECONDS = 180
_CHOSEN = ("requires_approval", "approval_seconds", "approvers", "scheduled_services")


def register(
    environment: DeliveryEnvironment,
    pool_type: PoolType,
    scheduled_services: Sequence[str] | None = None,
) -> WorkPool:
    """Save the environment's block, make the work pool, and apply deployments.yaml for it.

    `scheduled_services` are those that schedules look after from now on; None leaves them as they
    are. `ecs` takes the pool's values from what the environment's platform publishes. Asking twice
    updates in place. The server is the one that PREFECT_API_URL names.

    Raises:
        ConfigError: E_PLATFORM, E_DEPLOYMENTS, the platform does not say what the pool needs.
        ExternalError: E_REGISTER, Prefect did not take the deployments.
    """
    document = yaml.safe_load((PROJECT / FILE).read_text(encoding="utf-8"))
    pool = work_pool(document, pool_type, _published(environment, pool_type))
    saved = with_choices(environment)
    if scheduled_services is not None:
        saved = saved.model_copy(update={"scheduled_services": tuple(scheduled_services)})
    saved.save(environment.environment, overwrite=True)
    if pool_type == "ecs":
        result_storage(environment).save(RESULTS_BLOCK, overwrite=True)
    with get_client(sync_client=True) as client:
        ensure_work_pool(client, pool, environment.credentials)
    prepared = deployments_for(document, pool, environment.environment, saved.scheduled_services)
    apply_deployments(prepared)
    with get_client(sync_client=True) as client:
        remove_schedules(client, prepared["deployments"])
    return pool


def remove_schedules(client: SyncPrefectClient, deployments: Sequence[Mapping[str, Any]]) -> None:
    """Delete the schedules that are written no more; Prefect's own command leaves them."""
    for one in deployments:
        if "schedules" not in one:
            continue
        wanted = {schedule["slug"] for schedule in one["schedules"]}
        found = client.read_deployment_by_name(f"{one['name']}/{one['name']}")
        for schedule in found.schedules:
            if schedule.slug not in wanted:
                client.delete_deployment_schedule(found.id, schedule.id)


def with_choices(environment: DeliveryEnvironment) -> DeliveryEnvironment:
    """Return the block with what people have set of approvals and schedules in the saved one."""
    try:
        saved = DeliveryEnvironment.load(environment.environment)
    except ValueError:
        return environment
    return environment.model_copy(update={name: getattr(saved, name) for name in _CHOSEN})


def _published(environment: DeliveryEnvironment, pool_type: PoolType) -> Mapping[str, JsonValue]:
    if pool_type == "process":
        return {}
    return published_platform(environment.credentials, environment.environment)


def result_storage(environment: DeliveryEnvironment) -> S3Bucket:
    """Return where the results of flow runs lie, so that a retry on another task finds them."""
    return S3Bucket(
        bucket_name=environment.artifact_bucket,
        bucket_folder=f"results/{environment.environment}",
        credentials=environment.credentials,
    )


def apply_deployments(document: Mapping[str, Any]) -> None:
    """Create or update every Prefect deployment of a document.

    Raises:
        ExternalError: E_REGISTER, with the last lines of what the Prefect command said.
    """
    with tempfile.TemporaryDirectory(prefix="delightful-") as folder:
        # JSON is YAML too.
        file = Path(folder) / FILE
        file.write_text(json.dumps(document), encoding="utf-8")
        done = subprocess.run(
            prefect_deploy_argv(file),
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
            f"{FILE} could not be applied",
            hint="mend what Prefect says, then register again",
            service="prefect",
            operation="deploy",
            cause=said,
        )


def prefect_deploy_argv(file: Path) -> list[str]:
    """Return the command that applies a file of Prefect deployments."""
    prefect = [sys.executable, "-m", "prefect", "--no-prompt", "deploy"]
    return [*prefect, "--prefect-file", str(file), "--all"]
