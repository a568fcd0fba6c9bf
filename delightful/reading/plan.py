"""Read what `terraform show -json` says of a saved plan; values stay in here and in decisions."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from delightful.errors import ExternalError
from delightful.planned import Action
from delightful.text import escaped

_ACTIONS: Final[dict[tuple[str, ...], Action | None]] = {
    ("no-op",): None,
    ("read",): None,
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    # Terraform lets go of the object: for whoever reads the plan it is gone.
    ("forget",): "delete",
    ("create", "forget"): "replace",
}


class _Read(BaseModel):
    """Terraform may add fields within a major version of the format; those are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PlannedChange(_Read):
    """Before and after of one resource; an attribute that is not known yet is not in `after`."""

    actions: tuple[str, ...]
    before: dict[str, JsonValue] | None = None
    after: dict[str, JsonValue] | None = None
    after_unknown: JsonValue = None
    before_sensitive: JsonValue = None
    after_sensitive: JsonValue = None
    replace_paths: tuple[tuple[str | int, ...], ...] = ()

    @property
    def old(self) -> dict[str, JsonValue]:
        """Return the attributes as they are, none where there is no resource yet."""
        return self.before or {}

    @property
    def new(self) -> dict[str, JsonValue]:
        """Return the attributes as they will be, as far as they are known."""
        return self.after or {}

    def is_unknown(self, attribute: str) -> bool:
        """Say whether the attribute, or a part of it, is known only after the apply."""
        return _is_marked(self.after_unknown, attribute)

    def is_sensitive(self, attribute: str) -> bool:
        """Say whether Terraform calls the attribute, or a part of it, sensitive."""
        marks = (self.before_sensitive, self.after_sensitive)
        return any(_is_marked(mark, attribute) for mark in marks)

    def differs(self, attribute: str) -> bool:
        """Say whether the attribute changes, or may."""
        changes = self.old.get(attribute) != self.new.get(attribute)
        return changes or self.is_unknown(attribute)


class PlannedResource(_Read):
    """One resource of the plan, whether anything becomes of it or not."""

    address: str
    type: str
    mode: str = "managed"
    module_address: str = ""
    deposed: str | None = None
    change: PlannedChange

    @property
    def action(self) -> Action | None:
        """Return what becomes of it, None where nothing does."""
        return _ACTIONS[self.change.actions]


class PlanDocument(_Read):
    """A whole plan."""

    format_version: str
    complete: bool
    errored: bool
    resource_changes: tuple[PlannedResource, ...] = Field(default=())
    resource_drift: tuple[PlannedResource, ...] = Field(default=())

    @property
    def managed(self) -> tuple[PlannedResource, ...]:
        """Return every resource that Terraform answers for, whether anything becomes of it or not.

        `change.old` is what it is now, as it was read for this plan.
        """
        return tuple(one for one in self.resource_changes if one.mode == "managed")

    @property
    def drifted(self) -> tuple[PlannedResource, ...]:
        """Return what is no more as the last apply left it; `change.new` is what it is now."""
        return tuple(one for one in self.resource_drift if one.mode == "managed" and one.action)

    @property
    def changed(self) -> tuple[PlannedResource, ...]:
        """Return what becomes something else, in address order."""
        touched = (one for one in self.managed if one.action)
        return tuple(sorted(touched, key=lambda one: (one.address, one.deposed or "")))


def read_plan(data: bytes | str) -> PlanDocument:
    """Return the plan.

    Raises:
        ExternalError: E_PLAN_FORMAT, it is incomplete or not in a shape we know.
    """
    try:
        plan = PlanDocument.model_validate_json(data)
    except ValidationError as error:
        raise _format_error(_first_place(error)) from error
    if plan.errored or not plan.complete:
        raise _format_error("the plan did not complete")
    if not plan.format_version.startswith("1."):
        raise _format_error(f"format version {escaped(plan.format_version)}")
    seen = (*plan.resource_changes, *plan.resource_drift)
    unknown = {one.change.actions for one in seen} - _ACTIONS.keys()
    if unknown:
        raise _format_error(f"a change has no known action {escaped(str(sorted(unknown)[0]))}")
    return plan


def unreadable_plan(status: int) -> ExternalError:
    """Return the error for a plan that Terraform does not read back."""
    return _format_error(f"it cannot be read back (exit status {status})")


def _is_marked(marks: JsonValue, attribute: str) -> bool:
    return marks is True or (isinstance(marks, dict) and _holds_true(marks.get(attribute)))


def _holds_true(marks: Any) -> bool:
    if isinstance(marks, dict):
        return any(_holds_true(mark) for mark in marks.values())
    if isinstance(marks, list):
        return any(_holds_true(mark) for mark in marks)
    return marks is True


def _first_place(error: ValidationError) -> str:
    # Never the input: it may be a secret.
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return escaped(f"{place or 'the document'}: {first['type']}")


def _format_error(cause: str) -> ExternalError:
    return ExternalError(
        "E_PLAN_FORMAT",
        "the plan cannot be judged",
        hint="plan again; if it stays, compare the Terraform version with .terraform-version",
        service="terraform",
        operation="show -json",
        cause=cause,
    )
