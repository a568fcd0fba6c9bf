"""A small cloud in memory: what the flows ask of the outside world, and a list of what they did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, cast

from prefect_aws import AwsCredentials
from pydantic import JsonValue, PrivateAttr

from analyzer.commenting.recommendation_comment import CommentRequest
from analyzer.lambda_functions import AnalyzedCommit, AnalyzeResponse, analyzed
from analyzer.output import WrittenVariables, variables_key
from analyzer.tree import SourceTree
from blocks.announcement_log import AnnouncementLog
from blocks.attempt_request import AttemptRequest
from blocks.github_repository import GitHubRepository
from blocks.ledger_table import Attributes, LedgerTable, Write
from blocks.oci import BuiltImage
from blocks.plan_approvals import PlanApprovals, SignedAnswer
from blocks.release_command import CommandProgress
from blocks.release_ledger import ReleaseLedger
from blocks.rollout import RolloutPhase, RolloutProgress
from blocks.saved_plan import AppliedState, SavedPlan
from blocks.slack_channel import SlackChannel
from delightful.agreement import Finding, Standing
from delightful.approval import Approvers
from delightful.composition.model import ScanReport
from delightful.errors import ConfigError, ExternalError, Refused
from delightful.image_retention import StoredImage
from delightful.live import LiveService, SmokeResponse
from delightful.locks import StateLock
from delightful.manifest import Manifest, RolloutSettings, SmokeTest
from delightful.planned import Danger, PlanSummary, ResourceChange
from delightful.preflight import Capacity
from delightful.release import (
    AppliedStack,
    AttemptKind,
    Failure,
    Image,
    Owner,
    Release,
    ReleaseState,
    Rollout,
    SchemaChange,
    StackOutputs,
)
from delightful.retention import Revision, ServiceUse
from delightful.source_place import SourcePlace
from delightful.state_health import StateJudgement
from delightful.variables import sha256_of
from flows.terraform_apply import applied_stack
from tests.delightful.samples import START, commit
from tests.flows.fake_evidence import (
    FakeScanner,
    MemoryAttestations,
    empty_layout,
    memory_attestations,
)

BLUE, GREEN = "arn:tg/blue", "arn:tg/green"


class MemoryTable:
    """A LedgerTable in a dictionary, with the same all-or-nothing writes."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Attributes] = {}

    def read(self, stream: str, item: str) -> Attributes | None:
        """Return an item, or None."""
        return self.items.get((stream, item))

    def newest(self, stream: str, prefix: str, limit: int) -> Sequence[Attributes]:
        """Return the last items with the prefix, last first."""
        found = sorted(k for k in self.items if k[0] == stream and k[1].startswith(prefix))
        return [self.items[key] for key in reversed(found)][:limit]

    def streams(self, prefix: str) -> Sequence[str]:
        """Return the streams whose name begins so."""
        return sorted({stream for stream, _ in self.items if stream.startswith(prefix)})

    def write(self, writes: Sequence[Write]) -> bool:
        """Put all or none."""
        if not all(self._holds(write) for write in writes):
            return False
        for write in writes:
            self.items[write.stream, write.item] = write.attributes
        return True

    def _holds(self, write: Write) -> bool:
        stored = self.items.get((write.stream, write.item), {})
        return all(stored.get(name) == value for name, value in write.expected.items())


class MemoryLedger(ReleaseLedger):
    """The real ledger over a table in memory."""

    _block_type_name = "Memory Ledger"
    _block_type_slug = "memory-ledger"
    _memory: MemoryTable = PrivateAttr(default_factory=MemoryTable)

    def _table(self) -> LedgerTable:
        return self._memory


