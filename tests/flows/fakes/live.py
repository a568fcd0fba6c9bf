"""What looks at a service that runs: ECS, its task definitions, a probe, the preflight."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from delightful.live import LiveService, SmokeResponse
from delightful.manifest import SmokeTest
from delightful.preflight import Capacity
from delightful.release import Failure, StackOutputs
from delightful.retention import Revision, ServiceUse
from delightful.variables import sha256_of
from tests.flows.fakes.samples import BLUE

if TYPE_CHECKING:
    from tests.flows.fakes.cloud import FakeCloud


class FakeEcs:
    def __init__(self, cloud: "FakeCloud") -> None:
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


class FakeTaskDefinitions:
    """The revisions that applies have registered; `is_there` follows whether anything serves."""

    def __init__(self, cloud: "FakeCloud") -> None:
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


class FakePreflight:
    """An account in which nothing is missing; looks may be refused, under `look at …`."""

    def __init__(self, cloud: "FakeCloud") -> None:
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
    def __init__(self, cloud: "FakeCloud") -> None:
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
