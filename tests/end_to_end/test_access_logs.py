"""A service whose requests are kept and whose load balancer is protected, for real."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from pydantic import JsonValue

from rehearsal.preparation import sandbox_environment
from sandbox.description import SandboxDescription
from tests.end_to_end.stacks import apply, client, release

ENVIRONMENT = "logged"

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]


def test_requests_are_kept_in_the_platforms_bucket_and_the_balancer_is_protected(
    sandbox: SandboxDescription, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are switched on, stay on under a second plan, and go when they are switched off."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    logged = sandbox_environment(sandbox).model_copy(update={"environment": ENVIRONMENT})
    platform, stack = logged.stack("platform"), logged.stack("service", ENVIRONMENT)
    network: dict[str, JsonValue] = {"environment": ENVIRONMENT, "log_bucket_retention_days": 1}
    bucket = apply(platform, network)["log_bucket"]
    apply(logged.stack("registry", ENVIRONMENT), {"service": ENVIRONMENT})
    variables = release(ENVIRONMENT, "rolling", "1") | {
        "environment": ENVIRONMENT,
        "listener_port": 18280,
        "test_listener_port": 18281,
    }
    kept = variables | {"access_logs_enabled": True, "deletion_protection": True}
    apply(stack, kept)
    assert attributes(sandbox) == ("true", bucket, "true")
    assert not stack.plan(kept).has_changes
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        client(sandbox, "elbv2").delete_load_balancer(LoadBalancerArn=load_balancer(sandbox))
    apply(stack, variables)
    assert attributes(sandbox)[::2] == ("false", "false")
    stack.destroy(variables)
    logged.stack("registry", ENVIRONMENT).destroy({"service": ENVIRONMENT})
    platform.destroy(network)


def load_balancer(sandbox: SandboxDescription) -> str:
    """Return the ARN of the service's load balancer."""
    found = client(sandbox, "elbv2").describe_load_balancers(Names=[f"{ENVIRONMENT}-{ENVIRONMENT}"])
    return str(found["LoadBalancers"][0]["LoadBalancerArn"])


def attributes(sandbox: SandboxDescription) -> tuple[str, str, str]:
    """Return whether requests are kept, in which bucket, and whether deletion is refused."""
    told = client(sandbox, "elbv2").describe_load_balancer_attributes(
        LoadBalancerArn=load_balancer(sandbox)
    )
    values = {one["Key"]: one["Value"] for one in told["Attributes"]}
    return (
        values["access_logs.s3.enabled"],
        values["access_logs.s3.bucket"],
        values["deletion_protection.enabled"],
    )