class MemoryLog(AnnouncementLog):
    """The real log over the table in memory of a ledger."""

    _block_type_name = "Memory Log"
    _block_type_slug = "memory-log"
    _memory: MemoryTable = PrivateAttr(default_factory=MemoryTable)

    def _table(self) -> LedgerTable:
        return self._memory

    @classmethod
    def beside(cls, ledger: MemoryLedger) -> "MemoryLog":
        """Return the log that lies in a ledger's table."""
        log = cls(credentials=AwsCredentials(), table_name="ledger")
        log._memory = ledger._memory
        return log


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

    def approvals(self, service: str) -> "FakeApprovals":
        approvals = FakeApprovals(
            credentials=AwsCredentials(), identity=AwsCredentials(), table_name="ledger"
        )
        approvals._cloud, approvals._memory = self, self._ledger._memory
        return approvals

    def who_approves(self, service: str) -> Approvers:
        return Approvers(machinery=("delightful-*-worker",))

    def announcement_log(self, service: str) -> MemoryLog:
        return MemoryLog.beside(self._ledger)

    def registry(self, service: str) -> "FakeRegistry":
        return FakeRegistry(self)

    def sources(self, service: str) -> "FakeArchives":
        return FakeArchives(self)

    def dependency_scanner(self) -> FakeScanner:
        return FakeScanner(self.reports)

    def attestations(self, service: str) -> MemoryAttestations:
        return self.written

    def build_role(self, service: str) -> str | None:
        return self.role

    def analyzer(self, service: str) -> "FakeAnalyzer":
        return FakeAnalyzer(self)

    def commenter(self, service: str) -> "FakeCommenter":
        return FakeCommenter(self)

    def builder(self) -> "FakeBuilder":
        return FakeBuilder(self)

    def stack(
        self, root: str, service: str | None = None, *, read_only: bool = False
    ) -> "FakeStack":
        return FakeStack(self)

    def rollout_engine(self, service: str, outputs: StackOutputs) -> "FakeEngine":
        return FakeEngine(self)

    def ecs_service(self, service: str) -> "FakeEcs":
        return FakeEcs(self)

    def release_command(self, service: str) -> "FakeCommand":
        return FakeCommand(self)

    def task_definitions(self, service: str) -> "FakeTaskDefinitions":
        return FakeTaskDefinitions(self)

    def preflight(self) -> "FakePreflight":
        return FakePreflight(self)

    def probe(self) -> "FakeProbe":
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


OWNER = Owner(host="another", boot_id="before", pid=1, process_started_ticks=1)


def request_for(number: int) -> AttemptRequest:
    """Return the wish to deploy the commit of a number, with its whole history."""
    return AttemptRequest(
        service="api",
        environment="sandbox",
        commit=commit(number),
        kind=AttemptKind.DEPLOY,
        history=tuple(commit(earlier) for earlier in range(number, 0, -1)),
    )


def built(number: int) -> BuiltImage:
    """Return the image of the commit of a number, as the builder makes it."""
    digest = f"sha256:{commit(number):0>64}"
    return BuiltImage(layout=Path("layout"), digest=digest, packaging="files")


class FakeApprovals(PlanApprovals):
    """The real answers over a table in memory; who signed is told by the signature itself."""

    _block_type_name = "Fake Approvals"
    _block_type_slug = "fake-approvals"
    _cloud: FakeCloud = PrivateAttr()
    _memory: MemoryTable = PrivateAttr()

    def caller(self) -> str:
        return self._cloud.runner

    def find(self, release_id: str) -> SignedAnswer | None:
        self._cloud.while_waiting(release_id)
        return super().find(release_id)

    def proven(self, answer: SignedAnswer) -> str:
        if "by" not in answer.headers:
            raise Refused("E_APPROVAL", "nobody signed it", hint="sign it")
        return answer.headers["by"]

    def _table(self) -> LedgerTable:
        return self._memory


RUNNER = FakeCloud.runner
ANN = "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com"


class FakeArchives:
    """A bucket that keeps what it was given first."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._kept = cloud.archives

    def place(self, service: str, commit: str) -> SourcePlace:
        return SourcePlace(bucket="artifacts", kind="sources", service=service, commit=commit)

    def keep(self, place: SourcePlace, archive: Path, folder: str) -> bool:
        is_new = place.key not in self._kept
        self._kept.setdefault(place.key, (archive.read_bytes(), folder))
        return is_new

    def folder(self, place: SourcePlace) -> str:
        if place.key not in self._kept:
            raise ConfigError("E_SOURCE", f"source: {place.url} is not there", hint="build it")
        return self._kept[place.key][1]

    def fetch(self, place: SourcePlace, file: Path) -> str:
        folder = self.folder(place)
        file.write_bytes(self._kept[place.key][0])
        return folder


class FakeAnalyzer:
    """The analyzer itself, which writes into the cloud's memory."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def analyze(
        self,
        subject: AnalyzedCommit,
        repository: Path,
        folder: Path,
        archive: SourcePlace | None = None,
    ) -> AnalyzeResponse:
        recommendation = analyzed(SourceTree.of_folder(folder, repository), subject)
        key = variables_key(subject.service, subject.commit)
        written = WrittenVariables(bucket="artifacts", key=key, version_id=None, sha256="0" * 64)
        self._cloud.recommended[key] = recommendation.variables
        return AnalyzeResponse(recommendation=recommendation, written=written)

    def variables(self, written: WrittenVariables) -> dict[str, JsonValue]:
        return self._cloud.recommended[written.key]


