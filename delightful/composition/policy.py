"""Whether what was found, or was not looked at, keeps a release from going on."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from delightful.composition.model import (
    Composition,
    Finding,
    Outcome,
    Scan,
    ScanReport,
    Severity,
)
from delightful.errors import Refused
from delightful.manifest import Allowance, CompositionPolicy
from delightful.text import escaped

# A scan of another day says nothing of the advisories published since.
_OLDEST = timedelta(days=7)
_LONGEST_REASON = 300


def composition_of(scan: Scan, policy: CompositionPolicy, now: datetime) -> Composition:
    """Return what a scan comes to under a service's policy.

    What was found outweighs what was not looked at, and both outweigh what passed; every reason
    is named. An allowance counts to the end of its last day (UTC). Nothing looked at is no pass.
    """
    today = now.date()
    found = tuple(_found(scan.reports, policy, today))
    unseen = tuple(_unseen(scan, now))
    expired = tuple(_expired(policy, today))
    if found:
        return _composition(Outcome.FOUND, (*found, *unseen, *expired))
    if unseen:
        return _composition(Outcome.NOT_SCANNED, (*unseen, *expired))
    return _composition(Outcome.PASSED, (*_passed(scan.reports, policy, today), *expired))


def refuse_unfit(composition: Composition, *, is_production: bool) -> None:
    """Keep production from what was not scanned, or has known faults; others go on.

    Raises:
        Refused: E_VULNERABLE, E_NOT_SCANNED.
    """
    if not is_production or composition.outcome is Outcome.PASSED:
        return
    if composition.outcome is Outcome.FOUND:
        raise Refused(
            "E_VULNERABLE",
            f"composition analysis {composition.label}",
            hint="update what is named, or allow the advisory under composition.allow",
        )
    raise Refused(
        "E_NOT_SCANNED",
        f"composition analysis {composition.label}",
        hint="let the scanner look: production takes nothing that was not scanned",
    )


def _composition(outcome: Outcome, reasons: Sequence[str]) -> Composition:
    shown = tuple(escaped(reason, limit=_LONGEST_REASON) for reason in reasons[:50])
    return Composition(outcome=outcome, reasons=shown)


def _found(reports: Sequence[ScanReport], policy: CompositionPolicy, today: date) -> Iterator[str]:
    counting = [
        (finding, report)
        for report in reports
        for finding in report.findings
        if _counts(finding, policy, today)
    ]
    for finding, report in sorted(counting, key=lambda one: -one[0].severity.rank):
        yield f"{_named(finding)} ({report.scanner} of {report.subject})"


def _counts(finding: Finding, policy: CompositionPolicy, today: date) -> bool:
    return _is_above(finding, policy) and not _allowed(finding, policy, today)


def _is_above(finding: Finding, policy: CompositionPolicy) -> bool:
    return finding.severity.rank >= Severity(policy.severity).rank


def _allowed(finding: Finding, policy: CompositionPolicy, today: date) -> bool:
    return any(
        one.advisory in finding.names and not _is_expired(one, today) for one in policy.allow
    )


def _is_expired(allowance: Allowance, today: date) -> bool:
    return allowance.until < today


def _expired(policy: CompositionPolicy, today: date) -> Iterator[str]:
    for one in policy.allow:
        if _is_expired(one, today):
            yield f"the allowance of {one.advisory} ended on {one.until} and counts no more"


def _unseen(scan: Scan, now: datetime) -> Iterator[str]:
    if not scan.reports:
        yield "nothing was looked at"
    if now - scan.at > _OLDEST:
        yield f"the scan is of {scan.at.date()}: older than {_OLDEST.days} days"
    for report in scan.reports:
        if report.unseen is not None:
            yield f"{report.scanner} of {report.subject}: {report.unseen}"


def _passed(reports: Sequence[ScanReport], policy: CompositionPolicy, today: date) -> Iterator[str]:
    for report in reports:
        allowed = sum(
            _is_above(one, policy) and _allowed(one, policy, today) for one in report.findings
        )
        found = f"{len(report.findings)} findings, {allowed} of them allowed"
        looked = "" if report.scanner == "ECR" else f"{report.components} components, "
        yield f"{report.scanner} of {report.subject}: {looked}{found}"


def _named(finding: Finding) -> str:
    return f"{finding.advisory} {finding.severity} in {finding.package} {finding.version}"
