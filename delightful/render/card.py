"""The release card: what a person sees of a release, and the record that a machine reads back."""

import json
import re
from collections.abc import Iterator

from pydantic import ValidationError

from delightful.errors import ConfigError
from delightful.reading.json import read_json
from delightful.release import Failure, Release, ReleaseState, Verdict
from delightful.render.analysis_words import schema_text
from delightful.render.approval import review_words
from delightful.render.lines import command_end, next_command
from delightful.render.markdown import block, code, folded, inert, table
from delightful.render.plan import plan_card
from delightful.showing import shown_record
from delightful.text import escaped

# GitHub cuts a comment at 65,536 characters.
CARD_CHARACTERS = 60_000
RECORD_BYTES = 4 * 1024 * 1024

_SYMBOLS = {
    ReleaseState.GOOD: "✅",
    ReleaseState.ROLLED_BACK: "↩️",
    ReleaseState.FAILED: "❌",
    ReleaseState.ROLLBACK_FAILED: "🚨",
    ReleaseState.SUPERSEDED: "⏭️",
    ReleaseState.ABORTED: "⏹️",
}
_CHECKS = {True: "passed", False: "failed", None: "could not look"}
# Found by its place, the very end: a quoted log line may look just like a record.
_RECORD = re.compile(r"\n```json delightful-release\n([^\n]*)\n```\n\n</details>\s*\Z")
# What could end the fence, begin HTML or not be seen; JSON may write each as an escape.
_ESCAPES = {character: f"\\u{ord(character):04x}" for character in "`<>&@\x7f"}


def release_card(release: Release, *, limit: int = CARD_CHARACTERS) -> str:
    """Return the release as Markdown for people: facts, checks, evidence folded, next command."""
    last = f"Next: {code(next_command(release))}"
    body = "\n\n".join(part for part in _parts(release) if part)
    space_left = limit - len(last) - 2
    if len(body) > space_left:
        body = "\n\n".join((_title(release), _facts(release)))[:space_left]
    return f"{body}\n\n{last}"


def release_markdown(release: Release) -> str:
    """Return the card with the record folded under it, for the release's artifact."""
    shown = shown_record(release).model_dump(mode="json")
    record = json.dumps(shown, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        record = record.replace(character, escape)
    fenced = f"```json delightful-release\n{record}\n```"
    return f"{release_card(release)}\n\n{folded('Record', fenced)}\n"


def read_release_artifact(markdown: str) -> Release:
    """Return the release whose record stands in an artifact's Markdown.

    Raises:
        ConfigError: E_ARTIFACT, it does not end with a record, or that is not a release.
    """
    record = _RECORD.search(markdown)
    if record is None:
        raise _artifact_error("no record at its end")
    data = record[1].encode("utf-8", "surrogatepass")
    try:
        read_json(data, "artifact", max_bytes=RECORD_BYTES)
        return Release.model_validate_json(data)
    except ConfigError as error:
        raise _artifact_error(error.message) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _artifact_error(f"{where}: {first['msg']}") from error


def _parts(release: Release) -> Iterator[str]:
    yield _title(release)
    yield _facts(release)
    yield _checks(release.verdict)
    yield _failure(release.failure)
    yield _plan(release)


def _title(release: Release) -> str:
    symbol = _SYMBOLS.get(release.state, "⏳")
    return f"### {symbol} {inert(release.release_id)} is {inert(str(release.state))}"


def _facts(release: Release) -> str:
    rows = [("commit", code(release.commit)), ("kind", code(str(release.kind)))]
    if release.reason:
        rows.append(("reason", inert(release.reason)))
    if release.restores:
        rows.append(("restores", code(release.restores)))
    if release.across_migrations:
        rows.append(("across migrations", inert(release.across_migrations)))
    if release.image:
        image = release.image
        rows.append(("image", code(f"{image.repository_url}:{image.tag}", limit=400)))
        rows.append(("digest", code(image.digest)))
    if release.review:
        rows.append(("approval", inert(review_words(release.review), limit=700)))
    if release.composition:
        rows.append(("composition", inert(release.composition.label, limit=600)))
    if release.attestation:
        rows.append(("attestation", inert(release.attestation.detail, limit=400)))
    if release.stack:
        outputs = release.stack.outputs
        rows.append(("task definition", code(outputs.task_definition_arn)))
        rows.append(("state", f"serial {release.stack.state_serial}"))
        rows.append(("address", code(outputs.url)))
    if release.migrations and (said := schema_text(release.migrations)):
        rows.append(("migrations", inert(said, limit=400)))
    if release.release_command:
        rows.append(("release command", inert(command_end(release.release_command))))
    if release.rollout and release.rollout.deployment_id:
        rows.append(("CodeDeploy deployment", code(release.rollout.deployment_id)))
    rows += [
        (code(str(step.state)), step.at.strftime("%Y-%m-%d %H:%M:%SZ"))
        for step in release.transitions
    ]
    return table(("", ""), rows)


def _checks(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    rows = [
        (inert(check.name), _CHECKS[check.ok], inert(check.detail, limit=400))
        for check in verdict.checks
    ]
    return table(("check", "result", "seen"), rows)


def _failure(failure: Failure | None) -> str:
    if failure is None:
        return ""
    lines = [f"**Failed in {inert(failure.phase)}:** {inert(failure.reason, limit=1000)}"]
    if failure.stopped_reason or failure.exit_code is not None:
        stopped = inert(failure.stopped_reason or "no reason given", limit=400)
        lines.append(f"Task stopped: {stopped}, exit code {failure.exit_code}")
    if failure.response:
        lines.append(folded("Response", block(failure.response, limit=4_000)))
    if failure.log_tail:
        lines.append(folded("Last log lines", block("\n".join(failure.log_tail), limit=20_000)))
    return "\n\n".join(lines)


def _plan(release: Release) -> str:
    summary = release.stack.plan if release.stack else None
    if summary is None and release.review is not None:
        summary = release.review.summary
    if summary is None or summary.is_empty:
        return ""
    return folded(f"Plan: {len(summary.changes)} changes", plan_card(summary, "Plan", limit=30_000))


def _artifact_error(reason: str) -> ConfigError:
    return ConfigError(
        "E_ARTIFACT",
        f"artifact: not a release ({escaped(reason, limit=200)})",
        hint="roll back by release id: `delightful releases` lists them from the ledger",
    )