class FakeCommenter:
    """A pull request that remembers what it was told."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def comment(self, request: CommentRequest) -> str:
        self._cloud.do("comment")
        self._cloud.comments.append(request)
        return f"https://github.example/pull/{request.pull_request}"


class FakeBuilder:
    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def build(self, context: Path, manifest: Manifest, commit: str) -> BuiltImage:
        self._cloud.do("build")
        return BuiltImage(layout=empty_layout(), digest=f"sha256:{commit:0>64}", packaging="files")


class FakeStack:
    state_key = "services/sandbox/api/terraform.tfstate"

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def plan(
        self,
        variables: Mapping[str, JsonValue],
        *,
        adopts: bool = False,
        say: Callable[[str], None],
    ) -> SavedPlan:
        if adopts:
            self._cloud.adoptions += 1
        changes = () if variables == self._cloud.applied else (_TASK_DEFINITION,)
        return SavedPlan(
            path=Path("plan"),
            variables=dict(variables),
            summary=PlanSummary(changes=changes, dangers=self._cloud.dangers if changes else ()),
            has_changes=bool(changes),
        )

    def locks_held(self) -> tuple[StateLock, ...]:
        return (self._cloud.state_lock,) if self._cloud.state_lock else ()

    def runs_here(self) -> bool:
        return self._cloud.terraform_runs

    def drift(
        self, variables: Mapping[str, JsonValue], *, say: Callable[[str], None]
    ) -> tuple[Finding, ...]:
        self._cloud.look("plan drift")
        self._cloud.between.pop("plan drift", lambda: None)()
        if variables != self._cloud.applied:
            return (Finding(subject="inputs", standing=Standing.DRIFTED, detail="not applied"),)
        agrees = Finding(subject="infrastructure", standing=Standing.AGREES, detail="3 resources")
        return self._cloud.drifted or (agrees,)

    def has_unsaved_state(self) -> bool:
        return self._cloud.has_unsaved_state

    def save_unsaved(self, *, say: Callable[[str], None]) -> None:
        self._cloud.do("push state")
        self._cloud.has_unsaved_state = False

    def judged(self, newest: AppliedStack | None) -> StateJudgement | None:
        return self._cloud.state_judgement

    def mend(self, judged: StateJudgement) -> None:
        self._cloud.do(f"mend state: {judged.fault}")
        self._cloud.state_judgement = None

    def outputs(self) -> AppliedState:
        self._cloud.look("read state")
        if not self._cloud.serial:
            raise ConfigError("E_NO_STATE", "nothing was applied yet", hint="deploy first")
        outputs = fake_outputs(f"arn:task/api:{len(self._cloud.definitions)}")
        return AppliedState(
            outputs=outputs.model_dump(mode="json"),
            lineage=self._cloud.lineage,
            serial=self._cloud.serial,
        )

    def break_lock(self, lock_id: str) -> None:
        self._cloud.do(f"break lock {lock_id}")
        self._cloud.state_lock = None

    def apply(self, saved: SavedPlan, *, say: Callable[[str], None]) -> AppliedState:
        cloud = self._cloud
        cloud.do("apply")
        if not saved.summary.is_empty:
            cloud.applied = saved.variables
            cloud.definitions[f"arn:task/api:{len(cloud.definitions) + 1}"] = saved.variables
        arn = f"arn:task/api:{len(cloud.definitions)}"
        cloud.serial += 1
        cloud.primary = cloud.primary or arn
        outputs = fake_outputs(arn).model_dump(mode="json")
        return AppliedState(outputs=outputs, lineage=cloud.lineage, serial=cloud.serial)


_TASK_DEFINITION = ResourceChange(
    address="module.ecs.aws_ecs_task_definition.this",
    type="aws_ecs_task_definition",
    action="replace",
)


def fake_outputs(arn: str) -> StackOutputs:
    """Return the outputs of a service that runs a task definition."""
    return StackOutputs(
        service="api",
        environment="sandbox",
        cluster_name="sandbox",
        service_name="api-sandbox",
        task_definition_arn=arn,
        container_name="api",
        container_port=8000,
        deployment_strategy="blue_green",
        codedeploy_application_name="api-sandbox",
        codedeploy_deployment_group_name="api-sandbox",
        listener_arn="arn:listener",
        test_listener_arn="arn:listener/test",
        target_group_arns=(BLUE, GREEN),
        url="http://production",
        test_url="http://green",
        log_group_name="/delightful/sandbox/api",
        alarm_names=("api-errors",),
        dashboard_url="https://example.com/dashboard",
    )


class FakeRollout:
    """One CodeDeploy deployment: each look takes it one phase on, until a wait."""

    def __init__(self, release_id: str, before: str | None, arn: str) -> None:
        self.release_id = release_id
        self.before = before
        self.arn = arn
        self.phase: RolloutPhase = "waiting"


class FakeEngine:
    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def begin(self, release_id: str, outputs: StackOutputs) -> str | None:
        for deployment_id, rollout in self._cloud.rollouts.items():
            if rollout.release_id == release_id:
                return deployment_id
        if self._cloud.primary == outputs.task_definition_arn:
            return None
        self._cloud.do("create rollout")
        deployment_id = f"d-{len(self._cloud.rollouts) + 1}"
        self._cloud.rollouts[deployment_id] = FakeRollout(
            release_id, self._cloud.primary, outputs.task_definition_arn
        )
        return deployment_id

    def progress(self, deployment_id: str) -> RolloutProgress:
        rollout = self._cloud.rollouts[deployment_id]
        if rollout.phase == "waiting":
            rollout.phase = self._after_waiting(self._cloud.commit_of(rollout.arn))
        elif rollout.phase == "shifting":
            rollout.phase = "live"
            self._cloud.primary = rollout.arn
        elif rollout.phase == "rolling_back":
            rollout.phase = "rolled_back"
            self._cloud.primary = rollout.before
        return RolloutProgress(
            deployment_id=deployment_id,
            phase=rollout.phase,
            status="InProgress",
            weights={},
            message="tasks never became healthy" if rollout.phase == "failed" else "",
            deadline_seconds=5,
            rollback_deployment_id="d-back" if rollout.phase == "rolled_back" else None,
        )

    def _after_waiting(self, commit: str) -> RolloutPhase:
        if commit in self._cloud.crashing:
            return "waiting"
        return "failed" if commit in self._cloud.unhealthy else "ready"

    def proceed(self, deployment_id: str, past: Literal["ready", "termination"]) -> None:
        self._cloud.do(f"proceed past {past}")
        rollout = self._cloud.rollouts[deployment_id]
        if (past, rollout.phase) == ("ready", "ready"):
            rollout.phase = "shifting"
        elif (past, rollout.phase) == ("termination", "live"):
            rollout.phase = "finished"

    def roll_back(self, deployment_id: str) -> str | None:
        self._cloud.do("stop rollout")
        self._cloud.rollouts[deployment_id].phase = "rolling_back"
        return "d-back"

    def find(self, release_id: str, outputs: StackOutputs) -> str | None:
        rollouts = self._cloud.rollouts.items()
        return next((name for name, one in rollouts if one.release_id == release_id), None)

    def made_for(self, deployment_id: str) -> str | None:
        return self._cloud.rollouts[deployment_id].release_id


class FakeEcs:
    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def observe(self, outputs: StackOutputs) -> LiveService:
        self._cloud.look("look at tasks")
        primary = self._cloud.primary
        sick = self._cloud.commit_of(primary) in self._cloud.unhealthy
        active = [
            name
            for name, rollout in self._cloud.rollouts.items()
            if rollout.phase not in ("finished", "failed", "rolled_back")
        ]
        return LiveService(
            primary_task_definition_arn=primary,
            running_count=0 if sick else 1,
            desired_count=1,
            image_digests=(self._cloud.digest_of(primary),) if primary and not sick else (),
            weights=self._cloud.weights,
            healthy_targets={BLUE: 0 if sick else 1},
            alarms_firing=self._cloud.alarms,
            active_deployment_id=active[0] if active else None,
        )

    def crash_loop(
        self, outputs: StackOutputs, task_definition_arn: str, since: datetime | None
    ) -> str | None:
        self._cloud.crashes_counted_since = since
        crashes = self._cloud.commit_of(task_definition_arn) in self._cloud.crashing
        return "3 tasks ended by themselves" if crashes else None

    def image_digest(self, task_definition_arn: str, container: str) -> str:
        return self._cloud.digest_of(task_definition_arn)

    def environment_of(self, task_definition_arn: str, container: str) -> dict[str, str]:
        definition = self._cloud.definitions.get(task_definition_arn, {})
        return cast(dict[str, str], definition.get("environment_variables", {}))

    def content_sha256(self, task_definition_arn: str) -> str:
        return sha256_of(self._cloud.definitions[task_definition_arn])

    def explain(self, outputs: StackOutputs, task_definition_arn: str, phase: str) -> Failure:
        return Failure(
            phase=phase,
            reason="seen from outside",
            stopped_reason="Essential container in task exited",
            exit_code=1,
            log_tail=("it broke",),
        )


class FakeRegistry:
    """The images of the cloud, of which one was pushed under each tag."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def find(self, tag: str) -> Image | None:
        found = self._cloud.images.get(tag)
        return found and found.model_copy(update={"adopted": True})

    def push(self, built: BuiltImage, tag: str) -> Image:
        self._cloud.do("push")
        self._cloud.images[tag] = Image(
            repository_url="registry/api", tag=tag, digest=built.digest, packaging="files"
        )
        return self._cloud.images[tag]

    def scan_report(self, digest: str) -> tuple[ScanReport, bool]:
        return self._cloud.registry_report, False

    def images(self) -> tuple[StoredImage, ...]:
        self._cloud.look("look at images")
        return self._cloud.stored_images()

    def remove(self, images: Sequence[StoredImage]) -> None:
        for image in images:
            self._cloud.do(f"remove {image.tags[0]}")
            for tag in image.tags:
                del self._cloud.images[tag]


