"""What has to be true of each part, as checks on records and traffic."""

from delightful.release import Check, Release, ReleaseState
from rehearsal.traffic import Traffic

LOG_LINES = 5


def is_good(release: Release) -> tuple[Check, ...]:
    """Check that an attempt ended GOOD, on a verdict that looked and held."""
    return (ended_as(release, ReleaseState.GOOD), _verdict(release))


def _verdict(release: Release) -> Check:
    verdict = release.verdict
    if verdict is None:
        return Check(name="verdict", ok=False, detail="none recorded")
    open_points = [f"{check.name}: {check.detail}" for check in verdict.checks if not check.ok]
    names = ", ".join(check.name for check in verdict.checks)
    return Check(name="verdict", ok=verdict.is_good, detail="; ".join(open_points) or names)


def ended_as(release: Release, *expected: ReleaseState) -> Check:
    """Check the state in which an attempt ended."""
    return Check(name="outcome", ok=release.state in expected, detail=f"recorded {release.state}")


def by_engine(release: Release) -> Check:
    """Check that a rollout engine moved the traffic, not a restart in place."""
    rollout = release.rollout
    moved = rollout is not None and rollout.deployment_id is not None
    detail = f"{rollout.engine} {rollout.deployment_id}" if rollout else "no rollout"
    return Check(name="rollout", ok=moved, detail=detail)


def nothing_failed(traffic: Traffic) -> Check:
    """Check that requests were sent and none failed."""
    p99 = f", p99 {traffic.p99_milliseconds:g} ms" if traffic.p99_milliseconds else ""
    detail = f"{traffic.failed} failed of {traffic.requests}{p99}"
    if traffic.failures:
        detail += f" ({'; '.join(traffic.failures)})"
    ok = traffic.failed == 0 if traffic.requests else None
    return Check(name="requests under load", ok=ok, detail=detail)


def served_by(traffic: Traffic, commits: set[str]) -> Check:
    """Check which commits answered; a service that does not say is judged by what AWS shows."""
    if not traffic.commits:
        ok = True if traffic.requests else None
        return Check(name="answers", ok=ok, detail="the service does not name its commit")
    shares = ", ".join(f"{commit[:7]} {count}" for commit, count in traffic.commits.items())
    return Check(name="answers", ok=set(traffic.commits) == commits, detail=f"by commit: {shares}")


def explains_itself(release: Release) -> Check:
    """Check that a failed attempt says why, with something that was seen."""
    failure = release.failure
    if failure is None:
        return Check(name="reason", ok=False, detail="none recorded")
    seen = bool(failure.response or failure.stopped_reason) and bool(failure.log_tail)
    return Check(name="reason", ok=seen, detail=f"{failure.phase}: {failure.reason}")


def failure_lines(release: Release) -> tuple[str, ...]:
    """Return the evidence of a failure as lines: reason, response, stop reason, last log lines."""
    failure = release.failure
    if failure is None:
        return ()
    lines = [
        f"reason: {failure.phase}: {failure.reason}",
        f"response: {failure.response}" if failure.response else None,
        f"stopped: {failure.stopped_reason}" if failure.stopped_reason else None,
        f"exit code: {failure.exit_code}" if failure.exit_code is not None else None,
        *(f"log: {line}" for line in failure.log_tail[-LOG_LINES:]),
    ]
    return tuple(line for line in lines if line)


def restores(release: Release, target: Release) -> Check:
    """Check that a rollback names the release it restores and runs that release's image."""
    same_image = release.image is not None and target.image is not None
    digests = (release.image and release.image.digest, target.image and target.image.digest)
    ok = release.restores == target.release_id and same_image and digests[0] == digests[1]
    return Check(name="restores", ok=ok, detail=f"{release.restores}, image {digests[0]}")
