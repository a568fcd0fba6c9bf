"""What composition analysis comes to, and what production refuses."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful.composition.model import Finding, Outcome, Scan, ScanReport, Severity
from delightful.composition.policy import composition_of, refuse_unfit
from delightful.errors import ExitCode, Refused
from delightful.manifest import Allowance, CompositionPolicy

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
IDS = st.sampled_from(["GHSA-aaaa-bbbb-cccc", "CVE-2026-1", "PYSEC-2026-1", "GHSA-dddd-eeee-ffff"])

findings = st.builds(
    Finding,
    advisory=IDS,
    aliases=st.lists(IDS, max_size=2).map(tuple),
    package=st.just("jinja2"),
    version=st.just("2.10"),
    severity=st.sampled_from(Severity),
)
reports = st.builds(
    ScanReport,
    scanner=st.sampled_from(["pip-audit", "npm audit", "lock files", "installed", "ECR"]),
    subject=st.just("requirements.txt"),
    components=st.integers(0, 9),
    unseen=st.none() | st.just("nobody answered"),
    findings=st.lists(findings, max_size=4).map(tuple),
)
scans = st.builds(
    Scan,
    at=st.integers(0, 240).map(lambda hours: NOW - timedelta(hours=hours)),
    reports=st.lists(reports, max_size=4).map(tuple),
)
allowances = st.builds(
    Allowance,
    advisory=IDS,
    reason=st.just("not reached from here"),
    until=st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days)),
)
policies = st.builds(
    CompositionPolicy,
    severity=st.sampled_from(["low", "medium", "high", "critical"]),
    allow=st.lists(allowances, max_size=4).map(tuple),
)


def scan_of(*reports: ScanReport) -> Scan:
    """Return a scan of now."""
    return Scan(at=NOW, reports=reports)


def found(severity: Severity, *aliases: str) -> ScanReport:
    """Return a report with one finding."""
    finding = Finding(
        advisory="PYSEC-2026-1",
        aliases=aliases,
        package="jinja2",
        version="2.10",
        severity=severity,
    )
    return ScanReport(
        scanner="pip-audit", subject="requirements.txt", components=3, findings=(finding,)
    )


@given(scans, policies)
def test_passes_only_what_was_looked_at_whole_and_recently(
    scan: Scan, policy: CompositionPolicy
) -> None:
    """A pass means: something was looked at, all of it looked, lately, and nothing counts."""
    composition = composition_of(scan, policy, NOW)
    allowed = {one.advisory for one in policy.allow if one.until >= TODAY}
    threshold = list(Severity).index(Severity(policy.severity))
    counting = [
        one
        for report in scan.reports
        for one in report.findings
        if list(Severity).index(one.severity) >= threshold and not (one.names & allowed)
    ]
    is_whole = bool(scan.reports) and all(report.unseen is None for report in scan.reports)
    is_recent = NOW - scan.at <= timedelta(days=7)
    assert (composition.outcome is Outcome.FOUND) == bool(counting)
    assert (composition.outcome is Outcome.PASSED) == (is_whole and is_recent and not counting)
    assert composition.reasons


@given(scans, policies)
def test_one_more_scanner_that_could_not_look_never_makes_it_better(
    scan: Scan, policy: CompositionPolicy
) -> None:
    """Whoever adds "could not look" to a scan never gets a pass for it."""
    blind = ScanReport(scanner="ECR", subject="the image", unseen="no network")
    assert composition_of(scan.with_reports(blind), policy, NOW).outcome is not Outcome.PASSED


@given(scans, policies)
def test_production_takes_a_pass_alone_and_others_take_all(
    scan: Scan, policy: CompositionPolicy
) -> None:
    """Production refuses whatever is no pass, with exit code 4; elsewhere all goes on."""
    composition = composition_of(scan, policy, NOW)
    refuse_unfit(composition, is_production=False)
    if composition.outcome is Outcome.PASSED:
        refuse_unfit(composition, is_production=True)
        return
    with pytest.raises(Refused) as refused:
        refuse_unfit(composition, is_production=True)
    vulnerable = composition.outcome is Outcome.FOUND
    assert refused.value.code == ("E_VULNERABLE" if vulnerable else "E_NOT_SCANNED")
    assert refused.value.exit_code is ExitCode.REFUSED


def test_nothing_looked_at_is_no_pass() -> None:
    """A scan without reports is "not scanned", never "passed"."""
    composition = composition_of(scan_of(), CompositionPolicy(), NOW)
    assert composition.label == "not scanned: nothing was looked at"


@pytest.mark.parametrize("alias", ["GHSA-aaaa-bbbb-cccc", "CVE-2026-1"])
def test_an_advisory_is_allowed_by_any_of_its_names(alias: str) -> None:
    """Who allows a CVE allows the same advisory under GitHub's name."""
    policy = CompositionPolicy(allow=(allowance(alias, TODAY),))
    report = found(Severity.CRITICAL, "GHSA-aaaa-bbbb-cccc", "CVE-2026-1")
    composition = composition_of(scan_of(report), policy, NOW)
    assert composition.outcome is Outcome.PASSED
    assert "1 of them allowed" in composition.label


def test_an_expired_allowance_counts_no_more_and_is_named() -> None:
    """The day after its last the finding counts again, and the label says why."""
    policy = CompositionPolicy(allow=(allowance("PYSEC-2026-1", TODAY - timedelta(days=1)),))
    composition = composition_of(scan_of(found(Severity.HIGH)), policy, NOW)
    assert composition.outcome is Outcome.FOUND
    assert "the allowance of PYSEC-2026-1 ended on 2026-11-25" in composition.label


def test_what_nobody_rated_counts_always() -> None:
    """Unknown is above every threshold."""
    policy = CompositionPolicy(severity="critical")
    assert composition_of(scan_of(found(Severity.UNKNOWN)), policy, NOW).outcome is Outcome.FOUND
    assert composition_of(scan_of(found(Severity.HIGH)), policy, NOW).outcome is Outcome.PASSED


def allowance(advisory: str, until: date) -> Allowance:
    """Return an allowance up to a day."""
    return Allowance(advisory=advisory, reason="not reached from here", until=until)
