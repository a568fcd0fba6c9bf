"""The release: one record that joins commit, image, plan, task definition, rollout and verdict."""

from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import AwareDatetime, JsonValue

from delightful.approval import PlanReview
from delightful.composition.model import Attestations, Composition, Scan
from delightful.frozen import Frozen
from delightful.manifest import Manifest
from delightful.planned import PlanSummary
from delightful.recommendation import Answer, Migration, MigrationRisk, WrittenVariables


class ReleaseState(StrEnum):
    """Where an attempt stands; the seven below the line are ends."""

    PENDING = "PENDING"
    BUILT = "BUILT"
    APPLIED = "APPLIED"
    LIVE = "LIVE"
    GOOD = "GOOD"
    FAILED = "FAILED"
    ROLLED_BACK = "ROLLED_BACK"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"
    SUPERSEDED = "SUPERSEDED"
    ABORTED = "ABORTED"


TERMINAL_STATES = frozenset(
    {
        ReleaseState.GOOD,
        ReleaseState.FAILED,
        ReleaseState.ROLLED_BACK,
        ReleaseState.ROLLBACK_FAILED,
        ReleaseState.SUPERSEDED,
        ReleaseState.ABORTED,
    }
)

_ENDS_WITHOUT_TRAFFIC = {ReleaseState.FAILED, ReleaseState.SUPERSEDED, ReleaseState.ABORTED}
_ENDS_AFTER_APPLY = {
    ReleaseState.FAILED,
    ReleaseState.ROLLED_BACK,
    ReleaseState.ROLLBACK_FAILED,
    ReleaseState.ABORTED,
}

TRANSITIONS: dict[ReleaseState, frozenset[ReleaseState]] = {
    ReleaseState.PENDING: frozenset({ReleaseState.BUILT} | _ENDS_WITHOUT_TRAFFIC),
    ReleaseState.BUILT: frozenset(
        {ReleaseState.APPLIED, ReleaseState.ROLLED_BACK, ReleaseState.ROLLBACK_FAILED}
        | _ENDS_WITHOUT_TRAFFIC
    ),
    ReleaseState.APPLIED: frozenset({ReleaseState.LIVE} | _ENDS_AFTER_APPLY),
    ReleaseState.LIVE: frozenset({ReleaseState.GOOD} | _ENDS_AFTER_APPLY),
    **{state: frozenset() for state in TERMINAL_STATES},
}


