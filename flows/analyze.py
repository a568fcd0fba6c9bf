"""analyze: read a service's files at one commit and say what it needs, with the lines as proof."""

from pathlib import Path

from prefect import flow
from pydantic import JsonValue

from analyzer import SourceTree, read_manifest_of
from analyzer.commenting.recommendation_comment import CommentRequest
from analyzer.lambda_functions import AnalyzedCommit, AnalyzeResponse
from blocks.delivery_environment import DeliveryEnvironment
from delightful.errors import ConfigError, DelightfulError
from delightful.manifest import Manifest
from delightful.names import commit_sha, service_name
from delightful.recommendation import Recommendation, WrittenVariables
from delightful.running import Running, running_of
from delightful.source_place import is_in_s3
from flows.effects import effect, effect_once
from flows.environment import delivery_environment
from flows.materials.commit_files import changed_since, commit_files
from flows.materials.source import common_ancestor
from flows.runs.outcome import leaving_outcome
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell, warn


@flow(
    name="analyze",
    flow_run_name="analyze {service} @ {commit:.7}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
@leaving_outcome
def analyze(
    service: str,
    environment: str,
    commit: str,
    source: str,
    since: str | None = None,
    pull_request: int | None = None,
) -> AnalyzeResponse:
    """Read a service's files at one commit and recommend what it needs to run.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        commit: The full commit id, 40 hexadecimal digits.
        source: Path of the service's git repository or of a folder inside it, or the address of the
            commit's archive in S3.
        since: Commit of an earlier release; the migrations that changed since are judged. Empty:
            where this commit and the release that is good now part.
        pull_request: Number of the pull request that is told of it, in one comment.
    """
    since = since or compared_commit(service_name(service), environment, commit_sha(commit), source)
    subject = AnalyzedCommit(service=service, environment=environment, commit=commit)
    if since:
        changed = changed_since(source, service, environment, commit_sha(since), commit)
        subject = subject.model_copy(update={"changed": changed})
    said = analyze_source(subject, source)
    recommendation = said.recommendation
    for answer in recommendation.answers:
        where = f" ({answer.evidence[0].file}:{answer.evidence[0].line})" if answer.evidence else ""
        tell(f"{answer.field}: {_shown(answer.value)}{where}")
    for migration in recommendation.migrations or ():
        tell(f"migration {migration.path}: {migration.risk}, {migration.reason}")
    if pull_request is not None:
        comment_on_pull_request(pull_request, environment, recommendation)
    return said


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value)
    return "unknown" if value is None else str(value)


@effect("find commit to compare with")
def compared_commit(service: str, environment: str, commit: str, source: str) -> str | None:
    """Return where a commit parts from the one that is good now; a descendant's is the good one.

    None before the first good release, and where git does not know how the two are related. An
    archive knows no history: it is compared with what is good itself.
    """
    delivery = delivery_environment(environment)
    ledger = delivery.ledger(service)
    good = ledger.head(service, delivery.environment).good
    if good is None:
        return None
    good_commit = ledger.get(good).commit
    return good_commit if is_in_s3(source) else common_ancestor(source, good_commit, commit)


@effect_once("analyze source")
def analyze_source(subject: AnalyzedCommit, source: str) -> AnalyzeResponse:
    """Read the files and write the variables to S3; nothing of the service is run."""
    analyzer = delivery_environment(subject.environment).analyzer(subject.service)
    with commit_files(source, subject.service, subject.environment, subject.commit) as files:
        answer = analyzer.analyze(subject, *files)
    tell(f"variables in {answer.written.place}")
    return answer


@effect_once("read recommended variables")
def read_recommended(
    service: str, environment: str, written: WrittenVariables
) -> dict[str, JsonValue]:
    """Read the variables back from the version that the analysis wrote, by its hash."""
    return delivery_environment(environment).analyzer(service).variables(written)


@effect_once("comment on pull request")
def comment_on_pull_request(
    pull_request: int, environment: str, recommendation: Recommendation
) -> str | None:
    """Keep the pull request's one comment; that it cannot be written fails nothing."""
    delivery = delivery_environment(environment)
    service = recommendation.service
    try:
        request = CommentRequest(
            pull_request=pull_request,
            recommendation=recommendation,
            running=_running(delivery, service),
        )
        url = delivery.commenter(service).comment(request)
    except DelightfulError as error:
        warn(f"pull request {pull_request} was not told: {error}")
        return None
    tell(f"pull request {pull_request}: {url or 'not told, no GitHub is configured'}")
    return url


def _running(delivery: DeliveryEnvironment, service: str) -> Running | None:
    ledger = delivery.ledger(service)
    good = ledger.head(service, delivery.environment).good
    return running_of(ledger.get(good)) if good else None


@effect_once("read manifest")
def read_service_manifest(service: str, environment: str, commit: str, source: str) -> Manifest:
    """Read what the service says of itself at the commit; nothing said is an empty manifest."""
    with commit_files(source, service, environment, commit) as files:
        return manifest_in(files.folder, service)


def manifest_in(folder: Path, service: str) -> Manifest:
    """Return the manifest of a folder.

    Raises:
        ConfigError: it names another service (E_SERVICE), or is not well formed.
    """
    manifest = read_manifest_of(SourceTree.of_folder(folder)) or Manifest(service=service)
    if manifest.service != service:
        raise ConfigError(
            "E_SERVICE",
            f".delightful.yaml: service is {manifest.service}, asked for {service}",
            hint=f"name the same service in both, for example --service {manifest.service}",
        )
    return manifest
