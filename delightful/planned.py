"""What a Terraform plan does, as it is kept and shown: names, and values only where allowed."""

import hashlib
from typing import Literal

from delightful.frozen import Frozen

Action = Literal["create", "update", "delete", "replace"]
DangerKind = Literal["data", "engine", "network", "permissions", "safeguard", "traffic", "unknown"]


class AttributeChange(Frozen):
    """One attribute that changes.

    Both values are None unless the attribute is one of `plan_attributes.SHOWN`: its name alone
    tells that it changes.
    """

    name: str
    before: str | None = None
    after: str | None = None


class ResourceChange(Frozen):
    """One resource that a plan touches; `forced_by` names what makes Terraform replace it."""

    address: str
    type: str
    action: Action
    attributes: tuple[AttributeChange, ...] = ()
    forced_by: tuple[str, ...] = ()


class Danger(Frozen):
    """One thing in a plan that cannot be taken back, or that opens something."""

    kind: DangerKind
    address: str
    what: str


class CostChange(Frozen):
    """What a stack costs in a month, in US dollars, before and after.

    A side is None where the price of something on it is not known; `unknown` names that.
    """

    before_usd: float | None
    after_usd: float | None
    unknown: tuple[str, ...] = ()
    prices_as_of: str

    @property
    def difference_usd(self) -> float | None:
        """Return what the plan adds to a month's bill, or None where it cannot be known."""
        if self.before_usd is None or self.after_usd is None:
            return None
        return round(self.after_usd - self.before_usd, 2)


class PlanSummary(Frozen):
    """What a plan does, by resource and action.

    `content_sha256` is over everything that the plan changes, values among it: two plans with the
    same one do the same. None in records from before it was kept, and where nothing changes.
    """

    changes: tuple[ResourceChange, ...] = ()
    dangers: tuple[Danger, ...] = ()
    cost: CostChange | None = None
    content_sha256: str | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether applying the plan changes nothing."""
        return not self.changes

    @property
    def sha256(self) -> str:
        """Return the digest by which a person's answer names exactly this plan."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
