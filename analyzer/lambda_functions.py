"""The entry points of the Lambda's zip."""

import os
from typing import Any, Final, Protocol, runtime_checkable

from analyzer.compiler import analyze as compiled
from analyzer.model.result import Model, no_model
from analyzer.output import write_variables
from analyzer.tree import SourceTree
from analyzer.witnesses.manifest import read_manifest_of
from delightful.errors import ConfigError
from delightful.frozen import Frozen
from delightful.recommendation import Recommendation, WrittenVariables

# Where the function's own settings name the secret that holds the key of the model's API.
KEY_VARIABLE: Final = "ANALYZER_MODEL_KEY_ARN"
_MODEL_VARIABLE: Final = "ANALYZER_MODEL"
# For the rules, and for writing what they say.
_RESERVED_SECONDS: Final = 8.0


@runtime_checkable
class Timed(Protocol):
    """What of the runtime's context says how long the function may still take."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""


class ArchivePlace(Frozen):
    """Where the commit's archive lies."""

    bucket: str
    key: str
    version_id: str | None = None


class OutputPlace(Frozen):
    """Where the variables are written."""

    bucket: str


class AnalyzedCommit(Frozen):
    """What is to be analyzed.

    `folder` is where the service lies in its repository, `changed` the paths below it that differ
    from an earlier release; None where there is nothing to compare with.
    """

    service: str
    environment: str
    commit: str
    folder: str = ""
    changed: tuple[str, ...] | None = None


class AnalyzeRequest(AnalyzedCommit):
    """What `analyze` is called with: the archive is of the whole repository."""

    archive: ArchivePlace
    output: OutputPlace


class AnalyzeResponse(Frozen):
    """What `analyze` answers: the recommendation, and the version of its variables."""

    recommendation: Recommendation
    written: WrittenVariables


def analyze(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Analyze the archive of one commit and write its variables to S3.

    Raises:
        ConfigError: the archive or the manifest is at fault, or it is another service's.
    """
    # The Lambda runtime brings boto3; analyzing a folder needs none of it.
    import boto3

    request = AnalyzeRequest.model_validate(event)
    s3_client = boto3.client("s3")
    place = request.archive.model_dump(exclude_none=True)
    names = {"bucket": "Bucket", "key": "Key", "version_id": "VersionId"}
    archive = s3_client.get_object(**{names[name]: value for name, value in place.items()})
    with archive["Body"] as stream:
        tree = SourceTree.of_archive(stream, request.folder)
    recommendation = analyzed(tree, request, _model(context))
    written = write_variables(s3_client, request.output.bucket, recommendation)
    answer = AnalyzeResponse(recommendation=recommendation, written=written)
    return answer.model_dump(mode="json")


def _model(context: object) -> Model | None:
    arn = os.environ.get(KEY_VARIABLE)
    if not arn:
        return None
    from analyzer.model.asking import load_sdk

    load_sdk()
    seconds = _seconds_to_ask(context)
    if seconds <= 0:
        return no_model("the function has no time left to ask one")
    import boto3
    from botocore.config import Config

    from analyzer.model.key import secret_model

    secrets = boto3.client("secretsmanager", config=Config(connect_timeout=3, read_timeout=5))
    name = os.environ.get(_MODEL_VARIABLE)
    return secret_model(secrets, arn, os.environ, name, timeout_seconds=seconds)


def _seconds_to_ask(context: object) -> float:
    """Return how long the model may take, so that the rules' result is written all the same."""
    from analyzer.model.settings import TIMEOUT_SECONDS

    if not isinstance(context, Timed):
        return TIMEOUT_SECONDS
    left = context.get_remaining_time_in_millis() / 1000
    return min(TIMEOUT_SECONDS, left - _RESERVED_SECONDS)


def comment(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Put a recommendation on its pull request; asking twice is the same.

    It runs in a role of its own, which alone may read the token, and reads no code: what it gets
    is the closed recommendation, and what it writes is a fixed template.

    Raises:
        ConfigError: E_NAME or E_SHA.
        TransientError: GitHub is busy or out of reach, after several attempts.
        ExternalError: E_GITHUB, refused.
    """
    import boto3

    # Rendering and GitHub are no business of `analyze`, whose start they would slow down.
    from analyzer.commenting.recommendation_comment import comment_request, commented
    from analyzer.commenting.settings import comment_settings

    request = comment_request(event)
    settings = comment_settings(os.environ)
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=settings.secret_arn)
    answer = commented(request, settings, str(secret["SecretString"]).strip())
    return answer.model_dump(mode="json")


def analyzed(
    tree: SourceTree, subject: AnalyzedCommit, model: Model | None = None
) -> Recommendation:
    """Analyze a tree with the manifest that lies in it.

    Raises:
        ConfigError: E_SERVICE, the manifest is another service's; what reading it raises.
    """
    manifest = read_manifest_of(tree)
    if manifest is not None and manifest.service != subject.service:
        raise ConfigError(
            "E_SERVICE",
            f".delightful.yaml: service is {manifest.service}, asked for {subject.service}",
            hint="name the same service in both",
        )
    return compiled(
        tree,
        manifest,
        service=subject.service,
        commit=subject.commit,
        changed=subject.changed,
        model=model,
    )
