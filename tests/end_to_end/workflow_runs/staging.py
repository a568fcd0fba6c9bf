"""An environment `staging` in a sandbox, registered as an account's is: a block without a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters
from pydantic import HttpUrl, SecretStr

from blocks.delivery_environment import DeliveryEnvironment
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.slack_channel import SlackChannel
from flows.environment import environment_variables
from flows.registering.registration import register
from rehearsal.narration import Stopwatch
from rehearsal.preparation import prepare_service, sandbox_environment
from sandbox import lifecycle
from sandbox.description import SandboxDescription
from sandbox.settings import SandboxSettings
from tests.end_to_end.stage import Silence
from tests.end_to_end.workflow_runs.events import REPOSITORY
from tests.stand_ins.github import GitHubStandIn
from tests.stand_ins.slack import SlackStandIn

ENVIRONMENT = "staging"


@contextmanager
def sandbox_with_staging(
    folder: Path, service: str, github: GitHubStandIn, slack: SlackStandIn, **changed: Any
) -> Iterator[tuple[SandboxDescription, DeliveryEnvironment]]:
    """Run a sandbox with a worker in which the environment and the service's registry stand.

    `changed` are values of the environment's block.
    """
    settings = SandboxSettings(speed=20, tasks="process", worker="process")
    with lifecycle.running(folder, settings) as sandbox:
        environment = staging(sandbox, github, slack).model_copy(update=changed)
        lifecycle.wait_until_ready(sandbox)
        # An administrator's work, with keys of their own.
        prepared = environment.model_copy(
            update={"credentials": sandbox_environment(sandbox).credentials}
        )
        stack = prepared.stack("platform")
        stack.apply(stack.plan(environment_variables(prepared, "platform")))
        prepare_service(prepared, service, Stopwatch(Silence()))
        with temporary_settings({PREFECT_API_URL: sandbox.prefect_api_url}):
            register(environment, "process")
        yield sandbox, environment


def staging(
    sandbox: SandboxDescription, github: GitHubStandIn, slack: SlackStandIn
) -> DeliveryEnvironment:
    """Return the environment's block: whoever uses it brings credentials."""
    credentials = AwsCredentials(
        region_name=sandbox.region,
        aws_client_parameters=AwsClientParameters(endpoint_url=sandbox.aws_endpoint_url),
    )
    told = {
        "github": GitHubRepository(
            repository=REPOSITORY, token=SecretStr("ghp_writes"), base_url=HttpUrl(github.url)
        ),
        "slack": SlackChannel(
            channel="C0RELEASES", token=SecretStr("xoxb-writes"), base_url=HttpUrl(slack.url)
        ),
    }
    return sandbox_environment(sandbox).model_copy(
        update={"environment": ENVIRONMENT, "credentials": credentials, **told}
    )
