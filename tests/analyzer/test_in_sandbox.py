"""The Lambda's zip, invoked as a function."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials

from analyzer.lambda_functions import AnalyzedCommit
from analyzer.packaging import write_zip
from blocks.aws import aws_client
from blocks.code_analyzer import CodeAnalyzer
from delightful.errors import Refused
from sandbox.description import SandboxDescription

pytestmark = pytest.mark.sandbox

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello-python"
GOLDEN = json.loads((EXAMPLE / "recommendation.golden.json").read_text())
ARCHIVE_KEY = "archives/hello-python.tar.gz"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@pytest.fixture(scope="module")
def session(sandbox: SandboxDescription) -> boto3.Session:
    """Return a session with the sandbox's keys."""
    return boto3.Session(
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        region_name=sandbox.region,
    )


@pytest.fixture(scope="module")
def function(
    sandbox: SandboxDescription, session: boto3.Session, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Return the name of the function that runs the zip, with an archive in the bucket."""
    target = tmp_path_factory.mktemp("zip") / "analyzer.zip"
    write_zip(target)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(EXAMPLE, arcname=".")
    endpoint = sandbox.aws_endpoint_url
    session.client("s3", endpoint_url=endpoint).put_object(
        Bucket=sandbox.artifact_bucket, Key=ARCHIVE_KEY, Body=packed.getvalue()
    )
    role = session.client("iam", endpoint_url=endpoint).create_role(
        RoleName="analyzer-in-sandbox", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    client = session.client("lambda", endpoint_url=endpoint)
    client.create_function(
        FunctionName="analyzer-in-sandbox",
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler="analyzer.lambda_functions.analyze",
        Code={"ZipFile": target.read_bytes()},
        Timeout=30,
        MemorySize=512,
    )
    client.get_waiter("function_active_v2").wait(FunctionName="analyzer-in-sandbox")
    return "analyzer-in-sandbox"


def invoked(
    sandbox: SandboxDescription, session: boto3.Session, function: str, **changes: str
) -> tuple[str | None, dict[str, object]]:
    """Invoke the function; return its error, if any, and its answer."""
    event = {
        "service": "hello-python",
        "environment": "sandbox",
        "commit": "0" * 40,
        "archive": {"bucket": sandbox.artifact_bucket, "key": ARCHIVE_KEY},
        "output": {"bucket": sandbox.artifact_bucket},
        **changes,
    }
    answer = session.client("lambda", endpoint_url=sandbox.aws_endpoint_url).invoke(
        FunctionName=function, Payload=json.dumps(event)
    )
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_the_function_says_what_the_golden_file_says(
    sandbox: SandboxDescription, session: boto3.Session, function: str
) -> None:
    """Invoked, it answers the golden recommendation, and the version it names is what it wrote."""
    error, answer = invoked(sandbox, session, function)
    assert error is None, answer
    assert answer["recommendation"] == GOLDEN
    written = answer["written"]
    assert isinstance(written, dict)
    stored = (
        session.client("s3", endpoint_url=sandbox.aws_endpoint_url)
        .get_object(Bucket=written["bucket"], Key=written["key"], VersionId=written["version_id"])[
            "Body"
        ]
        .read()
    )
    assert hashlib.sha256(stored).hexdigest() == written["sha256"]
    assert json.loads(stored) == GOLDEN["variables"]


def test_the_function_refuses_another_services_archive(
    sandbox: SandboxDescription, session: boto3.Session, function: str
) -> None:
    """A failure is the function's error with our code in it, and nothing is written."""
    error, answer = invoked(sandbox, session, function, service="other")
    assert error == "Unhandled"
    assert str(answer["errorMessage"]).startswith("E_SERVICE ")
    with pytest.raises(ClientError, match="404"):
        session.client("s3", endpoint_url=sandbox.aws_endpoint_url).head_object(
            Bucket=sandbox.artifact_bucket,
            Key=f"generated/other/{'0' * 40}/terraform.tfvars.json",
        )


def test_flows_get_the_same_from_the_function_as_in_process(
    sandbox: SandboxDescription, function: str
) -> None:
    """Where the analyzer runs changes neither its answer nor the variables that it writes."""
    credentials = AwsCredentials(
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        region_name=sandbox.region,
        aws_client_parameters={"endpoint_url": sandbox.aws_endpoint_url},
    )
    subject = AnalyzedCommit(service="hello-python", environment="sandbox", commit="0" * 40)
    answers = [
        CodeAnalyzer(
            credentials=credentials, artifact_bucket=sandbox.artifact_bucket, function_name=name
        ).analyze(subject, EXAMPLE.parent, EXAMPLE)
        for name in (function, None)
    ]
    assert answers[0].recommendation == answers[1].recommendation
    assert answers[0].written.sha256 == answers[1].written.sha256
    assert answers[0].recommendation.variables == GOLDEN["variables"]


def test_variables_are_read_back_from_the_version_that_was_written(
    sandbox: SandboxDescription,
) -> None:
    """A later write changes nothing for the release, and one that replaces it is refused."""
    credentials = AwsCredentials(
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        region_name=sandbox.region,
        aws_client_parameters={"endpoint_url": sandbox.aws_endpoint_url},
    )
    analyzer = CodeAnalyzer(credentials=credentials, artifact_bucket=sandbox.artifact_bucket)
    subject = AnalyzedCommit(service="hello-python", environment="sandbox", commit="1" * 40)
    written = analyzer.analyze(subject, EXAMPLE, EXAMPLE).written
    assert written.version_id is not None
    aws_client(credentials, "s3").put_object(
        Bucket=written.bucket, Key=written.key, Body=b'{"container_port": 1}'
    )
    assert analyzer.variables(written) == GOLDEN["variables"]
    with pytest.raises(Refused, match="E_CHANGED"):
        analyzer.variables(written.model_copy(update={"version_id": None}))
