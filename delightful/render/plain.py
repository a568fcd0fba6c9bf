"""The release card for a terminal: the same facts as the Markdown card, in plain aligned lines."""

from collections.abc import Iterator

from delightful.release import Failure, Release, Verdict
from delightful.render.analysis_words import schema_text
from delightful.render.approval import review_words
from delightful.render.lines import command_end, next_command, release_line
from delightful.render.plan import plan_text
from delightful.text import escaped, printable

_MARKS = {True: "ok    ", False: "FAILED", None: "unseen"}
_LABEL_WIDTH = 17
LOG_CHARACTERS = 8_000


def release_text(release: Release) -> str:
    """Return the release for a terminal, the next command in the last line."""
    parts = [
        [release_line(release)],
        [f"{label:<{_LABEL_WIDTH}}{value}" for label, value in _facts(release)],
        list(_reviewed(release)),
        list(_checks(release.verdict)),
        list(_failure(release.failure)),
        [f"next: {next_command(release, is_shown=True)}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _facts(release: Release) -> Iterator[tuple[str, str]]:
    yield "commit", release.commit
    if release.restores:
        yield "restores", release.restores
    if release.across_migrations:
        yield "across", f"migrations: {escaped(release.across_migrations)}"
    if release.image:
        yield "image", escaped(release.image.reference, limit=400)
    if release.composition:
        yield "composition", escaped(release.composition.label, limit=600)
    if release.attestation:
        yield "attestation", escaped(release.attestation.detail, limit=400)
    if release.review:
        yield "approval", review_words(release.review)
    if release.stack:
        yield "task definition", escaped(release.stack.outputs.task_definition_arn, limit=200)
        yield "plan", f"{len(release.stack.plan.changes)} changes"
        yield "state", f"serial {release.stack.state_serial}"
        yield "address", escaped(release.stack.outputs.url, limit=200)
    if release.migrations and (said := schema_text(release.migrations)):
        yield "migrations", escaped(said, limit=400)
    if release.release_command:
        yield "command", command_end(release.release_command)
    if release.rollout and release.rollout.deployment_id:
        yield "CodeDeploy", escaped(release.rollout.deployment_id)
    for step in release.transitions:
        yield str(step.state), step.at.strftime("%Y-%m-%d %H:%M:%SZ")


def _reviewed(release: Release) -> Iterator[str]:
    if release.review is not None and release.stack is None:
        yield plan_text(release.review.summary)


def _checks(verdict: Verdict | None) -> Iterator[str]:
    for check in verdict.checks if verdict else ():
        yield f"{_MARKS[check.ok]}  {escaped(check.name)}: {escaped(check.detail, limit=400)}"


def _failure(failure: Failure | None) -> Iterator[str]:
    if failure is None:
        return
    yield f"failed in {escaped(failure.phase)}: {escaped(failure.reason, limit=1000)}"
    if failure.stopped_reason or failure.exit_code is not None:
        stopped = escaped(failure.stopped_reason or "no reason given", limit=400)
        yield f"task stopped: {stopped}, exit code {failure.exit_code}"
    if failure.response:
        yield _indented("response", failure.response)
    if failure.log_tail:
        yield _indented("last log lines", "\n".join(failure.log_tail))


def _indented(title: str, text: str) -> str:
    lines = printable(text, limit=LOG_CHARACTERS).split("\n")
    return "\n".join([f"{title}:", *(f"    {line}" for line in lines)])
