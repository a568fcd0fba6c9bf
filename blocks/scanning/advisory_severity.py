"""How bad an advisory against a Python package is: pip-audit does not say, the database does."""

import re

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blocks.certificates import believed_authorities
from blocks.scanning.scanner_output import severity_of
from delightful.composition.model import Finding, Severity

_TIMEOUT = httpx.Timeout(10.0)
_MOST_BYTES = 4 * 1024 * 1024
_GITHUB_ID = re.compile(r"GHSA(-[0-9a-z]{4}){3}")
# More than these stay unrated, which counts as the worst.
_MOST_LOOKUPS = 100


class _Specific(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    severity: str | None = Field(default=None, max_length=20)


class _Advisory(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    database_specific: _Specific = _Specific()


def rated(findings: tuple[Finding, ...], query_url: str) -> tuple[Finding, ...]:
    """Return findings with the severity that GitHub's advisory gives them, where OSV has it.

    What cannot be asked stays unknown. An advisory is asked for once.
    """
    if not findings:
        return ()
    base = query_url.removesuffix("query")
    known: dict[str, Severity] = {}
    with httpx.Client(verify=believed_authorities(), timeout=_TIMEOUT) as client:
        return tuple(
            finding.model_copy(update={"severity": _worst(client, base, finding, known)})
            for finding in findings
        )


def _worst(
    client: httpx.Client, base: str, finding: Finding, known: dict[str, Severity]
) -> Severity:
    names = sorted(name for name in finding.names if _GITHUB_ID.fullmatch(name))
    for name in names:
        if name not in known and len(known) < _MOST_LOOKUPS:
            known[name] = _asked(client, f"{base}vulns/{name}")
    rated_ones = [
        known[name] for name in names if known.get(name, Severity.UNKNOWN) is not (Severity.UNKNOWN)
    ]
    return max(rated_ones, key=lambda one: one.rank, default=Severity.UNKNOWN)


def _asked(client: httpx.Client, url: str) -> Severity:
    try:
        answer = client.get(url).raise_for_status()
        if len(answer.content) > _MOST_BYTES:
            return Severity.UNKNOWN
        advisory = _Advisory.model_validate_json(answer.content)
    except (httpx.HTTPError, ValidationError):
        return Severity.UNKNOWN
    return severity_of(advisory.database_specific.severity)
