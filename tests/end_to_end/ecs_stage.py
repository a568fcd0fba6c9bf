"""A sandbox whose flow runs are ECS tasks: platform, queue, the worker's image, work pool."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_aws import AwsCredentials
from pydantic import JsonValue

from blocks.delivery_environment import DeliveryEnvironment
from blocks.published_platform import published_platform
from blocks.terraform_stack import TerraformStack
from delightful.release import Image
from flows.environment import environment_variables
from flows.registration import register
from rehearsal.narration import Stopwatch
from rehearsal.preparation import INFRASTRUCTURE, prepare_service, sandbox_environment
from rehearsal.worker_image import REPOSITORY, push_worker_image
from sandbox import lifecycle
from sandbox.settings import TASK_EVENT_QUEUE, WORK_POOLS
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Silence, Stage
from tests.end_to_end.test_infrastructure import apply

ROOT = Path(__file__).with_name("flow_runs")


def prepare(stage: Stage) -> Image:
    """Have everything that a run on ECS stands on; return the worker's image."""
    environment, stopwatch = sandbox_environment(stage.sandbox), Stopwatch(Silence())
    with ThreadPoolExecutor(max_workers=2) as pool:
        service = pool.submit(prepare_service, environment, SERVICE, stopwatch)
        worker = pool.submit(prepare_service, environment, REPOSITORY, stopwatch)
        variables = environment_variables(environment, "platform")
        platform = apply(environment.stack("platform"), variables)
        made = apply(_flow_runs(environment, stage.folder), _surroundings(platform))
        service.result(), worker.result()
    image = push_worker_image(environment)
    _publish(stage, made, image)
    lifecycle.wait_until_ready(stage.sandbox)
    with temporary_settings({PREFECT_API_URL: stage.sandbox.prefect_api_url}):
        register(on_ecs(stage), "ecs")
    return image


def on_ecs(stage: Stage) -> DeliveryEnvironment:
    """Return the environment as a task sees it: the image's files, no key, a role for each step."""
    return sandbox_environment(stage.sandbox).model_copy(
        update={
            "credentials": AwsCredentials(region_name=stage.sandbox.region),
            "infrastructure_directory": Path("infrastructure"),
            "roles_arn": f"arn:aws:iam::{stage.sandbox.account}:role/delightful",
        }
    )


def _flow_runs(environment: DeliveryEnvironment, folder: Path) -> TerraformStack:
    """Return the stack of the test's own root, which stands beside the project's modules."""
    infrastructure = folder / "infrastructure"
    shutil.copytree(INFRASTRUCTURE / "modules", infrastructure / "modules")
    shutil.copytree(ROOT, infrastructure / "flowruns")
    return TerraformStack(
        credentials=environment.credentials,
        root="flowruns",
        infrastructure_directory=infrastructure,
        state_bucket=environment.state_bucket,
        state_key=f"flowruns/{ENVIRONMENT}/terraform.tfstate",
        lock_table=environment.lock_table,
        cli_config=environment.terraform_cli_config,
    )


def _surroundings(platform: dict[str, JsonValue]) -> dict[str, JsonValue]:
    named: dict[str, JsonValue] = {"environment": ENVIRONMENT}
    return named | {name: platform[name] for name in ("cluster_arn", "vpc_id")}


def _publish(stage: Stage, made: dict[str, JsonValue], image: Image) -> None:
    """Publish what a platform with a Prefect server of its own publishes."""
    assert made["task_event_queue_name"] == TASK_EVENT_QUEUE
    environment = sandbox_environment(stage.sandbox)
    document: dict[str, Any] = published_platform(environment.credentials, ENVIRONMENT)
    role = f"arn:aws:iam::{stage.sandbox.account}:role/delightful/delightful-{ENVIRONMENT}-worker"
    document["prefect"] = {
        **made,
        "api_url": stage.sandbox.prefect_api_url,
        "work_pool": WORK_POOLS["ecs"],
        "worker_image": image.reference,
        "flow_task_role_arn": role,
    }
    stage.aws("ssm").put_parameter(
        Name=f"/delightful/{ENVIRONMENT}/platform",
        Value=json.dumps(document),
        Type="String",
        Overwrite=True,
    )
