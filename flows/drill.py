"""drill: rehearse a rollback where it hurts nobody, measure it, and leave everything as it was."""

from datetime import UTC, datetime

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from delightful.drill import (
    BACK,
    FORWARD,
    Drill,
    DrillPlan,
    Half,
    drill_plan,
    half,
    is_frozen_by,
    refuse_otherwise,
    refuse_production,
)
from delightful.errors import DelightfulError
from delightful.release import Release
from delightful.render.drill import drill_card, drill_line
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import prefect_is_optional
from flows.rollback import rollback
from flows.runs.outcome import leaving_outcome
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell

_HISTORY_LIMIT = 200
# A retry plans anew, and its first rollback may be the other half: no result of a half is served.
_rollback = rollback.with_options(persist_result=False)


@flow(
    name="drill",
    flow_run_name="drill {service} → {environment}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
@leaving_outcome
def drill(service: str, environment: str, in_production: bool = False) -> Drill:
    """Take back the previous release, measure, go forward again, and leave all as it was.

    A run that was cut off is gone on with by the next one. Where the way back fails, what was good
    serves, as after every rollback that fails; where the way forward fails, deploys stay frozen.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.
        in_production: Do it where plans wait for a person too; the traffic moves twice.

    Raises:
        Refused: E_PRODUCTION, E_IN_PROGRESS.
        RollbackFailed: one of the two halves did not arrive.
    """
    refuse_careful(environment, in_production)
    started_at = datetime.now(UTC)
    plan = plan_drill(service, environment)
    back = go_back(plan.back) if plan.back else None
    forward = rehearse(plan.forward, FORWARD)
    thaw_own(service, environment)
    look_at_what_is_left(plan)
    done = Drill(
        service=service,
        environment=environment,
        started_at=started_at,
        back=back,
        forward=forward,
    )
    publish_drill(done)
    return done


def go_back(target: Release) -> Half:
    """Take the earlier release back; where that fails, what was good serves and the drill ends."""
    try:
        return rehearse(target, BACK)
    except DelightfulError:
        thaw_own(target.service, target.environment)
        raise


def rehearse(target: Release, reason: str) -> Half:
    """Take one release back, and measure it."""
    asked_at = datetime.now(UTC)
    done = _rollback(
        service=target.service,
        environment=target.environment,
        release=target.release_id,
        reason=reason,
    )
    return half(done, asked_at)


@effect("refuse production")
def refuse_careful(environment: str, in_production: bool) -> None:
    """Refuse to move the traffic of an environment in which a person is asked first."""
    delivery = delivery_environment(environment)
    careful = delivery.asks_for_approval
    refuse_production(environment, asks_for_approval=careful, asked=in_production)


@effect("plan drill")
def plan_drill(service: str, environment: str) -> DrillPlan:
    """Return which releases are taken back, in order."""
    ledger = delivery_environment(environment).ledger(service)
    head = ledger.head(service, environment)
    return drill_plan(ledger.history(service, environment, _HISTORY_LIMIT), head)


@effect("thaw what the drill froze")
def thaw_own(service: str, environment: str) -> None:
    """End the freeze that the drill's own rollbacks began; anybody else's stays."""
    ledger = delivery_environment(environment).ledger(service)
    head = ledger.head(service, environment)
    if is_frozen_by(head, ledger.history(service, environment, _HISTORY_LIMIT)):
        ledger.thaw(service, environment, "the drill is over", "delightful drill")
        tell(f"{service} in {environment} is thawed: the drill is over")


@effect("look at what is left")
def look_at_what_is_left(plan: DrillPlan) -> None:
    """Refuse to end well unless the commit that was good is good, and nothing is open."""
    service, environment = plan.forward.service, plan.forward.environment
    ledger = delivery_environment(environment).ledger(service)
    head = ledger.head(service, environment)
    refuse_otherwise(head, ledger.get(head.good) if head.good else None, plan.forward)


@effect("publish drill")
def publish_drill(done: Drill) -> None:
    """Write what it took into an artifact, and aloud."""
    tell(drill_line(done))
    with prefect_is_optional("drill artifact"):
        create_markdown_artifact(
            drill_card(done),
            key=f"drill-{done.service}-{done.environment}",
            description=drill_line(done),
        )
