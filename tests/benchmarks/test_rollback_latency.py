"""What the benchmark of rollbacks counts as a change, and from when traffic is back."""

import boto3
import httpx
import pytest

from benchmarks.aws_calls import first_change, read_call
from benchmarks.rollback_latency import back_at, percentile
from rehearsal.traffic import Sample
from tests.end_to_end.faulty_endpoint import Call, FaultyEndpoint, operation_of
from tests.stand_ins.local_server import Answer, local_server

pytestmark = pytest.mark.slow

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/20261126/us-east-1/{}/aws4_request, Signature=0"


@pytest.mark.parametrize(
    ("method", "path", "service", "target", "body", "named", "mutating", "changing"),
    [
        ("POST", "/", "dynamodb", "DynamoDB_20120810.GetItem", "{}", "GetItem", False, False),
        ("POST", "/", "dynamodb", "D.TransactWriteItems", "{}", "TransactWriteItems", True, False),
        ("POST", "/", "codedeploy", "C.StopDeployment", "{}", "StopDeployment", True, True),
        ("POST", "/", "elasticloadbalancing", "", "Action=ModifyListener", "ModifyListener", 1, 1),
        ("POST", "/", "elasticloadbalancing", "", "Action=DescribeRules", "DescribeRules", 0, 0),
        (
            "POST",
            "/service/X/operation/DescribeAlarms",
            "monitoring",
            "",
            "",
            "DescribeAlarms",
            0,
            0,
        ),
        ("GET", "/bucket/key?x=1", "s3", "", "", "Get /bucket/key", False, False),
        ("PUT", "/bucket/key", "s3", "", "", "Put /bucket/key", True, False),
        ("POST", "/", "sts", "", "Action=AssumeRole", "AssumeRole", False, False),
    ],
)
def test_tells_changes_from_looks_in_every_protocol(
    method: str,
    path: str,
    service: str,
    target: str,
    body: str,
    named: str,
    mutating: bool,
    changing: bool,
) -> None:
    """JSON, query, CBOR and REST; what keeps records about a service is not the service."""
    form = "application/x-www-form-urlencoded"
    operation = operation_of(target, form, body.encode())
    headers = {"authorization": SIGNED.format(service)}
    call = read_call(Call(method, path, operation, body.encode(), headers, 1.0))
    assert (call.service, call.operation) == (service, named)
    assert (call.is_mutating, call.changes_service) == (bool(mutating), bool(changing))


def test_proxy_passes_on_what_it_keeps() -> None:
    """The answer is the one behind it; a call of an application of ours does not count as first."""
    with local_server(lambda _: Answer(body=b"{}")) as aws, FaultyEndpoint(aws.url) as endpoint:
        for agent in ("Boto3/1 app/benchmark", "Boto3/1"):
            headers = {"User-Agent": agent, "X-Amz-Target": "C.StopDeployment"}
            assert httpx.post(endpoint.url, headers=headers).content == b"{}"
        ours, other = map(read_call, endpoint.seen)
        assert (ours.application, other.application) == ("benchmark", None)
        assert first_change(endpoint.seen, 0.0) == other
        assert first_change(endpoint.seen, other.at + 1) is None


def test_application_is_told_by_its_user_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable that the benchmark gives to its own deploys is one that boto3 sends on."""
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "benchmark")
    with local_server(lambda _: Answer(body=b"{}")) as aws, FaultyEndpoint(aws.url) as endpoint:
        named = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
        client = boto3.client("dynamodb", "us-east-1", endpoint_url=endpoint.url, **named)
        client.list_tables()
        (call,) = map(read_call, endpoint.seen)
    assert (call.service, call.operation, call.application) == (
        "dynamodb",
        "ListTables",
        "benchmark",
    )


def test_traffic_is_back_once_nothing_else_answers() -> None:
    """One late answer of the version that is left counts, and so does one that failed."""

    def sample(at: float, commit: str | None) -> Sample:
        return Sample(at=at, status=200, commit=commit, milliseconds=1.0, error=None)

    seen = [sample(1, "new"), sample(2, "old"), sample(3, None), sample(4, "old"), sample(5, "old")]
    assert back_at(seen, "old") == 4


def test_percentiles_are_of_what_was_seen() -> None:
    """Between the smallest and the largest; of one value, that value."""
    assert percentile([3.0], 95) == 3.0
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0
    assert 2.8 < percentile([1.0, 2.0, 3.0], 95) <= 3.0
