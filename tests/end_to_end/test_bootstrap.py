"""An account in the sandbox, from nothing to bootstrapped and back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from analyzer.lambda_functions import AnalyzedCommit
from analyzer.packaging import write_zip
from blocks.account_bootstrap import STATE_KEY, AccountBootstrap, account_bootstrap, inputs
from blocks.code_analyzer import CodeAnalyzer
from blocks.delivery_environment import DeliveryEnvironment
from rehearsal.preparation import INFRASTRUCTURE, sandbox_environment
from sandbox.description import SandboxDescription
from tests.end_to_end.stacks import client

# Names of its own: the sandbox makes what rehearsals need under the usual ones.
NAME, SERVICE = "acme", "acme-shop"
VARIABLES: dict[str, JsonValue] = {
    "name": NAME,
    "environments": ["qa"],
    "deletion_protection": False,
    "github_repository": "Acme/shop",
    "github_repository_id": "1001",
    "github_owner_id": "77",
}
EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-python"

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with the inputs, in which Terraform's work directories lie too."""
    folder = tmp_path_factory.mktemp("account")
    write_zip(folder / "analyzer.zip")
    lines = (f"{name} = {json.dumps(value)}" for name, value in VARIABLES.items())
    (folder / "account.tfvars").write_text("\n".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        yield folder


@pytest.fixture(scope="module")
def environment(sandbox: SandboxDescription) -> DeliveryEnvironment:
    """Return the sandbox as an environment that has this account's artifact bucket."""
    changes = {"artifact_bucket": f"{NAME}-artifacts-{sandbox.account}"}
    return sandbox_environment(sandbox).model_copy(update=changes)


@pytest.fixture(scope="module")
def bootstrap(folder: Path, environment: DeliveryEnvironment) -> AccountBootstrap:
    """Return the bootstrap of the sandbox's account."""
    return account_bootstrap(
        environment.credentials,
        INFRASTRUCTURE,
        folder / "analyzer.zip",
        VARIABLES,
        environment.terraform_cli_config,
    )


def test_account_is_bootstrapped_by_itself_and_cleared(
    bootstrap: AccountBootstrap,
    environment: DeliveryEnvironment,
    folder: Path,
    sandbox: SandboxDescription,
) -> None:
    """Interrupted it goes on, asked again it changes nothing, destroyed it leaves nothing."""
    first_apply(bootstrap)
    assert command(sandbox, folder) == told(bootstrap, moved=True)
    assert not bootstrap.state_file.exists()
    with ThreadPoolExecutor(max_workers=1) as pool:
        service = pool.submit(assert_makes_roles_of_a_service, environment)
        assert command(sandbox, folder) == told(bootstrap, moved=False)
        assert bootstrap.stack() is bootstrap.in_bucket
        assert_analyzes(environment)
    service.result()
    assert set(left(sandbox)) == KINDS
    bring_state_back(bootstrap, sandbox)
    bootstrap.in_bucket.model_copy(update={"state_file": bootstrap.state_file}).destroy(
        inputs(VARIABLES)
    )
    assert left(sandbox) == {}


def first_apply(bootstrap: AccountBootstrap) -> None:
    """Apply with the state on this machine, and go no further, as if the machine had stopped."""
    here = bootstrap.stack()
    assert here.state_file == bootstrap.state_file
    outputs = here.apply(here.plan(inputs(VARIABLES))).outputs
    assert outputs["state_bucket_name"] == bootstrap.in_bucket.state_bucket
    assert outputs["lock_table_name"] == bootstrap.in_bucket.lock_table
    assert bootstrap.state_file.is_file()


def command(sandbox: SandboxDescription, folder: Path) -> Any:
    """Run `delightful bootstrap` as a shell would, and return what it answered."""
    arguments = ("--variables", "account.tfvars", "--package", "analyzer.zip", "--yes", "--json")
    ran = subprocess.run(
        [sys.executable, "-m", "cli.main", "bootstrap", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **sandbox.environment()},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def told(bootstrap: AccountBootstrap, *, moved: bool) -> dict[str, Any]:
    """Return what the command answers where the plan is empty."""
    state = f"s3://{bootstrap.in_bucket.state_bucket}/{STATE_KEY}"
    return {"changes": [], "applied": False, "state": state, "state_moved": moved}


def assert_makes_roles_of_a_service(environment: DeliveryEnvironment) -> None:
    """What the account says of itself is enough for `registry/` to make a service's roles."""
    registry = environment.stack("registry", SERVICE)
    variables: dict[str, JsonValue] = {
        "service": SERVICE,
        "account_parameter_name": f"/{NAME}/account",
    }
    outputs = registry.apply(registry.plan(variables)).outputs
    assert str(outputs["build_role_arn"]).endswith(f":role/{NAME}/{SERVICE}-build")
    deploys = outputs["deploy_role_arns"]
    assert isinstance(deploys, dict)
    assert set(deploys) == {"qa"}
    assert not registry.plan(variables).has_changes
    registry.destroy(variables)


def assert_analyzes(environment: DeliveryEnvironment) -> None:
    """The function that was made runs the zip, and writes where it may."""
    analyzer = CodeAnalyzer(
        credentials=environment.credentials,
        artifact_bucket=environment.artifact_bucket,
        function_name=f"{NAME}-analyzer",
    )
    subject = AnalyzedCommit(service="hello-python", environment="qa", commit="1" * 40)
    answer = analyzer.analyze(subject, EXAMPLE, EXAMPLE)
    assert answer.written.version_id is not None
    assert answer.written.key.startswith("generated/hello-python/")


def bring_state_back(bootstrap: AccountBootstrap, sandbox: SandboxDescription) -> None:
    """Take the state out of the bucket that is to be destroyed."""
    bucket = bootstrap.in_bucket.state_bucket
    client(sandbox, "s3").download_file(bucket, STATE_KEY, str(bootstrap.state_file))


KINDS = {"buckets", "tables", "roles", "policies", "functions", "parameters", "log groups"}
KINDS |= {"providers"}


def left(sandbox: SandboxDescription) -> dict[str, list[str]]:
    """Return what bears the account's name, by kind; kinds of which there is nothing stay out."""
    found = {
        kind: [name for name in names if NAME in name or "githubusercontent" in name]
        for kind, names in everything(sandbox)
    }
    assert set(found) == KINDS
    return {kind: names for kind, names in found.items() if names}


def everything(sandbox: SandboxDescription) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of all things of the kinds that an account is bootstrapped with."""
    iam = client(sandbox, "iam")
    providers = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    functions = client(sandbox, "lambda").list_functions()["Functions"]
    parameters = client(sandbox, "ssm").describe_parameters()["Parameters"]
    groups = client(sandbox, "logs").describe_log_groups()["logGroups"]
    yield "buckets", [one["Name"] for one in client(sandbox, "s3").list_buckets()["Buckets"]]
    yield "tables", client(sandbox, "dynamodb").list_tables()["TableNames"]
    yield "roles", [one["RoleName"] for one in iam.list_roles()["Roles"]]
    yield "policies", [one["PolicyName"] for one in iam.list_policies(Scope="Local")["Policies"]]
    yield "providers", [one["Arn"] for one in providers]
    yield "functions", [one["FunctionName"] for one in functions]
    yield "parameters", [one["Name"] for one in parameters]
    yield "log groups", [one["logGroupName"] for one in groups]
