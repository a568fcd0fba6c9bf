"""Findings for a terminal and for Markdown, a line each."""

from collections.abc import Iterator, Sequence

from delightful.agreement import Finding, disagreements
from delightful.render.markdown import inert, table
from delightful.text import escaped

_LIMIT = 600


def finding_line(finding: Finding) -> str:
    """Return how a subject stands, what was seen of it and what to do next."""
    line = f"{finding.standing:<8} {finding.subject}: {finding.detail}"
    return escaped(f"{line} → {finding.next_step}" if finding.next_step else line, limit=_LIMIT)


def findings_card(findings: Sequence[Finding], title: str) -> str:
    """Return what does not agree as a table, and beneath it what does."""
    return "\n\n".join([f"## {inert(title)}", *_parts(findings)]) + "\n"


def findings_summary(findings: Sequence[Finding]) -> str:
    """Return in one line how many subjects were looked at, and which do not agree."""
    shown = disagreements(findings)
    if not shown:
        return f"all {len(findings)} subjects agree"
    names = ", ".join(f"{one.subject} {one.standing}" for one in shown[:5])
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return f"{len(shown)} of {len(findings)} subjects do not agree: {names}{more}"


def _parts(findings: Sequence[Finding]) -> Iterator[str]:
    yield inert(findings_summary(findings), limit=_LIMIT)
    shown = disagreements(findings)
    if shown:
        yield table(("subject", "stands", "seen", "next"), map(_row, shown))
    agreeing = [one.subject for one in findings if one not in shown]
    if agreeing:
        yield f"Agree: {inert(', '.join(agreeing), limit=_LIMIT)}"


def _row(finding: Finding) -> tuple[str, ...]:
    told = (finding.detail, finding.next_step or "")
    return (inert(finding.subject), finding.standing, *(inert(one, limit=_LIMIT) for one in told))
