"""What the flows are asked for, and what a service looks like that they made."""

from pathlib import Path

from blocks.images.oci import BuiltImage
from blocks.ledger.attempt_request import AttemptRequest
from delightful.errors import BuildFailed, ExternalError
from delightful.release import AttemptKind, Owner, StackOutputs
from tests.delightful.samples import commit

BLUE, GREEN = "arn:tg/blue", "arn:tg/green"


OWNER = Owner(host="another", boot_id="before", pid=1, process_started_ticks=1)


def request_for(number: int) -> AttemptRequest:
    """Return the wish to deploy the commit of a number, with its whole history."""
    return AttemptRequest(
        service="api",
        environment="sandbox",
        commit=commit(number),
        kind=AttemptKind.DEPLOY,
        history=tuple(commit(earlier) for earlier in range(number, 0, -1)),
    )


def built(number: int) -> BuiltImage:
    """Return the image of the commit of a number, as the builder makes it."""
    digest = f"sha256:{commit(number):0>64}"
    return BuiltImage(layout=Path("layout"), digest=digest, packaging="files")


def fake_outputs(arn: str) -> StackOutputs:
    """Return the outputs of a service that runs a task definition."""
    return StackOutputs(
        service="api",
        environment="sandbox",
        cluster_name="sandbox",
        service_name="api-sandbox",
        task_definition_arn=arn,
        container_name="api",
        container_port=8000,
        deployment_strategy="blue_green",
        codedeploy_application_name="api-sandbox",
        codedeploy_deployment_group_name="api-sandbox",
        listener_arn="arn:listener",
        test_listener_arn="arn:listener/test",
        target_group_arns=(BLUE, GREEN),
        url="http://production",
        test_url="http://green",
        log_group_name="/delightful/sandbox/api",
        alarm_names=("api-errors",),
        dashboard_url="https://example.com/dashboard",
    )


def broken(what: str) -> ExternalError:
    """Return an error of an outside service."""
    return ExternalError(
        "E_TERRAFORM", what, hint="try", service="terraform", operation="apply", cause="told to"
    )


def unbuildable() -> BuildFailed:
    """Return an error of the service's own files."""
    return BuildFailed(
        "E_BUILD",
        "Dockerfile:3: no such command",
        hint="mend the Dockerfile",
        log_tail=("STEP 2/3: FORM x", "Dockerfile:3: no such command"),
    )
