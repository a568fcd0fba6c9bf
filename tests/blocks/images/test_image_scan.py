"""What ECR's scan says of an image, over an endpoint that answers as ECR does."""

from collections.abc import Callable
from typing import Any

import pytest
from prefect_aws import AwsCredentials

from blocks.images.image_scan import image_scan_report
from delightful.composition.model import ScanReport, Severity
from tests.stand_ins.local_server import Answer, Asked, local_server

DIGEST = f"sha256:{'a' * 64}"
BASIC = {
    "name": "CVE-2026-1",
    "severity": "HIGH",
    "attributes": [
        {"key": "package_name", "value": "openssl"},
        {"key": "package_version", "value": "3.0.1"},
    ],
}
ENHANCED = {
    "severity": "MEDIUM",
    "packageVulnerabilityDetails": {
        "vulnerabilityId": "CVE-2026-2",
        "relatedVulnerabilities": ["GHSA-aaaa-bbbb-cccc"],
        "vulnerablePackages": [{"name": "jinja2", "version": "2.10"}],
    },
}


def report(answer: Callable[[Asked], Answer]) -> tuple[ScanReport, bool]:
    """Ask for the findings of an image."""
    with local_server(answer) as server:
        credentials = AwsCredentials(
            aws_access_key_id="x",
            aws_secret_access_key="x",
            region_name="us-east-1",
            aws_client_parameters={"endpoint_url": server.url},
        )
        return image_scan_report(credentials, "hello", DIGEST)


def scan(status: str, **findings: Any) -> Answer:
    """Return ECR's answer."""
    body: dict[str, Any] = {"imageScanStatus": {"status": status, "description": "why"}}
    return Answer(body={**body, **findings}, headers={"Content-Type": "application/x-amz-json-1.1"})


def test_reads_the_findings_of_both_kinds_of_scan_page_by_page() -> None:
    """Basic and enhanced findings, with package, version and severity."""

    def answer(asked: Asked) -> Answer:
        if "nextToken" in asked.json():
            return scan("ACTIVE", imageScanFindings={"enhancedFindings": [ENHANCED]})
        return scan("ACTIVE", imageScanFindings={"findings": [BASIC]}, nextToken="more")

    seen, is_pending = report(answer)
    assert (seen.unseen, is_pending) == (None, False)
    assert [(one.advisory, one.package, one.version, one.severity) for one in seen.findings] == [
        ("CVE-2026-1", "openssl", "3.0.1", Severity.HIGH),
        ("CVE-2026-2", "jinja2", "2.10", Severity.MEDIUM),
    ]
    assert seen.findings[1].aliases == ("GHSA-aaaa-bbbb-cccc",)


@pytest.mark.parametrize("status", ["COMPLETE", "ACTIVE"])
def test_a_scan_that_found_nothing_looked(status: str) -> None:
    """An empty list of a scan that came to its end is a look."""
    seen, is_pending = report(lambda asked: scan(status, imageScanFindings={"findings": []}))
    assert (seen.unseen, seen.findings, is_pending) == (None, (), False)


@pytest.mark.parametrize(
    ("status", "pending"),
    [
        ("IN_PROGRESS", True),
        ("PENDING", True),
        ("FAILED", False),
        ("UNSUPPORTED_IMAGE", False),
        ("SCAN_ELIGIBILITY_EXPIRED", False),
        ("FINDINGS_UNAVAILABLE", False),
        ("NEW_WORD", False),
    ],
)
def test_every_other_status_is_not_scanned(status: str, pending: bool) -> None:
    """Whatever is no end with findings has its reason, and says whether to wait."""
    seen, is_pending = report(lambda asked: scan(status, imageScanFindings={"findings": []}))
    assert (status in str(seen.unseen), is_pending) == (True, pending)


def test_a_scan_that_ended_without_findings_at_all_is_not_scanned() -> None:
    """The list itself must be there."""
    assert report(lambda asked: scan("COMPLETE"))[0].unseen


@pytest.mark.slow
def test_no_scan_yet_is_waited_for_and_a_refusal_is_not() -> None:
    """Right after a push ECR knows of no scan; a role that may not ask never learns more."""

    def error(code: str) -> Callable[[Asked], Answer]:
        return lambda asked: Answer(400, {"__type": code, "message": "no"})

    seen, is_pending = report(error("ScanNotFoundException"))
    assert (bool(seen.unseen), is_pending) == (True, True)
    seen, is_pending = report(error("AccessDeniedException"))
    assert ("AccessDenied" in str(seen.unseen), is_pending) == (True, False)
