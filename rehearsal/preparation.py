"""What must stand before the first release: blocks, platform, image repository, base images."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters
from pydantic import JsonValue, SecretStr

from blocks.delivery_environment import DeliveryEnvironment
from blocks.terraform.stack import TerraformStack
from delightful.errors import ConfigError
from flows.environment import environment_variables
from flows.registering.registration import register
from rehearsal.narration import Stopwatch
from sandbox import lifecycle
from sandbox.base_images.stand_in import ensure_base_images
from sandbox.description import SandboxDescription

ENVIRONMENT = "sandbox"
INFRASTRUCTURE = Path(__file__).parents[1] / "infrastructure"
_PACKAGING: dict[str, Literal["container", "files"]] = {
    "container": "container",
    "process": "files",
}


def sandbox_environment(sandbox: SandboxDescription) -> DeliveryEnvironment:
    """Return the environment block through which flows meet this sandbox, as any other AWS."""
    credentials = AwsCredentials(
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=SecretStr(sandbox.secret_access_key),
        region_name=sandbox.region,
        aws_client_parameters=AwsClientParameters(endpoint_url=sandbox.aws_endpoint_url),
    )
    return DeliveryEnvironment(
        environment=ENVIRONMENT,
        credentials=credentials,
        state_bucket=sandbox.state_bucket,
        lock_table=sandbox.lock_table,
        ledger_table=sandbox.ledger_table,
        artifact_bucket=sandbox.artifact_bucket,
        infrastructure_directory=INFRASTRUCTURE,
        variables_directory=f"environments/{ENVIRONMENT}",
        packaging=_PACKAGING[sandbox.tasks_mode],
        poll_seconds=0.5,
        terraform_cli_config=sandbox.terraform_cli_config,
    )


def prepare_environment(sandbox: SandboxDescription, stopwatch: Stopwatch) -> DeliveryEnvironment:
    """Apply the platform while the Prefect server starts and learns what there is to run."""
    environment = sandbox_environment(sandbox)
    with ThreadPoolExecutor(max_workers=1) as pool:
        registered = pool.submit(_register, sandbox, environment, stopwatch)
        # Terraform in this thread: it is the one that Ctrl-C reaches, and so is Terraform.
        _apply_platform(environment, stopwatch)
        registered.result()
    return environment


def prepare_service(environment: DeliveryEnvironment, service: str, stopwatch: Stopwatch) -> None:
    """Make the service's image repository, once."""
    stack = environment.stack("registry", service)
    if not has_output(stack, "repository_url"):
        with stopwatch.stage("image repository"):
            _apply(stack, {"service": service}, stopwatch)


def has_output(stack: TerraformStack, name: str) -> bool:
    """Say whether a stack was applied to its end; its state is read, Terraform is not started."""
    try:
        return name in stack.outputs().outputs
    except ConfigError:
        return False


def _apply(stack: TerraformStack, variables: dict[str, JsonValue], stopwatch: Stopwatch) -> None:
    saved = stack.plan(variables, say=stopwatch.narrator.tell)
    if not saved.summary.is_empty:
        stack.apply(saved, say=stopwatch.narrator.tell)


def prepare_base_images(
    sandbox: SandboxDescription, dockerfile: Path, stopwatch: Stopwatch
) -> list[str]:
    """Make the Dockerfile's base images available; return what stands in for which."""
    # docker keeps images of its own and reaches a registry by itself.
    if sandbox.container_storage is None or shutil.which("podman") is None:
        return []
    if not dockerfile.is_file():
        return []
    with stopwatch.stage("base images"):
        return ensure_base_images(dockerfile, {**os.environ, **sandbox.environment()})


def _register(
    sandbox: SandboxDescription, environment: DeliveryEnvironment, stopwatch: Stopwatch
) -> None:
    with stopwatch.stage("Prefect server"):
        lifecycle.wait_until_ready(sandbox)
    with stopwatch.stage("blocks and Prefect deployments"):
        register(environment, "process")


def _apply_platform(environment: DeliveryEnvironment, stopwatch: Stopwatch) -> None:
    stack = environment.stack("platform")
    if not has_output(stack, "cluster_name"):
        with stopwatch.stage("platform (network and cluster)"):
            _apply(stack, environment_variables(environment, "platform"), stopwatch)
