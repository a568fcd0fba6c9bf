"""A plan that was saved to be applied, and what applying it left."""

from pathlib import Path

from pydantic import JsonValue

from delightful.frozen import Frozen
from delightful.release import PlanSummary


class SavedPlan(Frozen):
    """A plan on disk, with the inputs it was made from.

    `has_changes` counts changed outputs too, which `summary` does not list.
    """

    path: Path
    variables: dict[str, JsonValue]
    summary: PlanSummary
    has_changes: bool


class AppliedState(Frozen):
    """The state after an apply: outputs that are not sensitive, lineage and serial."""

    outputs: dict[str, JsonValue]
    lineage: str
    serial: int