class AttemptKind(StrEnum):
    """Why an attempt was opened."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    ADOPTION = "adoption"


class Owner(Frozen):
    """Who holds an attempt, written so that it can be proven dead.

    Either `ecs_task_arn` is set, or host, boot id, pid and the process's start time (clock ticks
    since boot) together name one process for good.
    """

    flow_run_id: str | None = None
    ecs_task_arn: str | None = None
    host: str
    boot_id: str
    pid: int
    process_started_ticks: int


class Takeover(Frozen):
    """An owner that was gone, and when another one went on with its attempt."""

    owner: Owner
    at: AwareDatetime


class Image(Frozen):
    """The image of a release, by the digest that the registry gave back.

    `attestations` is None for one that was built before they were written.
    """

    repository_url: str
    tag: str
    digest: str
    packaging: Literal["container", "files"]
    adopted: bool = False
    attestations: Attestations | None = None
    scan: Scan | None = None

    @property
    def reference(self) -> str:
        """Return `repository:tag@digest`, what a task definition runs."""
        return f"{self.repository_url}:{self.tag}@{self.digest}"


class StackOutputs(Frozen):
    """The outputs of `infrastructure/service`, under the names Terraform gives them.

    Terraform keeps no output without a value: what rolling lacks is absent there and None here.
    """

    service: str
    environment: str
    cluster_name: str
    service_name: str
    task_definition_arn: str
    container_name: str
    container_port: int
    deployment_strategy: Literal["blue_green", "rolling"]
    codedeploy_application_name: str | None = None
    codedeploy_deployment_group_name: str | None = None
    listener_arn: str
    test_listener_arn: str | None = None
    target_group_arns: tuple[str, ...]
    url: str
    test_url: str | None = None
    log_group_name: str
    alarm_names: tuple[str, ...]
    dashboard_url: str


class AppliedStack(Frozen):
    """What `terraform apply` left: inputs, plan, state version and outputs.

    `variables` are the complete inputs, in the order of precedence already merged, so that a
    rollback can apply exactly them again; `variables_sha256` is over their canonical JSON.
    """

    variables: dict[str, JsonValue]
    variables_sha256: str
    plan: PlanSummary
    state_lineage: str
    state_serial: int
    outputs: StackOutputs


class Failure(Frozen):
    """Why it failed, collected before anything was rolled back."""

    phase: str
    reason: str
    response: str | None = None
    stopped_reason: str | None = None
    exit_code: int | None = None
    log_tail: tuple[str, ...] = ()


class CommandRun(Frozen):
    """The release command of an attempt, run once as a task of its own.

    `exit_code` is None until it has ended, and stays None where it never ran.
    """

    task_arn: str
    exit_code: int | None = None
    ended_at: AwareDatetime | None = None


class Rollout(Frozen):
    """How traffic was moved. *Live* (all traffic on the new tasks) is not yet *finished*.

    `deployment_id` is None where nothing had to move (the first release of a service, or the
    same task definition again).
    """

    engine: Literal["codedeploy", "rolling"]
    deployment_id: str | None
    task_definition_arn: str
    live_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    rollback_deployment_id: str | None = None
    failure: Failure | None = None


class Check(Frozen):
    """One thing that was looked at. `ok` is None where it could not be looked at."""

    name: str
    ok: bool | None
    detail: str


class Verdict(Frozen):
    """What was seen of the live service; good only if every check looked and passed."""

    checks: tuple[Check, ...]
    failure: Failure | None = None

    @property
    def is_good(self) -> bool:
        """Say whether something was checked and all of it held."""
        return bool(self.checks) and all(check.ok is True for check in self.checks)


class SchemaChange(Frozen):
    """What a release's migrations do to the release that was good before it.

    `since` is the commit that they were compared with: None where nothing was good before, or git
    does not know it. `judgement` is the worst risk of all that changed since, None where none did
    or nothing was compared; `changed` are the worst of them. `tool` and `heads`, the newest of each
    folder of migrations, say to which schema the release belongs.
    """

    tool: str | None = None
    heads: tuple[str, ...] = ()
    since: str | None = None
    judgement: MigrationRisk | None = None
    changed_count: int = 0
    changed: tuple[Migration, ...] = ()


class Transition(Frozen):
    """One step of an attempt."""

    state: ReleaseState
    at: AwareDatetime


class Release(Frozen):
    """One attempt to bring a commit to live traffic, grown step by step.

    `history` is the commit's recent first-parent history, newest first, the commit itself first;
    `sequence` is the fencing token under which the attempt was opened; `restores` names the
    release that a rollback takes back, `across_migrations` why it was allowed to cross migrations
    that destroy; `manifest` is what the service said of itself at that
    commit, so that a rollback can ask of the old release what it was asked when it was new;
    `recommended` is the version of the analyzer's variables that went into its inputs;
    `migrations` is None in a rollback, which migrates nothing; `review` is the plan that a person
    was asked about, with the answer.
    """

    schema_version: Literal[1] = 1
    release_id: str
    service: str
    environment: str
    commit: str
    kind: AttemptKind
    sequence: int
    state: ReleaseState
    history: tuple[str, ...]
    reason: str | None = None
    restores: str | None = None
    across_migrations: str | None = None
    owner: Owner | None = None
    taken_over: tuple[Takeover, ...] = ()
    manifest: Manifest | None = None
    answers: tuple[Answer, ...] = ()
    recommended: WrittenVariables | None = None
    migrations: SchemaChange | None = None
    image: Image | None = None
    review: PlanReview | None = None
    composition: Composition | None = None
    attestation: Check | None = None
    stack: AppliedStack | None = None
    release_command: CommandRun | None = None
    rollout: Rollout | None = None
    verdict: Verdict | None = None
    failure: Failure | None = None
    transitions: tuple[Transition, ...]

    @property
    def is_terminal(self) -> bool:
        """Say whether the attempt has ended."""
        return self.state in TERMINAL_STATES

    @property
    def is_waiting(self) -> bool:
        """Say whether a person is asked about its plan and has not answered."""
        return not self.is_terminal and self.review is not None and self.review.answer is None

    def with_parts(self, **parts: Any) -> Self:
        """Return the record with parts added and the state as it was."""
        return self.model_copy(update=parts)

    def moved_to(self, state: ReleaseState, at: AwareDatetime, **parts: Any) -> Self:
        """Return the record in its next state, with the parts that were learned on the way.

        Raises:
            ValueError: the step is not in TRANSITIONS.
        """
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"release {self.release_id} cannot go from {self.state} to {state}")
        step = Transition(state=state, at=at)
        return self.model_copy(
            update={"state": state, "transitions": (*self.transitions, step), **parts}
        )


class Head(Frozen):
    """The one head item per service and environment: what is good, and who may change it.

    `in_progress` is the release id of the open attempt (the deploy mutex), `sequence` the
    fencing token that grows with every attempt opened. While `frozen_reason` is set, only the way
    back is open; `thawed_reason` and `thawed_by` say who last ended a freeze, and why.
    """

    service: str
    environment: str
    sequence: int = 0
    good: str | None = None
    in_progress: str | None = None
    frozen_reason: str | None = None
    frozen_by: str | None = None
    thawed_reason: str | None = None
    thawed_by: str | None = None
