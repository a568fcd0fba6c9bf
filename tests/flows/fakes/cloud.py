"""A small cloud in memory: what the flows ask of the outside world, and a list of what they did."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from prefect_aws import AwsCredentials
from pydantic import JsonValue

from analyzer.commenting.recommendation_comment import CommentRequest
from blocks.messengers.github_repository import GitHubRepository
from blocks.messengers.slack_channel import SlackChannel
from delightful.agreement import Finding
from delightful.approval import Approvers
from delightful.composition.model import ScanReport
from delightful.image_retention import StoredImage
from delightful.locks import StateLock
from delightful.manifest import Manifest, RolloutSettings
from delightful.planned import Danger
from delightful.release import Image, Release, ReleaseState, Rollout, SchemaChange, StackOutputs
from delightful.state_health import StateJudgement
from flows.terraform_apply import applied_stack
from tests.delightful.samples import START, commit
from tests.flows.fake_evidence import FakeScanner, MemoryAttestations, memory_attestations
from tests.flows.fakes.approvals import FakeApprovals
from tests.flows.fakes.building import (
    FakeAnalyzer,
    FakeArchives,
    FakeBuilder,
    FakeCommenter,
    FakeRegistry,
)
from tests.flows.fakes.live import FakeEcs, FakePreflight, FakeProbe, FakeTaskDefinitions
from tests.flows.fakes.memory import MemoryLedger, MemoryLog
from tests.flows.fakes.rollout import FakeCommand, FakeEngine, FakeRollout, FakeTask
from tests.flows.fakes.samples import BLUE, GREEN, OWNER, built, request_for
from tests.flows.fakes.stack import FakeStack


class FakeCloud:
    """One service's cloud. `effects` lists every outside effect, in order.

    `between` holds, by effect, what somebody else does just before it.
    `failures` holds, by effect, errors that are raised instead, one each time. Commits in
    `unhealthy` never become healthy, those in `crashing` end as soon as they start, those in
    `wrong` answer 500.
    """

    environment = "sandbox"
    packaging = "files"
    roles_arn: str | None = None
    poll_seconds = 0.001
    lock_wait_seconds = 0
    variables_directory = None
    infrastructure_directory = Path()
    runner = "arn:aws:sts::123456789012:assumed-role/delightful-sandbox-worker/task"
    asks_for_approval = False
    approval_seconds = 60
    github: GitHubRepository | None = None
    slack: SlackChannel | None = None
    asks_for_scan = False

    def __init__(self) -> None:
        self.effects: list[str] = []
        self.failures: dict[str, list[BaseException]] = {}
        self.between: dict[str, Callable[[], None]] = {}
        self.state_lock: StateLock | None = None
        self.terraform_runs = False
        self.unhealthy: set[str] = set()
        self.wrong: set[str] = set()
        self.crashing: set[str] = set()
        self.alarms: tuple[str, ...] = ()
        self.images: dict[str, Image] = {}
        self.definitions: dict[str, dict[str, JsonValue]] = {}
        self.applied: dict[str, JsonValue] = {}
        self.serial = 0
        self.adoptions = 0
        self.state_judgement: StateJudgement | None = None
        self.lineage = "one"
        self.has_unsaved_state = False
        self.drifted: tuple[Finding, ...] = ()
        self.weights = {BLUE: 100, GREEN: 0}
        self.primary: str | None = None
        self.rollouts: dict[str, FakeRollout] = {}
        self.commands: dict[str, FakeTask] = {}
        self.command_ends: int | None = 0
        self.crashes_counted_since: datetime | None = None
        self.comments: list[CommentRequest] = []
        self.archives: dict[str, tuple[bytes, str]] = {}
        self.recommended: dict[str, dict[str, JsonValue]] = {}
        self.dangers: tuple[Danger, ...] = ()
        self.while_waiting: Callable[[str], None] = str
        self.reports: list[ScanReport] = []
        self.registry_report = ScanReport(scanner="ECR", subject="api")
        self.written = memory_attestations()
        self.role: str | None = "api-build"
        self._ledger = MemoryLedger(credentials=AwsCredentials(), table_name="ledger")

    def do(self, effect: str) -> None:
        """Do one outside effect, or fail as it was told to."""
        self.look(effect)
        self.between.pop(effect, lambda: None)()
        self.effects.append(effect)

    def look(self, what: str) -> None:
        """Look at something, or fail as it was told to."""
        waiting = self.failures.get(what, [])
        if waiting:
            raise waiting.pop(0)

    def ledger(self, service: str) -> MemoryLedger:
        return self._ledger

    def approvals(self, service: str) -> FakeApprovals:
        approvals = FakeApprovals(
            credentials=AwsCredentials(), identity=AwsCredentials(), table_name="ledger"
        )
        approvals._cloud, approvals._memory = self, self._ledger._memory
        return approvals

    def who_approves(self, service: str) -> Approvers:
        return Approvers(machinery=("delightful-*-worker",))

    def announcement_log(self, service: str) -> MemoryLog:
        return MemoryLog.beside(self._ledger)

    def registry(self, service: str) -> FakeRegistry:
        return FakeRegistry(self)

    def sources(self, service: str) -> FakeArchives:
        return FakeArchives(self)

    def dependency_scanner(self) -> FakeScanner:
        return FakeScanner(self.reports)

    def attestations(self, service: str) -> MemoryAttestations:
        return self.written

    def build_role(self, service: str) -> str | None:
        return self.role

    def analyzer(self, service: str) -> FakeAnalyzer:
        return FakeAnalyzer(self)

    def commenter(self, service: str) -> FakeCommenter:
        return FakeCommenter(self)

    def builder(self) -> FakeBuilder:
        return FakeBuilder(self)

    def stack(self, root: str, service: str | None = None, *, read_only: bool = False) -> FakeStack:
        return FakeStack(self)

    def rollout_engine(self, service: str, outputs: StackOutputs) -> FakeEngine:
        return FakeEngine(self)

    def ecs_service(self, service: str) -> FakeEcs:
        return FakeEcs(self)

    def release_command(self, service: str) -> FakeCommand:
        return FakeCommand(self)

    def task_definitions(self, service: str) -> FakeTaskDefinitions:
        return FakeTaskDefinitions(self)

    def preflight(self) -> FakePreflight:
        return FakePreflight(self)

    def probe(self) -> FakeProbe:
        return FakeProbe(self)

    def stored_images(self) -> tuple[StoredImage, ...]:
        """Return the registry's images, all pushed long ago."""
        tags: dict[str, list[str]] = {}
        for image in self.images.values():
            tags.setdefault(image.digest, []).append(image.tag)
        return tuple(
            StoredImage(digest=digest, tags=tuple(names), pushed_at=START - timedelta(days=365))
            for digest, names in tags.items()
        )

    def serve(self, number: int, migrations: SchemaChange | None = None) -> Release:
        """Let the release of a number be good already, as if a deploy had gone well."""
        variables: dict[str, JsonValue] = {
            "image_tag": commit(number),
            "image_digest": f"sha256:{commit(number):0>64}",
            "health_check": {"path": "/healthz"},
        }
        image = FakeRegistry(self).push(built(number), commit(number))
        stack = FakeStack(self)
        saved = stack.plan(variables, say=str)
        applied = applied_stack(saved, stack.apply(saved, say=str))
        self.primary = applied.outputs.task_definition_arn
        rollout = Rollout(engine="codedeploy", deployment_id=None, task_definition_arn=self.primary)
        manifest = Manifest(service="api", rollout=RolloutSettings(bake_seconds=0))
        release = self._ledger.open_attempt(request_for(number), OWNER, START)
        known = {"manifest": manifest, "image": image, "migrations": migrations}
        release = release.moved_to(ReleaseState.BUILT, START, **known)
        release = release.moved_to(ReleaseState.APPLIED, START, stack=applied)
        release = release.moved_to(ReleaseState.LIVE, START, rollout=rollout)
        release = release.moved_to(ReleaseState.GOOD, START)
        self._ledger.record(release)
        self.effects.clear()
        return release

    def commit_of(self, arn: str | None) -> str:
        """Return the commit that a task definition runs."""
        return str(self.definitions[arn]["image_tag"]) if arn else ""

    def digest_of(self, arn: str) -> str:
        """Return the image digest that a task definition runs."""
        return str(self.definitions[arn]["image_digest"])

    def serving_commit(self) -> str:
        """Return the commit that has the traffic."""
        return self.commit_of(self.primary)


RUNNER = FakeCloud.runner


ANN = "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com"
