"""`delightful approve`: says yes or no to a plan that waits, as who one is."""

import sys
from typing import TYPE_CHECKING

import click

from cli.options import json_option
from cli.terminal import Terminal, print_json, print_text

if TYPE_CHECKING:
    from delightful.approval import Decision, PlanReview


@click.command(name="approve")
@click.argument("release_id")
@click.option("--reject", is_flag=True, help="Say no: the attempt ends, nothing is applied.")
@click.option("--reason", help="Why; it is kept with the release.")
@click.option("--plan", help="The plan that was read, by 12 digits at least; asks nothing then.")
@click.option("--profile", help="AWS profile of whoever answers; default: as AWS tools find it.")
@json_option
def command(
    release_id: str,
    reject: bool,
    reason: str | None,
    plan: str | None,
    profile: str | None,
    as_json: bool,
) -> int:
    """Approve the plan for which the release RELEASE_ID waits, or reject it.

    The answer is signed with your own AWS identity and counts for exactly the plan that is shown.
    Nobody approves what he runs himself.
    """
    from cli.connection import connect
    from delightful.names import environment_of, service_of

    environment = environment_of(release_id)
    connect(environment, Terminal(quiet=as_json))
    from flows.environment import delivery_environment
    from flows.plans.answering import answer_plan, waiting_review

    delivery = delivery_environment(environment)
    person = delivery.model_copy(update={"roles_arn": None})
    review = waiting_review(person.ledger(service_of(release_id)).get(release_id))
    decision: Decision = "rejected" if reject else "approved"
    answer = answer_plan(
        delivery,
        release_id,
        decision,
        plan=plan or _read_plan(review, decision),
        reason=reason,
        profile=profile,
    )
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        print_text(f"{release_id}: plan {decision} as {answer.by}")
    return 0


def _read_plan(review: "PlanReview", decision: str) -> str:
    """Show the plan and return its digest where somebody says yes. Raises Refused E_CONFIRM."""
    from delightful.errors import Refused
    from delightful.render import plan_text
    from delightful.render.approval import plan_name

    click.echo(plan_text(review.summary), err=True)
    name = plan_name(review.plan_sha256)
    question = f"Is plan {name} to be {decision}?"
    if _is_at_terminal() and click.confirm(question, err=True):
        return review.plan_sha256
    raise Refused(
        "E_CONFIRM",
        f"plan {name} was not answered: nobody said yes",
        hint=f"read it above, then name it: --plan {name}",
    )


def _is_at_terminal() -> bool:
    return sys.stdin.isatty()
