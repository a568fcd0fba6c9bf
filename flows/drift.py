"""drift: is what is there still what the good release left? Read, compared, and said aloud."""

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from pydantic import JsonValue

from delightful.agreement import Finding, Standing, unseen
from delightful.drift import INFRASTRUCTURE, refuse_drift
from delightful.errors import DelightfulError, Refused
from delightful.release import Head, Release
from delightful.render.findings import finding_line, findings_card, findings_summary
from flows.attempts.stores import inputs_of
from flows.effects import effect
from flows.environment import delivery_environment
from flows.publishing import prefect_is_optional
from flows.recovery.agreement import kept_release, look_at_agreement
from flows.runs.outcome import leaving_outcome
from flows.runs.persistence import RESULT_SERIALIZER
from flows.runs.telling import tell, warn


@flow(
    name="drift",
    flow_run_name="drift {service} → {environment}",
    persist_result=False,
    result_serializer=RESULT_SERIALIZER,
)
@leaving_outcome
def drift(service: str, environment: str) -> list[Finding]:
    """Compare Terraform's and the live system with the good release; nothing is held or changed.

    Args:
        service: Name of the service, as in its manifest.
        environment: Name of the environment's block.

    Raises:
        Drifted: E_DRIFT, something has drifted; E_UNSEEN, not everything could be looked at.
        Refused: E_IN_PROGRESS, an attempt is changing it, so that there is nothing to compare.
    """
    before = settled_head(service, environment)
    good = kept_good(before)
    findings = [*look_at_agreement(service, environment)]
    if good is not None and good.stack is not None:
        findings += look_at_infrastructure(service, environment, inputs_of(good))
    refuse_moved(before)
    report_findings(service, environment, findings)
    refuse_drift(f"{service} in {environment}", findings)
    return findings


@effect("look for attempt")
def settled_head(service: str, environment: str) -> Head:
    """Return the head once nobody is at work; what a dead run left open is looked at."""
    ledger = delivery_environment(environment).ledger(service)
    head = ledger.head(service, environment)
    attempt = kept_release(ledger, head.in_progress)
    if attempt is not None and (attempt.is_waiting or not _is_gone(attempt)):
        raise _in_progress(head)
    return head


@effect("read good release")
def kept_good(head: Head) -> Release | None:
    """Return the good release; that the ledger lost it is a finding and no end."""
    ledger = delivery_environment(head.environment).ledger(head.service)
    return kept_release(ledger, head.good)


@effect("look at infrastructure")
def look_at_infrastructure(
    service: str, environment: str, variables: dict[str, JsonValue]
) -> list[Finding]:
    """Plan the good release's inputs in the role that reads, without a lock; keep no plan."""
    stack = delivery_environment(environment).stack("service", service, read_only=True)
    try:
        return list(stack.drift(variables, say=tell))
    except DelightfulError as error:
        return [unseen(INFRASTRUCTURE, error)]


@effect("look for attempt again")
def refuse_moved(before: Head) -> None:
    """Refuse to judge what was changed while it was looked at."""
    ledger = delivery_environment(before.environment).ledger(before.service)
    now = ledger.head(before.service, before.environment)
    if (now.sequence, now.good) != (before.sequence, before.good):
        raise _in_progress(now)


@effect("report findings")
def report_findings(service: str, environment: str, findings: list[Finding]) -> None:
    """Say every finding, and show them all in one artifact."""
    for one in findings:
        say = tell if one.standing is Standing.AGREES else warn
        say(finding_line(one))
    with prefect_is_optional("drift artifact"):
        create_markdown_artifact(
            findings_card(findings, f"Drift of {service} in {environment}"),
            key=f"drift-{service}-{environment}",
            description=findings_summary(findings),
        )


def _is_gone(attempt: Release) -> bool:
    ledger = delivery_environment(attempt.environment).ledger(attempt.service)
    return attempt.owner is None or ledger.is_dead(attempt.owner)


def _in_progress(head: Head) -> Refused:
    return Refused(
        "E_IN_PROGRESS",
        f"{head.service} in {head.environment} is being changed by {head.in_progress or 'a run'}",
        hint="look for drift again once it has ended",
    )
