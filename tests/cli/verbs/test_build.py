"""`delightful build` as a job of CI runs it: the account's own word, and no Prefect server."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from blocks.published_platform import ACCOUNT_PARAMETER
from sandbox.description import SandboxDescription

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]

SERVICE = "built-alone"
FILES = {
    ".delightful.yaml": f"version: 1\nservice: {SERVICE}\nport: 8000\nsmoke_test: {{path: /}}\n",
    "Dockerfile": 'FROM scratch\nCOPY server /server\nCMD ["/server"]\n',
    "server": "not a program, and never run\n",
}


@pytest.fixture
def account(sandbox: SandboxDescription) -> SandboxDescription:
    """Return an account that says of itself what bootstrap writes, with the service's registry."""
    options = {
        "endpoint_url": sandbox.aws_endpoint_url,
        "region_name": sandbox.region,
        "aws_access_key_id": sandbox.access_key_id,
        "aws_secret_access_key": sandbox.secret_access_key,
    }
    outputs = {
        "worker_role_arns": {"qa": f"arn:aws:iam::{sandbox.account}:role/delightful/qa-worker"},
        "state_bucket_name": sandbox.state_bucket,
        "lock_table_name": sandbox.lock_table,
        "ledger_table_name": sandbox.ledger_table,
        "artifact_bucket_name": sandbox.artifact_bucket,
        "analyzer_function_name": None,
    }
    boto3.client("ssm", **options).put_parameter(
        Name=ACCOUNT_PARAMETER, Value=json.dumps(outputs), Type="String", Overwrite=True
    )
    boto3.client("ecr", **options).create_repository(
        repositoryName=SERVICE, imageTagMutability="IMMUTABLE"
    )
    return sandbox


def test_builds_without_a_server(account: SandboxDescription, tmp_path: Path) -> None:
    """The image is in the registry, and the files are in the account's bucket."""
    commit = committed(tmp_path / "repository")
    first = built(account, tmp_path)
    assert first["image"]["tag"] == commit
    assert first["image"]["packaging"] == "container"
    assert first["source"] == f"s3://{account.artifact_bucket}/sources/{SERVICE}/{commit}.tar.gz"


def built(account: SandboxDescription, folder: Path) -> Any:
    """Run the command as a runner does, which is told of no Prefect server."""
    variables = {**os.environ, **account.environment()}
    about = ("--environment", "qa", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "build", str(folder / "repository"), *about],
        env={
            **{name: value for name, value in variables.items() if not name.startswith("PREFECT_")},
            "PREFECT_HOME": str(folder / "prefect"),
        },
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def committed(repository: Path) -> str:
    """Make a repository with the service's one commit; return its id."""
    repository.mkdir()
    for name, text in FILES.items():
        (repository / name).write_text(text)
    git = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *arguments], check=True)
    told = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return told.stdout.strip()
