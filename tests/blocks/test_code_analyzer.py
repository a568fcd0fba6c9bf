"""The analyzer in process: it asks a model where its settings name a secret with the key."""

import json
from pathlib import Path

import pytest
from prefect_aws import AwsCredentials

from analyzer.lambda_functions import AnalyzedCommit, AnalyzeResponse
from blocks.code_analyzer import CodeAnalyzer
from tests.analyzer.model.messages_api import Reply, claim, claims, failure, serving
from tests.stand_ins.local_server import Answer, Asked, LocalServer, local_server

pytestmark = pytest.mark.slow

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:model-AbCdEf"
KEY = "key-of-nobody"
CANARY = "AKIAIOSFODNN7CANARY0"
SUBJECT = AnalyzedCommit(service="shop", environment="staging", commit="c" * 40)
PORT = claim("port", 9191, "justfile", 2, "--listen 9191")


def aws(asked: Asked) -> Answer:
    """Answer as S3 and Secrets Manager do; the secret of another name is not to be had."""
    if asked.method == "PUT":
        return Answer(headers={"x-amz-version-id": "1"})
    if asked.json()["SecretId"] != ARN:
        return Answer(400, {"__type": "AccessDeniedException", "message": "no"})
    return Answer(body={"ARN": ARN, "Name": "model", "SecretString": f"{KEY}\n"})


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Return the folder of a service whose port no rule reads, with a secret in it."""
    (tmp_path / "go.mod").write_text("module shop\n\ngo 1.22\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { serve() }\n")
    (tmp_path / "justfile").write_text(
        f"run:\n    serve --listen 9191\n    export AWS_ACCESS_KEY_ID={CANARY}\n"
    )
    return tmp_path


def analyzed(server: LocalServer, folder: Path, arn: str | None) -> AnalyzeResponse:
    """Analyze a folder in process, with the key that a secret holds."""
    credentials = AwsCredentials(
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        aws_client_parameters={"endpoint_url": server.url},
    )
    analyzer = CodeAnalyzer(
        credentials=credentials, artifact_bucket="artifacts", language_model_key_arn=arn
    )
    return analyzer.analyze(SUBJECT, folder, folder)


def test_the_key_of_the_secret_asks_the_model(
    service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What rules leave open is answered with its line; neither key nor canary goes astray."""
    with local_server(aws) as server, serving([claims(PORT)]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        said = analyzed(server, service, ARN)
    port = said.recommendation.answer("port")
    assert port is not None
    assert (port.value, port.rule, port.confidence) == (9191, "model/port", "medium")
    assert [(one.file, one.line) for one in port.evidence] == [("justfile", 2)]
    assert [sent["x-api-key"] for sent in api.headers] == [KEY]
    assert CANARY not in json.dumps(api.documents)
    assert KEY not in said.model_dump_json()


@pytest.mark.parametrize(
    ("arn", "reply", "note"),
    [
        (None, claims(PORT), "no model: no API key"),
        (f"{ARN}X", claims(PORT), "no model: its key could not be read"),
        (ARN, failure(401, "authentication_error"), "no model: the API key was refused (401)"),
    ],
)
def test_without_an_answer_the_rules_result_stands(
    service: Path, monkeypatch: pytest.MonkeyPatch, arn: str | None, reply: Reply, note: str
) -> None:
    """No reference, no right to read it, or no answer: the variables are written, and it says so.

    A key in the environment of whoever runs flows is not taken for one that was configured.
    """
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key-of-somebody")
    with local_server(aws) as server, serving([reply]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        said = analyzed(server, service, arn)
    assert note in said.recommendation.notes
    assert "key-of-somebody" not in json.dumps(api.headers)
    assert said.written.key == f"generated/shop/{'c' * 40}/terraform.tfvars.json"
