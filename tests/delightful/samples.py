"""Releases and what belongs to them, as small as a test can use them."""

from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from delightful.live import LiveService, SmokeResponse
from delightful.planned import PlanSummary
from delightful.release import (
    AppliedStack,
    AttemptKind,
    Image,
    Release,
    ReleaseState,
    Rollout,
    StackOutputs,
    Transition,
)
from delightful.variables import sha256_of

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
VARIABLES: dict[str, JsonValue] = {
    "container_port": 8000,
    "environment_variables": {"GREETING": "hello"},
}
BLUE, GREEN = "arn:tg/blue", "arn:tg/green"


def commit(number: int) -> str:
    """Return a full commit id."""
    return f"{number:040x}"


def digest(number: int) -> str:
    """Return an image digest."""
    return f"sha256:{number:064x}"


def outputs(number: int = 1) -> StackOutputs:
    """Return a stack's outputs with its task definition's revision."""
    return StackOutputs(
        service="api",
        environment="sandbox",
        cluster_name="sandbox",
        service_name="api-sandbox",
        task_definition_arn=f"arn:aws:ecs:us-east-1:123456789012:task-definition/api:{number}",
        container_name="api",
        container_port=8000,
        deployment_strategy="blue_green",
        codedeploy_application_name="api-sandbox",
        codedeploy_deployment_group_name="api-sandbox",
        listener_arn="arn:listener/production",
        test_listener_arn="arn:listener/test",
        target_group_arns=(BLUE, GREEN),
        url="http://127.0.0.2:8080",
        test_url="http://127.0.0.2:8081",
        log_group_name="/delightful/sandbox/api",
        alarm_names=("api-errors", "api-latency"),
        dashboard_url="https://example.com/dashboard",
    )


def image(number: int = 1) -> Image:
    """Return the image of a commit."""
    return Image(
        repository_url="127.0.0.1:5000/api",
        tag=commit(number),
        digest=digest(number),
        packaging="container",
    )


def release(
    number: int = 1,
    *,
    state: ReleaseState = ReleaseState.GOOD,
    kind: AttemptKind = AttemptKind.DEPLOY,
    restores: str | None = None,
) -> Release:
    """Return a release with image, stack and rollout, of the commit of its number."""
    return Release(
        release_id=f"api-sandbox-{number:06d}",
        service="api",
        environment="sandbox",
        commit=commit(number),
        kind=kind,
        sequence=number,
        state=state,
        history=tuple(commit(earlier) for earlier in range(number, 0, -1)),
        restores=restores,
        image=image(number),
        stack=AppliedStack(
            variables=VARIABLES,
            variables_sha256=sha256_of(VARIABLES),
            plan=PlanSummary(),
            state_lineage="lineage",
            state_serial=number,
            outputs=outputs(number),
        ),
        rollout=Rollout(
            engine="codedeploy",
            deployment_id=f"d-{number:09d}",
            task_definition_arn=outputs(number).task_definition_arn,
        ),
        transitions=(
            Transition(state=ReleaseState.PENDING, at=START),
            Transition(state=state, at=START + timedelta(minutes=1)),
        ),
    )


def live(number: int = 1) -> LiveService:
    """Return the service as it is seen when the release of that number serves well."""
    return LiveService(
        primary_task_definition_arn=outputs(number).task_definition_arn,
        running_count=2,
        desired_count=2,
        image_digests=(digest(number), digest(number)),
        weights={BLUE: 0, GREEN: 100},
        healthy_targets={BLUE: 0, GREEN: 2},
    )


def smoke(number: int = 1) -> SmokeResponse:
    """Return the answer of the release of that number."""
    return SmokeResponse(
        url="http://127.0.0.2:8080/",
        status=200,
        commit_header=commit(number),
        body_excerpt="hello",
        elapsed_seconds=0.01,
    )
