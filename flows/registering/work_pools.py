"""Work pools on a Prefect server, made or brought up to date."""

from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectNotFound
from prefect_aws import AwsCredentials
from prefect_aws.workers.ecs_worker import ECSWorker
from pydantic import JsonValue

from flows.registering.deployment_file import WorkPool

_STOP_TIMEOUT = {
    "title": "Stop Timeout Seconds",
    "type": "integer",
    "minimum": 2,
    "maximum": 120,
    "description": "How long a task that is told to stop has before it is killed.",
}


def ensure_work_pool(
    client: SyncPrefectClient, pool: WorkPool, credentials: AwsCredentials
) -> None:
    """Have the pool as it is described; with `credentials`, which are saved, it starts ECS tasks.

    A process pool needs none, and its job template stays Prefect's own.
    """
    described: dict[str, Any] = {"description": pool.description}
    if pool.type == "ecs":
        saved = credentials.model_copy().save(pool.name, overwrite=True)
        reference: JsonValue = {"$ref": {"block_document_id": str(saved)}}
        described["base_job_template"] = ecs_template(pool, reference)
    try:
        client.read_work_pool(pool.name)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=pool.name, type=pool.type, **described))
    else:
        client.update_work_pool(pool.name, WorkPoolUpdate(**described))


def ecs_template(pool: WorkPool, credentials: JsonValue) -> dict[str, Any]:
    """Return prefect-aws's own job template, our values its defaults, so that the UI shows them.

    It has no variable for ECS's stop timeout: one is added.

    Raises:
        ValueError: a job variable is none of the template's.
    """
    template: dict[str, Any] = ECSWorker.get_default_base_job_template()
    properties = template["variables"]["properties"]
    properties["stop_timeout_seconds"] = dict(_STOP_TIMEOUT)
    (container,) = template["job_configuration"]["task_definition"]["containerDefinitions"]
    container["stopTimeout"] = "{{ stop_timeout_seconds }}"
    for name, value in {**pool.job_variables, "aws_credentials": credentials}.items():
        if name not in properties:
            raise ValueError(f"prefect-aws knows no job variable {name}")
        properties[name]["default"] = value
    return template
