"""The Lambda's zip as two functions in the sandbox: `analyze` under its flow, and `comment`."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prefect_aws import AwsCredentials

from analyzer.commenting.recommendation_comment import CommentRequest
from analyzer.lambda_functions import AnalyzeResponse
from analyzer.packaging import write_zip
from blocks.aws import aws_client
from blocks.delivery_environment import DeliveryEnvironment
from flows.analyze import analyze, read_recommended
from sandbox.description import SandboxDescription
from tests.analyzer.commenting.fake_github import OURS, FakeIssue
from tests.analyzer.model.messages_api import (
    MessagesApi,
    Reply,
    claim,
    claims,
    failure,
    message,
    serving,
)
from tests.stand_ins.local_server import LocalServer, local_server

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("told_plainly")]

BOOTSTRAP = Path(__file__).parents[3] / "infrastructure" / "bootstrap"
ANALYZER, COMMENTER = "shop-analyzer", "shop-commenter"
TOKEN, KEY = "github-token-of-nobody", "model-key-of-nobody"
COMMIT = "c" * 40
CANARIES = ("AKIAIOSFODNN7CANARY0", "canary-hunter2-password", "s3cr3tCanaryOfTheDotEnv")
FILES = {
    "go.mod": "module shop\n\ngo 1.22\n",
    "main.go": (
        "package main\n\n"
        f'const awsAccessKeyID = "{CANARIES[0]}"\n\nfunc main() {{\n'
        f'\tconnect("postgres://shop:{CANARIES[1]}@db/shop")\n}}\n'
    ),
    "justfile": "run:\n    serve --listen 9191 --probe /ready\n",
    ".env": f"API_TOKEN={CANARIES[2]}\n",
}
SILENT = ("no model: no answer within", "no model: the function has no time left")
PORT = claim("port", 9191, "justfile", 2, "--listen 9191")
HEALTH = claim("health_path", "/ready", "justfile", 2, "--probe /ready")
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


@dataclass(frozen=True)
class Functions:
    """Both functions, and the pull request that the second one writes to."""

    delivery: DeliveryEnvironment
    model_key_arn: str
    github: LocalServer
    issue: FakeIssue = field(repr=False)

    def client(self, service: str) -> Any:
        """Return a client of the sandbox."""
        return aws_client(self.delivery.credentials, service)

    def variables(self, function: str) -> dict[str, str]:
        """Return the environment of a function, as the account tells it."""
        told = self.client("lambda").get_function_configuration(FunctionName=function)
        return dict(told["Environment"]["Variables"])

    @contextmanager
    def asking(self, *replies: Reply, timeout_seconds: int = 60) -> Iterator[MessagesApi]:
        """Let the analyzer ask a local server, which answers with these replies."""
        with serving(replies) as api:
            self.client("lambda").update_function_configuration(
                FunctionName=ANALYZER,
                Timeout=timeout_seconds,
                Environment={
                    "Variables": {**self.variables(ANALYZER), "ANTHROPIC_BASE_URL": api.url}
                },
            )
            yield api


@pytest.fixture(scope="module")
def functions(
    sandbox: SandboxDescription, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Functions]:
    """Return both functions with the environments that `infrastructure/bootstrap` gives them."""
    credentials = AwsCredentials(
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        region_name=sandbox.region,
        aws_client_parameters={"endpoint_url": sandbox.aws_endpoint_url},
    )
    package = tmp_path_factory.mktemp("zip") / "analyzer.zip"
    write_zip(package)
    secrets = aws_client(credentials, "secretsmanager")
    key_arn = secrets.create_secret(Name="shop-model", SecretString=f"{KEY}\n")["ARN"]
    token_arn = secrets.create_secret(Name="shop-github", SecretString=f"{TOKEN}\n")["ARN"]
    issue = FakeIssue(("ann", "a person's words"))
    with local_server(issue.answer) as github:
        create(
            credentials,
            package,
            ANALYZER,
            "analyze",
            {"ANALYZER_MODEL": "", "ANALYZER_MODEL_KEY_ARN": key_arn},
        )
        create(
            credentials,
            package,
            COMMENTER,
            "comment",
            {
                "GITHUB_REPOSITORY": "owner/name",
                "GITHUB_TOKEN_SECRET_ARN": token_arn,
                "GITHUB_API_URL": github.url,
                "GITHUB_SERVER_URL": "https://github.example",
            },
        )
        yield Functions(environment_of(sandbox, credentials), key_arn, github, issue)


def create(
    credentials: AwsCredentials, package: Path, name: str, entry: str, variables: dict[str, str]
) -> None:
    """Create one function of the zip, in a role of its own."""
    role = aws_client(credentials, "iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    client = aws_client(credentials, "lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler=f"analyzer.lambda_functions.{entry}",
        Code={"ZipFile": package.read_bytes()},
        Timeout=60,
        MemorySize=512,
        Environment={"Variables": variables},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)


def environment_of(sandbox: SandboxDescription, credentials: AwsCredentials) -> DeliveryEnvironment:
    """Return the sandbox as an environment that calls both functions."""
    return DeliveryEnvironment(
        environment="sandbox",
        credentials=credentials,
        state_bucket=sandbox.state_bucket,
        lock_table=sandbox.lock_table,
        ledger_table=sandbox.ledger_table,
        artifact_bucket=sandbox.artifact_bucket,
        infrastructure_directory=Path("infrastructure"),
        analyzer_function_name=ANALYZER,
        commenter_function_name=COMMENTER,
    )


@pytest.fixture
def source(tmp_path: Path, functions: Functions, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a service with secrets in it, in the environment of the functions."""
    monkeypatch.setattr(DeliveryEnvironment, "load", lambda name: functions.delivery)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def analyzed(source: Path, pull_request: int | None = None) -> AnalyzeResponse:
    """Run the flow `analyze`."""
    return analyze(
        service="shop",
        environment="sandbox",
        commit=COMMIT,
        source=str(source),
        pull_request=pull_request,
    )


