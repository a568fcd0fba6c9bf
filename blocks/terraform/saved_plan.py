"""A plan that was saved to be applied, and what applying it left."""

from pathlib import Path

from pydantic import JsonValue

from delightful.frozen import Frozen
from delightful.planned import PlanSummary


class SavedPlan(Frozen):
    """A plan on disk, with the inputs it was made from.

    `has_changes` counts changed outputs too, which `summary` does not list.
    """

    path: Path
    variables: dict[str, JsonValue]
    summary: PlanSummary
    has_changes: bool


class AppliedState(Frozen):
    """The state after an apply: outputs that are not sensitive, lineage and serial.

    `content_sha256` is of resources and outputs alone: Terraform gives a state that is moved to
    another backend a new lineage. None where it is not known.
    """

    outputs: dict[str, JsonValue]
    lineage: str
    serial: int
    content_sha256: str | None = None
