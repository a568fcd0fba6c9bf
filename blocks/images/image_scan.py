"""What ECR's own scan says of an image: the packages of its operating system above all."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials

from blocks.aws import aws_client, error_code, translated
from blocks.scanning.scanner_output import severity_of
from delightful.composition.model import MOST_FINDINGS, Finding, ScanReport
from delightful.errors import DelightfulError
from delightful.text import escaped

# Where a scan has ended well: once for all (basic), or going on with every new advisory (enhanced).
_LOOKED = frozenset({"COMPLETE", "ACTIVE"})
_PENDING = frozenset({"IN_PROGRESS", "PENDING"})
_MOST_PAGES = 20


def image_scan_report(
    credentials: AwsCredentials, repository: str, digest: str
) -> tuple[ScanReport, bool]:
    """Return what ECR found in an image, and whether it is still looking.

    What keeps ECR from looking is in the report; nothing is raised for it.
    """
    subject = f"{repository}@{digest[:19]}"
    try:
        pages = _pages(credentials, repository, digest)
    except DelightfulError as error:
        return _unseen(subject, error.message), False
    if pages is None:
        return _unseen(subject, "no scan was started"), True
    status = pages[0].get("imageScanStatus", {})
    word = str(status.get("status", "unknown"))
    if word not in _LOOKED:
        told = f"{word}: {status.get('description', '')}".rstrip(": ")
        return _unseen(subject, escaped(told, limit=200)), word in _PENDING
    found = [one for page in pages for one in _findings(page.get("imageScanFindings", {}))]
    is_cut = bool(pages[-1].get("nextToken")) or len(found) > MOST_FINDINGS
    if is_cut or not isinstance(pages[0].get("imageScanFindings"), Mapping):
        return _unseen(subject, "its answer cannot be read whole"), False
    return ScanReport(scanner="ECR", subject=subject, components=1, findings=tuple(found)), False


def _pages(
    credentials: AwsCredentials, repository: str, digest: str
) -> Sequence[Mapping[str, Any]] | None:
    client = aws_client(credentials, "ecr")
    wanted = {"repositoryName": repository, "imageId": {"imageDigest": digest}}
    pages: list[Mapping[str, Any]] = []
    with translated("ECR", "DescribeImageScanFindings"):
        try:
            while len(pages) < _MOST_PAGES and (not pages or pages[-1].get("nextToken")):
                more = {"nextToken": pages[-1]["nextToken"]} if pages else {}
                pages.append(client.describe_image_scan_findings(**wanted, **more))
        except ClientError as error:
            if error_code(error) != "ScanNotFoundException":
                raise
            return None
    return pages


def _findings(document: Mapping[str, Any]) -> Sequence[Finding]:
    basic = [_basic(one) for one in document.get("findings", ())]
    enhanced = [_enhanced(one) for one in document.get("enhancedFindings", ())]
    return [*basic, *enhanced]


def _basic(said: Mapping[str, Any]) -> Finding:
    attributes = {one.get("key"): one.get("value") for one in said.get("attributes", ())}
    return Finding(
        advisory=_id(said.get("name")),
        package=str(attributes.get("package_name") or "unknown")[:200],
        version=str(attributes.get("package_version") or "unknown")[:200],
        severity=severity_of(said.get("severity")),
    )


def _enhanced(said: Mapping[str, Any]) -> Finding:
    details = said.get("packageVulnerabilityDetails") or {}
    package: Mapping[str, Any] = next(iter(details.get("vulnerablePackages") or ()), {})
    related = details.get("relatedVulnerabilities") or ()
    return Finding(
        advisory=_id(details.get("vulnerabilityId")),
        aliases=tuple(_id(one) for one in related[:20]),
        package=str(package.get("name") or "unknown")[:200],
        version=str(package.get("version") or "unknown")[:200],
        severity=severity_of(said.get("severity")),
    )


def _id(word: object) -> str:
    matched = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{2,99}", str(word))
    return matched[0] if matched else "unnamed"


def _unseen(subject: str, reason: str) -> ScanReport:
    return ScanReport(scanner="ECR", subject=subject, unseen=reason)
