"""Releases for a terminal: one line each, or a table."""

from collections.abc import Sequence

from delightful.release import CommandRun, Release, ReleaseState
from delightful.render.approval import approval_command
from delightful.text import escaped

_HEADER = ("RELEASE", "STATE", "KIND", "COMMIT", "ENDED", "WHY")


def release_line(release: Release) -> str:
    """Return what, where it stands, and why where it did not become good; one line."""
    why = reason_of(release)
    line = f"{release.release_id} {release.state} {release.kind} {release.commit[:12]}"
    return f"{line}: {why}" if why else line


def release_table(releases: Sequence[Release]) -> str:
    """Return one row per release in the order given, columns aligned; a line where none is."""
    if not releases:
        return "no releases yet"
    rows = [_HEADER, *(_row(release) for release in releases)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def next_command(release: Release, *, is_shown: bool = False) -> str:
    """Return the command that a person runs next; is_shown: all of the release was read before."""
    environment = f"--environment {release.environment}"
    where = f"--service {release.service} {environment}"
    if release.state is ReleaseState.ROLLBACK_FAILED:
        return f"delightful status {where}"
    if release.is_waiting and release.review is not None:
        return approval_command(release.release_id, release.review)
    if not release.is_terminal:
        return f"delightful deploy --commit {release.commit} {where}"
    if release.state is ReleaseState.GOOD:
        return f"delightful rollback previous --reason WHY {where}"
    if is_shown:
        return f"delightful status {where}"
    return f"delightful show {release.release_id} {environment}"


def reason_of(release: Release, *, limit: int = 120) -> str:
    """Return why the attempt failed, else why it was asked for, else nothing."""
    if release.failure is not None:
        return escaped(f"{release.failure.phase}: {release.failure.reason}", limit=limit)
    return escaped(release.reason or "", limit=limit)


def command_end(run: CommandRun) -> str:
    """Return how a release command ended, or that it runs."""
    if run.exit_code is not None:
        return f"ended with exit code {run.exit_code}"
    return "never ran" if run.ended_at else f"runs as {escaped(run.task_arn, limit=200)}"


def _row(release: Release) -> tuple[str, ...]:
    last = release.transitions[-1].at.strftime("%Y-%m-%d %H:%M:%SZ") if release.transitions else ""
    return (
        release.release_id,
        str(release.state),
        str(release.kind),
        release.commit[:12],
        last if release.is_terminal else "in progress",
        reason_of(release, limit=60),
    )
