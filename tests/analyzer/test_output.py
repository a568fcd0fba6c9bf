"""What the analyzer writes, and the Lambda's entry point over S3."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from analyzer import SourceTree, analyze, lambda_functions
from analyzer.lambda_functions import AnalyzedCommit
from analyzer.output import write_variables
from delightful.errors import ConfigError
from delightful.recommendation import Recommendation
from tests.analyzer.model.messages_api import Reply, claims, serving

COMMIT = "c" * 40
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:analyzer-model-key"
KEY = f"generated/shop/{COMMIT}/terraform.tfvars.json"
FILES = {
    ".delightful.yaml": "service: shop\nport: 9000\nhealth_check:\n  path: /healthz\n",
    "app.py": "pass\n",
}


class Bucket:
    """Objects in memory, with versions, as boto3's S3 client answers."""

    def __init__(self) -> None:
        self.versions: list[tuple[str, bytes]] = []

    def put_object(self, **request: Any) -> Mapping[str, Any]:
        """Store one object."""
        self.versions.append((request["Key"], request["Body"]))
        return {"VersionId": f"v{len(self.versions)}"}

    def get_object(self, **request: Any) -> Mapping[str, Any]:
        """Return the last version of an object."""
        return {"Body": io.BytesIO(dict(self.versions)[request["Key"]])}


def archive() -> bytes:
    """Return the service as a tar archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for path, text in FILES.items():
            header = tarfile.TarInfo(path)
            header.size = len(text)
            opened.addfile(header, io.BytesIO(text.encode()))
    return packed.getvalue()


def event(**changes: object) -> dict[str, object]:
    """Return what `analyze` is called with."""
    return {
        "service": "shop",
        "environment": "sandbox",
        "commit": COMMIT,
        "archive": {"bucket": "artifacts", "key": "archives/shop.tar.gz"},
        "output": {"bucket": "artifacts"},
        **changes,
    }


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Return the bucket that the entry point meets, with the archive in it."""
    made = Bucket()
    made.put_object(Key="archives/shop.tar.gz", Body=archive())
    monkeypatch.setattr("boto3.client", lambda service: made)
    return made


def test_variables_are_written_once_per_commit_with_their_version() -> None:
    """The key names service and commit, the answer names version and hash of what was written."""
    bucket = Bucket()
    said = analyze(SourceTree.of_files(FILES), None, service="shop", commit=COMMIT)
    written = [write_variables(bucket, "artifacts", said) for _ in range(2)]
    assert [(one.key, one.version_id) for one in written] == [(KEY, "v1"), (KEY, "v2")]
    assert bucket.versions[0] == bucket.versions[1]
    assert written[0].sha256 == hashlib.sha256(bucket.versions[0][1]).hexdigest()
    assert json.loads(bucket.versions[0][1]) == said.variables


def test_the_entry_point_reads_the_archive_and_writes_the_variables(bucket: Bucket) -> None:
    """`analyze` answers in JSON what it wrote, and it is what analyzing in process says."""
    answer = lambda_functions.analyze(dict(event()), None)
    answer = json.loads(json.dumps(answer))
    said = Recommendation.model_validate(answer["recommendation"])
    subject = AnalyzedCommit(service="shop", environment="staging", commit=COMMIT)
    in_process = lambda_functions.analyzed(SourceTree.of_files(FILES), subject)
    assert said == in_process
    assert said.variables["container_port"] == 9000
    assert answer["written"]["key"] == KEY
    assert dict(bucket.versions)[KEY] == bucket.versions[-1][1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"service": "other"}, "E_SERVICE"), ({"commit": "main"}, "E_SHA")],
)
def test_a_wrong_request_is_refused_and_writes_nothing(
    bucket: Bucket, changes: dict[str, object], code: str
) -> None:
    """Another service's manifest or a commit that is none ends before anything is written."""
    with pytest.raises(ConfigError, match=code):
        lambda_functions.analyze(event(**changes), None)
    assert len(bucket.versions) == 1


def test_an_unknown_key_in_the_event_is_refused(bucket: Bucket) -> None:
    """What the entry point does not know it does not ignore."""
    with pytest.raises(ValueError, match="token"):
        lambda_functions.analyze(event(token="x"), None)


class Vault:
    """A secrets' store that holds one key, or refuses."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def get_secret_value(self, **request: Any) -> Mapping[str, Any]:
        """Return the one secret there is."""
        assert request == {"SecretId": ARN}
        if self._key is None:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue")
        return {"SecretString": f"{self._key}\n"}


@pytest.mark.parametrize(
    ("key", "model", "note"),
    [
        ("key-of-nobody", "claude-haiku-5-5", "model claude-haiku-5-5 was asked for "),
        (None, "", "no model: its key could not be read"),
        ("key-of-nobody", "a-model-without-price", "no model: E_MODEL"),
    ],
)
def test_the_function_asks_with_the_key_of_its_secret(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, key: str | None, model: str, note: str
) -> None:
    """The secret's key alone reaches the model; one that cannot be read fails nothing."""
    clients = {"s3": bucket, "secretsmanager": Vault(key)}
    monkeypatch.setattr("boto3.client", lambda service, **_: clients[service])
    monkeypatch.setenv("ANALYZER_MODEL_KEY_ARN", ARN)
    monkeypatch.setenv("ANALYZER_MODEL", model)
    with serving([claims()]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        answer = lambda_functions.analyze(dict(event()), None)
    assert [sent["x-api-key"] for sent in api.headers] == ["key-of-nobody"] * len(api.headers)
    assert any(one.startswith(note) for one in answer["recommendation"]["notes"])
    assert "key-of-nobody" not in json.dumps(answer)
    assert answer["written"]["key"] == KEY


class Ending:
    """The runtime's context of a function that is nearly out of time."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left."""
        return self._milliseconds


@pytest.mark.slow
@pytest.mark.parametrize(
    ("milliseconds", "note"),
    [(9_000, "no model: no answer within 1 s"), (5_000, "no model: the function has no time left")],
)
def test_the_rules_result_is_written_before_the_function_ends(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, milliseconds: int, note: str
) -> None:
    """A silent model gets what the function can spare, and never the time to write and answer."""
    clients = {"s3": bucket, "secretsmanager": Vault("key-of-nobody")}
    monkeypatch.setattr("boto3.client", lambda service, **_: clients[service])
    monkeypatch.setenv("ANALYZER_MODEL_KEY_ARN", ARN)
    with serving([Reply(b"", pause_seconds=60)]) as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        answer = lambda_functions.analyze(dict(event()), Ending(milliseconds))
    assert any(one.startswith(note) for one in answer["recommendation"]["notes"])
    assert answer["written"]["key"] == KEY
