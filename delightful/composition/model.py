"""What a scan says, and what is decided from it."""

from enum import StrEnum
from typing import Literal
from urllib.parse import quote

from pydantic import AwareDatetime

from delightful.frozen import Frozen

Ecosystem = Literal["pypi", "npm", "deb", "apk"]
Scanner = Literal["pip-audit", "npm audit", "lock files", "installed", "ECR"]

MOST_FINDINGS = 500


class Severity(StrEnum):
    """How bad an advisory is said to be, worst last: what nobody rated counts as the worst."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Return the place in the order, 0 for the mildest."""
        return list(Severity).index(self)


class Outcome(StrEnum):
    """What composition analysis comes to; only one of the three is a pass."""

    PASSED = "passed"
    FOUND = "found"
    NOT_SCANNED = "not scanned"


class Component(Frozen):
    """One package of one version."""

    ecosystem: Ecosystem
    name: str
    version: str
    distribution: str | None = None

    @property
    def purl(self) -> str:
        """Return the package URL (package-url/purl-spec)."""
        namespace = f"{quote(self.distribution, safe='')}/" if self.distribution else ""
        name = "/".join(quote(part, safe="") for part in self.name.split("/"))
        return f"pkg:{self.ecosystem}/{namespace}{name}@{quote(self.version, safe='')}"

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what tells it from others, and what it is sorted by."""
        return self.ecosystem, self.name, self.version


class Finding(Frozen):
    """One advisory against one package; `aliases` are its names in other catalogues."""

    advisory: str
    aliases: tuple[str, ...] = ()
    package: str
    version: str
    severity: Severity

    @property
    def names(self) -> frozenset[str]:
        """Return every name that the advisory goes by."""
        return frozenset({self.advisory, *self.aliases})


class ScanReport(Frozen):
    """What one scanner says of one subject. `unseen` is why it could not look, None if it did."""

    scanner: Scanner
    subject: str
    components: int = 0
    unseen: str | None = None
    findings: tuple[Finding, ...] = ()


class Scan(Frozen):
    """All that was looked at, and when."""

    at: AwareDatetime
    reports: tuple[ScanReport, ...] = ()

    def with_reports(self, *reports: ScanReport) -> "Scan":
        """Return the scan with more looked at."""
        return self.model_copy(update={"reports": (*self.reports, *reports)})


class Composition(Frozen):
    """What composition analysis came to, each reason in a line."""

    outcome: Outcome
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return outcome and reasons in one line."""
        shown = "; ".join(self.reasons[:5])
        more = len(self.reasons) - 5
        return f"{self.outcome}: {shown}" + (f"; and {more} more" if more > 0 else "")


class StoredDocument(Frozen):
    """One document in the artifact bucket, by version and hash."""

    bucket: str
    key: str
    version_id: str
    sha256: str


class Attestations(Frozen):
    """What was written down of an image when it was built."""

    sbom: StoredDocument
    provenance: StoredDocument
    scan: StoredDocument