class FakeTaskDefinitions:
    """The revisions that applies have registered; `is_there` follows whether anything serves."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def revisions(self) -> tuple[Revision, ...]:
        return tuple(Revision(arn=arn, status="ACTIVE") for arn in self._cloud.definitions)

    def use(self) -> ServiceUse:
        self._cloud.look("look at service")
        primary = self._cloud.primary
        return ServiceUse(
            is_there=primary is not None, task_definition_arns=(primary,) if primary else ()
        )

    def remove(self, revisions: Sequence[Revision]) -> None:
        for revision in revisions:
            self._cloud.do(f"remove {revision.arn}")
            del self._cloud.definitions[revision.arn]


@dataclass
class FakeTask:
    """A release command: it ends at the third look, as `command_ends` says; None never ran."""

    command: tuple[str, ...]
    looks: int = 0


class FakeCommand:
    timeout_seconds = 5

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def begin(self, release_id: str, outputs: StackOutputs, command: Sequence[str]) -> str:
        if release_id not in self._cloud.commands:
            self._cloud.do("run command")
            self._cloud.commands[release_id] = FakeTask(tuple(command))
        return release_id

    def progress(self, outputs: StackOutputs, task_arn: str) -> CommandProgress:
        task = self._cloud.commands.get(task_arn)
        if task is None:
            return CommandProgress(status="LOST")
        self._cloud.look("look at command")
        task.looks += 1
        if task.looks < 3:
            return CommandProgress(status="RUNNING")
        code = self._cloud.command_ends
        reason = "CannotPullContainerError" if code is None else "Essential container exited"
        return CommandProgress(
            status="STOPPED", exit_code=code, stopped_reason=reason, log_tail=("migrating",)
        )

    def stop(self, outputs: StackOutputs, task_arn: str, reason: str) -> None:
        self._cloud.do("stop command")
        self._cloud.commands[task_arn].looks = 3


class FakePreflight:
    """An account in which nothing is missing; looks may be refused, under `look at …`."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def missing_secrets(self, arns: Sequence[str]) -> tuple[str, ...]:
        return ()

    def untrusted_roles(self, outputs: StackOutputs) -> tuple[str, ...]:
        for refusal in self._cloud.failures.get("look at roles", ()):
            raise refusal
        return ()

    def registered_port(self, outputs: StackOutputs) -> int:
        return outputs.container_port

    def has_log_group(self, name: str) -> bool:
        return True

    def capacity(self, outputs: StackOutputs) -> Capacity:
        return Capacity(desired_count=1, task_vcpu=0.25, free_addresses=250, vcpu_quota=6)


class FakeProbe:
    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud

    def request(self, url: str, smoke: SmokeTest) -> SmokeResponse:
        arn = self._cloud.primary
        if url == "http://green":
            arn = next((r.arn for r in self._cloud.rollouts.values() if r.phase == "ready"), arn)
        commit = self._cloud.commit_of(arn)
        wrong = commit in self._cloud.wrong
        return SmokeResponse(
            url=url + smoke.path,
            status=500 if wrong else 200,
            commit_header=commit,
            body_excerpt="it broke" if wrong else "hello",
            elapsed_seconds=0.01,
        )


def broken(what: str) -> ExternalError:
    """Return an error of an outside service."""
    return ExternalError(
        "E_TERRAFORM", what, hint="try", service="terraform", operation="apply", cause="told to"
    )


def unreadable() -> ConfigError:
    """Return an error of the service's own files."""
    return ConfigError("E_BUILD", "Dockerfile:3: no such command", hint="mend the Dockerfile")
