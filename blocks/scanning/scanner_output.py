"""What pip-audit and npm audit print, read strictly: a shape that is not theirs is no answer."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from delightful.composition.model import MOST_FINDINGS, Finding, Severity
from delightful.errors import ConfigError
from delightful.reading.json import read_json

MAX_OUTPUT_BYTES = 16 * 1024 * 1024

Name = Annotated[str, Field(min_length=1, max_length=256)]

# GitHub's word for it, npm's and ECR's, beside ours.
_SEVERITIES = {
    "info": Severity.LOW,
    "informational": Severity.LOW,
    "low": Severity.LOW,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}


class NoAnswer(Exception):
    """Why a scanner did not look; it is shown to people."""


class _Read(BaseModel):
    # Both tools add keys from version to version; those that count must be there.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _PythonAdvisory(_Read):
    id: Name
    aliases: list[Name] = []


class _PythonPackage(_Read):
    name: Name
    version: Name
    vulns: list[_PythonAdvisory]


class _PipAudit(_Read):
    dependencies: list[_PythonPackage]


class _NodeAdvisory(_Read):
    source: int
    url: Annotated[str, Field(max_length=2000)]
    severity: Annotated[str, Field(max_length=20)]


class _NodePackage(_Read):
    name: Name
    range: Annotated[str, Field(max_length=2000)]
    via: list[_NodeAdvisory | Name]


class _NodeCounts(_Read):
    total: int


class _NodeMetadata(_Read):
    dependencies: _NodeCounts


class _NpmAudit(_Read):
    auditReportVersion: Literal[2]  # noqa: N815 - npm's name
    vulnerabilities: dict[str, _NodePackage]
    metadata: _NodeMetadata


def severity_of(word: object) -> Severity:
    """Return the severity that a catalogue's word means; a strange word is unknown."""
    return (
        _SEVERITIES.get(word.lower(), Severity.UNKNOWN)
        if isinstance(word, str)
        else (Severity.UNKNOWN)
    )


def pip_audit_findings(data: bytes) -> tuple[int, tuple[Finding, ...]]:
    """Return how many packages pip-audit looked at, and what it found; it rates nothing.

    Raises:
        NoAnswer: it is not what pip-audit prints.
    """
    read = _validated(_PipAudit, data, "pip-audit")
    findings = [
        Finding(
            advisory=advisory.id,
            aliases=tuple(advisory.aliases),
            package=package.name,
            version=package.version,
            severity=Severity.UNKNOWN,
        )
        for package in read.dependencies
        for advisory in package.vulns
    ]
    return len(read.dependencies), _bounded(findings)


def npm_audit_findings(data: bytes) -> tuple[int, tuple[Finding, ...]]:
    """Return how many packages npm audit looked at, and what it found.

    Raises:
        NoAnswer: it is not what npm audit prints, or says that it could not look.
    """
    _refuse_error(data)
    read = _validated(_NpmAudit, data, "npm audit")
    findings = {
        (advisory.source, package.name): Finding(
            advisory=advisory.url.rpartition("/")[2] or f"npm-{advisory.source}",
            package=package.name,
            version=package.range,
            severity=severity_of(advisory.severity),
        )
        for package in read.vulnerabilities.values()
        for advisory in package.via
        if isinstance(advisory, _NodeAdvisory)
    }
    if read.vulnerabilities and not findings:
        raise NoAnswer("npm audit names packages at fault, and no advisory")
    return read.metadata.dependencies.total, _bounded(list(findings.values()))


def _refuse_error(data: bytes) -> None:
    said = _json(data, "npm audit")
    if not isinstance(said, dict) or "error" not in said:
        return
    error = said["error"] if isinstance(said["error"], dict) else {}
    reasons = (said.get("message"), error.get("summary"), error.get("code"))
    raise NoAnswer(next((str(reason) for reason in reasons if reason), "npm audit failed"))


def _validated(model: Any, data: bytes, scanner: str) -> Any:
    _json(data, scanner)
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise NoAnswer(f"{scanner} answered what cannot be read: {where}") from error


def _json(data: bytes, scanner: str) -> Any:
    try:
        return read_json(data, scanner, max_bytes=MAX_OUTPUT_BYTES)
    except ConfigError as error:
        raise NoAnswer(f"{scanner} answered what cannot be read: {error.message}") from error


def _bounded(findings: list[Finding]) -> tuple[Finding, ...]:
    if len(findings) > MOST_FINDINGS:
        raise NoAnswer(f"{len(findings)} findings, more than the {MOST_FINDINGS} that are kept")
    return tuple(findings)
