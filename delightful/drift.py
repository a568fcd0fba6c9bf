"""What a plan with the good release's inputs says of drift: whose change it is, and whose not.

What `infrastructure/` ignores, Terraform plans nothing for: the rollout engine and the autoscaler
change it all the time. Of that only what neither of them owns is looked at here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from delightful.agreement import Finding, Standing, disagreements, exit_code, is_in_order
from delightful.errors import DelightfulError, ExitCode
from delightful.plan import resource_change
from delightful.planned import AttributeChange, ResourceChange
from delightful.reading.plan import PlanDocument, PlannedResource
from delightful.render.findings import findings_summary
from delightful.unmanaged import unmanaged

INFRASTRUCTURE = "infrastructure"
_PUT_BACK = "deploy the good commit again, which applies what Terraform has; or write it there"
_BY_HAND = "take it away where it was made, or write it into infrastructure/"
_NAMED = 6

# What infrastructure/ ignores of an ECS service, less what the engine itself sets there: CodeDeploy
# all of it, ECS's own rolling update the task definition; the count is the autoscaler's in both.
_IGNORED_AND_NOBODYS: Final[Mapping[str, tuple[str, ...]]] = {
    "CODE_DEPLOY": (),
    "ECS": ("load_balancer", "network_configuration"),
}


class Drifted(DelightfulError):
    """Not everything is as the good release left it, or not everything could be looked at."""

    def __init__(self, code: str, message: str, *, hint: str, findings: Sequence[Finding]) -> None:
        super().__init__(code, message, hint=hint)
        self.findings = tuple(findings)
        self.exit_code = exit_code(findings)


def refuse_drift(where: str, findings: Sequence[Finding]) -> None:
    """Raise Drifted, E_DRIFT or E_UNSEEN, unless all is in order."""
    if is_in_order(findings):
        return
    has_drifted = exit_code(findings) == ExitCode.FAILED
    steps = dict.fromkeys(one.next_step for one in disagreements(findings) if one.next_step)
    raise Drifted(
        "E_DRIFT" if has_drifted else "E_UNSEEN",
        f"{where}: {findings_summary(findings)}",
        hint="; ".join([*steps][:2]) or "look again",
        findings=findings,
    )


def infrastructure_findings(plan: PlanDocument) -> tuple[Finding, ...]:
    """Return what drifted, one finding a resource; a single one where nothing did."""
    found = (*_planned(plan), *_ignored(plan), *_added(plan))
    if found:
        return found
    count = len(plan.managed)
    if not count:
        told = "the plan knows no resource, so nothing was compared"
        return (Finding(subject=INFRASTRUCTURE, standing=Standing.UNKNOWN, detail=told),)
    told = f"{count} resources are as Terraform has them"
    return (Finding(subject=INFRASTRUCTURE, standing=Standing.AGREES, detail=told),)


def _planned(plan: PlanDocument) -> Iterator[Finding]:
    outside = {one.address: one for one in plan.drifted}
    for resource in plan.changed:
        change = resource_change(resource)
        yield _drifted(change.address, _told(change, outside.get(resource.address)), _PUT_BACK)


def _told(change: ResourceChange, outside: PlannedResource | None) -> str:
    if outside is None:
        what = _names(change)
        return f"infrastructure/ or its inputs say otherwise by now: to {change.action}{what}"
    if outside.action == "delete":
        return "deleted outside of Terraform"
    values = ", ".join(_attribute(one) for one in change.attributes[:_NAMED])
    return f"changed outside of Terraform: {values or change.action}"


def _attribute(attribute: AttributeChange) -> str:
    if attribute.before is None and attribute.after is None:
        return attribute.name
    return f"{attribute.name} is {attribute.before}, Terraform has {attribute.after}"


def _names(change: ResourceChange) -> str:
    names = ", ".join(one.name for one in change.attributes[:_NAMED])
    return f" ({names})" if names else ""


def _ignored(plan: PlanDocument) -> Iterator[Finding]:
    for resource in plan.drifted:
        if resource.type == "aws_ecs_service" and resource.action == "update":
            watched = _IGNORED_AND_NOBODYS.get(_controller(resource), ())
            changed = [name for name in watched if resource.change.differs(name)]
            if changed:
                told = f"changed outside of Terraform: {', '.join(changed)}"
                yield _drifted(resource.address, told, _BY_HAND)


def _controller(resource: PlannedResource) -> str:
    blocks = resource.change.new.get("deployment_controller")
    first = blocks[0] if isinstance(blocks, list) and blocks else {}
    return str(first.get("type", "ECS")) if isinstance(first, dict) else "ECS"


def _added(plan: PlanDocument) -> Iterator[Finding]:
    for address, what in unmanaged(plan):
        yield _drifted(address, f"has what no resource of the stack says: {what}", _BY_HAND)


def _drifted(subject: str, detail: str, next_step: str) -> Finding:
    return Finding(subject=subject, standing=Standing.DRIFTED, detail=detail, next_step=next_step)
