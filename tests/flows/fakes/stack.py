"""A stack that Terraform would keep, in memory."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from blocks.terraform.saved_plan import AppliedState, SavedPlan
from delightful.agreement import Finding, Standing
from delightful.errors import ConfigError
from delightful.locks import StateLock
from delightful.planned import PlanSummary, ResourceChange
from delightful.release import AppliedStack
from delightful.state_health import StateJudgement
from tests.flows.fakes.samples import fake_outputs

if TYPE_CHECKING:
    from tests.flows.fakes.cloud import FakeCloud


class FakeStack:
    state_key = "services/sandbox/api/terraform.tfstate"

    def __init__(self, cloud: "FakeCloud") -> None:
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
