"""Clients go where the credentials say, ask as often as they may, and raise our errors."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from prefect_aws import AwsCredentials

from blocks.aws import aws_client, aws_environment, error_of, region_name, translated
from delightful.errors import ConfigError, DelightfulError, ExternalError, TransientError
from tests.stand_ins.local_server import Answer, local_server


def refusal(code: str, status: int = 400) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": "why"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Operation")  # type: ignore[arg-type]


def credentials_for(url: str) -> AwsCredentials:
    return AwsCredentials(
        aws_access_key_id="AKIATEST",
        aws_secret_access_key="a-long-secret-key",
        region_name="eu-west-1",
        aws_client_parameters={"endpoint_url": url},
    )


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (refusal("ThrottlingException"), TransientError, "E_AWS_BUSY"),
        (refusal("Anything", 503), TransientError, "E_AWS_BUSY"),
        (refusal("AccessDeniedException"), ExternalError, "E_AWS"),
        (refusal("ExpiredTokenException"), ExternalError, "E_CREDENTIALS"),
        (EndpointConnectionError(endpoint_url="x"), TransientError, "E_AWS_UNREACHABLE"),
        (NoCredentialsError(), ConfigError, "E_CREDENTIALS"),
    ],
)
def test_errors_are_translated_and_keep_their_cause(
    error: Exception, kind: type[DelightfulError], code: str
) -> None:
    """What is worth trying again is told apart from what is not."""
    with pytest.raises(kind) as raised, translated("ECS", "DescribeServices"):
        raise error
    assert raised.value.code == code
    assert raised.value.__cause__ is error
    assert "ECS DescribeServices" in str(raised.value)


def test_cause_of_a_refusal_is_told() -> None:
    """AWS's own code and message stand in the line that people read."""
    assert "AccessDenied: why" in str(error_of(refusal("AccessDenied"), "S3", "GetObject"))


def test_a_function_is_waited_for_as_long_as_it_may_work() -> None:
    """An answer that takes minutes is no reason to send the event again; elsewhere it is."""
    credentials = credentials_for("http://127.0.0.1:9")
    waits = {
        name: aws_client(credentials, name).meta.config.read_timeout for name in ("lambda", "s3")
    }
    assert waits["lambda"] > 15 * 60
    assert waits["s3"] == 30
    assert aws_client(credentials, "codedeploy", once=True).meta.config.connect_timeout == 5


def test_call_that_must_not_happen_twice_is_sent_once() -> None:
    """A lost response is not answered by asking again."""
    with local_server(lambda _: Answer(drop=True)) as server:
        client = aws_client(credentials_for(server.url), "codedeploy", once=True)
        with pytest.raises(TransientError), translated("CodeDeploy", "CreateDeployment"):
            client.create_deployment(applicationName="a")
    assert len(server.asked) == 1


def test_clients_are_shared_by_equal_credentials_and_only_by_them() -> None:
    """Two blocks of one environment use one client; another endpoint is another client."""
    first = aws_client(credentials_for("http://127.0.0.1:1"), "ecs")
    assert aws_client(credentials_for("http://127.0.0.1:1"), "ecs") is first
    assert aws_client(credentials_for("http://127.0.0.1:2"), "ecs") is not first


def test_endpoint_of_the_machine_counts_where_the_block_names_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AWS_ENDPOINT_URL leads all clients, and a change of it makes new ones."""
    credentials = AwsCredentials(
        aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:3")
    assert aws_client(credentials, "ecs").meta.endpoint_url == "http://127.0.0.1:3"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4")
    assert aws_client(credentials, "ecs").meta.endpoint_url == "http://127.0.0.1:4"


def test_child_gets_the_blocks_keys_and_not_the_machines() -> None:
    """Keys of the block replace those of the machine, and the secret ones are named."""
    found, secrets = aws_environment(
        credentials_for("http://127.0.0.1:1"),
        {"AWS_SECRET_ACCESS_KEY": "other", "AWS_PROFILE": "p"},
    )
    assert found == {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "a-long-secret-key",
    }
    assert secrets == ("a-long-secret-key",)


def test_child_of_a_block_without_keys_finds_its_own() -> None:
    """A role of the machine is handed on by its variables, so that the child can renew it."""
    ours = {"AWS_ROLE_ARN": "role", "AWS_WEB_IDENTITY_TOKEN_FILE": "token", "OTHER": "x"}
    found, secrets = aws_environment(AwsCredentials(region_name="us-east-1"), ours)
    assert found["AWS_WEB_IDENTITY_TOKEN_FILE"] == "token"
    assert "OTHER" not in found
    assert secrets == ()


def test_missing_region_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region nothing is guessed."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(ConfigError, match="E_REGION"):
        region_name(AwsCredentials())
