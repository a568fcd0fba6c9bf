"""Terraform's own words about a saved plan, read into what may be kept and shown of it."""

from analyzer.sizing.plan_cost import cost_change
from blocks.child_process import ChildCommand, run_child
from delightful.agreement import Finding
from delightful.drift import infrastructure_findings
from delightful.plan import plan_summary
from delightful.planned import PlanSummary
from delightful.reading.plan import PlanDocument, read_plan, unreadable_plan


def read_saved_plan(show: ChildCommand) -> PlanDocument:
    """Run `terraform show -json` and read what it prints, which is never logged: it has values.

    Raises:
        ExternalError: E_PLAN_FORMAT, the plan is incomplete or not in a shape we know.
    """
    pieces: list[str] = []
    status = run_child(show, pieces.append)
    if status != 0:
        raise unreadable_plan(status)
    return read_plan("".join(pieces))


def read_drift(show: ChildCommand) -> tuple[Finding, ...]:
    """Run `terraform show -json` and say what is not as Terraform has it. Raises as above."""
    return infrastructure_findings(read_saved_plan(show))


def judged_plan(plan: PlanDocument, region: str) -> PlanSummary:
    """Return what may be kept and shown of a plan, with what it costs."""
    return plan_summary(plan, cost_change(plan, region))
