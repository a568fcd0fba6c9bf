"""The block of an environment in an account that `infrastructure/bootstrap` has made ready."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect_aws import AwsCredentials

from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import ConfigError


def account_environment(
    outputs: Mapping[str, Any], environment: str, region: str
) -> DeliveryEnvironment:
    """Return the block for runs in the worker's image, from the outputs of bootstrap.

    It holds no key: a run has its task's role, and takes on the roles beside it.

    Raises:
        ConfigError: E_ENV_NAME, the account has no such environment.
    """
    worker_role_arn = outputs["worker_role_arns"].get(environment)
    if worker_role_arn is None:
        known = ", ".join(sorted(outputs["worker_role_arns"]))
        raise ConfigError(
            "E_ENV_NAME",
            f"environment: the account has no {environment}, only {known}",
            hint="name one of these, or add it to `environments` of bootstrap's variables",
        )
    return DeliveryEnvironment(
        environment=environment,
        credentials=AwsCredentials(region_name=region),
        roles_arn=str(worker_role_arn).rpartition("/")[0],
        state_bucket=outputs["state_bucket_name"],
        lock_table=outputs["lock_table_name"],
        ledger_table=outputs["ledger_table_name"],
        artifact_bucket=outputs["artifact_bucket_name"],
        # The image's working directory is the project's root.
        infrastructure_directory=Path("infrastructure"),
        variables_directory=f"environments/{environment}",
        # Images are built by CI; a task has nothing to build with.
        packaging="adopt",
        analyzer_function_name=outputs["analyzer_function_name"],
        commenter_function_name=outputs.get("commenter_function_name"),
    )