def ours(issue: FakeIssue) -> dict[int, str]:
    """Return the comments that the token's own user wrote."""
    return {number: text for number, (author, text) in issue.comments.items() if author == OURS}


def test_the_model_answers_what_the_rules_left_open(functions: Functions, source: Path) -> None:
    """Invoked by the flow with the secret's key: values, lines, and variables that are read back.

    No canary of the repository, and no other credential, reaches the model's server.
    """
    with functions.asking(claims(PORT, HEALTH)) as api:
        said = analyzed(source)
    found = {answer.field: answer for answer in said.recommendation.answers}
    assert (found["port"].value, found["port"].rule) == (9191, "model/port")
    assert found["health_path"].value == "/ready"
    assert [(one.file, one.line) for one in found["port"].evidence] == [("justfile", 2)]
    assert any("was asked for" in note for note in said.recommendation.notes)
    variables = read_recommended("shop", "sandbox", said.written)
    assert variables == said.recommendation.variables
    assert variables["container_port"] == 9191
    assert [sent["x-api-key"] for sent in api.headers] == [KEY]
    sent = b"\n".join(api.bodies).decode() + json.dumps(api.headers)
    assert "serve --listen 9191" in sent
    assert not [canary for canary in (*CANARIES, TOKEN) if canary in sent]


@pytest.mark.parametrize(
    ("replies", "note"),
    [
        ([failure(529, "overloaded_error", retry_after_ms="1")], "no model: overloaded (529)"),
        ([message("", stop_reason="refusal")], "no model: the model refused"),
        ([message('{"answers": [', stop_reason="max_tokens")], "no model: E_LLM_FORMAT"),
    ],
)
def test_without_an_answer_the_rules_result_is_written(
    functions: Functions, source: Path, replies: Sequence[Reply], note: str
) -> None:
    """Overloaded, refused or cut off: the function answers what the rules know, and says so."""
    with functions.asking(*replies) as api:
        said = analyzed(source)
    assert api.bodies
    assert any(one.startswith(note) for one in said.recommendation.notes)
    assert not [one for one in said.recommendation.answers if one.rule.startswith("model/")]
    assert said.recommendation.answers[0].field == "kind"
    assert read_recommended("shop", "sandbox", said.written) == said.recommendation.variables


def test_a_silent_model_does_not_hold_the_function_up(functions: Functions, source: Path) -> None:
    """Within the function's own time the rules' result is written and told."""
    with functions.asking(Reply(b"", pause_seconds=120), timeout_seconds=20):
        said = analyzed(source)
    # On a slow machine the SDK is not even loaded when the time is up.
    assert any(note.startswith(SILENT) for note in said.recommendation.notes)
    assert read_recommended("shop", "sandbox", said.written) == said.recommendation.variables


def test_ten_calls_leave_one_comment(functions: Functions, source: Path) -> None:
    """The flow's and nine more: one comment, edited where it stands, with the secret's token."""
    with functions.asking(claims(PORT)):
        said = analyzed(source, pull_request=7)
    [number] = ours(functions.issue)
    assert (
        "`justfile:2`" in ours(functions.issue)[number]
        or "justfile" in functions.issue.bodies[number]
    )
    commenter = functions.delivery.commenter("shop")
    urls = set()
    for turn in range(1, 10):
        pushed = said.recommendation.model_copy(update={"commit": f"{turn:040x}"})
        request = CommentRequest(pull_request=7, recommendation=pushed)
        urls.add(commenter.comment(request))
        assert list(ours(functions.issue)) == [number]
        assert f"{turn:040x}" in functions.issue.bodies[number]
    assert urls == {f"https://github.example/owner/name/pull/7#issuecomment-{number}"}
    assert functions.issue.bodies[1] == "a person's words"
    written = [asked.method for asked in functions.github.asked if asked.method != "GET"]
    assert written == ["POST", *["PATCH"] * 9]
    tokens = {asked.headers["Authorization"] for asked in functions.github.asked}
    assert tokens == {f"token {TOKEN}"}


def variable_names(root_file: str) -> set[str]:
    """Return the variables that a function gets by a file of `infrastructure/bootstrap`."""
    [block] = re.findall(r"variables = \{(.*?)\}", (BOOTSTRAP / root_file).read_text(), re.DOTALL)
    return set(re.findall(r"^\s*([A-Z_]+)\s*=", block, re.MULTILINE))


def test_only_the_commenter_is_told_of_github(functions: Functions) -> None:
    """Each has the variables that bootstrap gives it; those of the analyzer hold no token."""
    told = functions.variables(ANALYZER)
    # Only here does the model's API live elsewhere.
    told.pop("ANTHROPIC_BASE_URL", None)
    assert told.keys() == variable_names("analyzer.tf")
    assert functions.variables(COMMENTER).keys() == variable_names("comment.tf")
    assert told == {"ANALYZER_MODEL": "", "ANALYZER_MODEL_KEY_ARN": functions.model_key_arn}
    assert "github" not in (BOOTSTRAP / "analyzer.tf").read_text().lower()
    environments = json.dumps([told, functions.variables(COMMENTER)])
    assert TOKEN not in environments
    assert KEY not in environments
