"""Whether what runs is what was released, and where an attempt ends that did not get there."""

from collections.abc import Iterator

from delightful.live import LiveService, SmokeResponse
from delightful.manifest import SmokeTest
from delightful.release import Check, Failure, Release, ReleaseState, Verdict
from delightful.text import escaped


def verdict_of(
    release: Release, live: LiveService, smoke: SmokeResponse, expected: SmokeTest
) -> Verdict:
    """Return what was seen, check by check: identity first, then health.

    A check that could not look has `ok` None, and a verdict with one of those is not good.
    """
    checks = (
        _image_check(release, live),
        _task_definition_check(release, live),
        _running_check(live),
        _traffic_check(live),
        rollout_check(release, live),
        alarm_check(release, live),
        *_smoke_checks(release, smoke, expected),
    )
    return Verdict(checks=checks, failure=_failure(checks, smoke))


def smoke_verdict(release: Release, smoke: SmokeResponse, expected: SmokeTest) -> Verdict:
    """Return the verdict of the smoke test alone: all that can be seen before there is traffic."""
    checks = tuple(_smoke_checks(release, smoke, expected))
    return Verdict(checks=checks, failure=_failure(checks, smoke, phase="codedeploy"))


def is_serving(release: Release, live: LiveService) -> bool:
    """Say whether the release's image has the traffic and answers."""
    if release.image is None or not live.image_digests:
        return False
    return set(live.image_digests) == {release.image.digest} and live.is_answered_for


def state_after_failure(
    release: Release, good: Release | None, live: LiveService | None
) -> ReleaseState:
    """Return the terminal state of an attempt that did not become good.

    FAILED where nothing had begun to move, or nothing earlier was there to come back to;
    ROLLED_BACK where traffic was to move and the good release serves; ROLLBACK_FAILED where it
    does not serve, or `live` is None because nobody could look.
    """
    if release.rollout is None or good is None:
        return ReleaseState.FAILED
    is_back = live is not None and is_serving(good, live) and not _has_stayed(release, good, live)
    return ReleaseState.ROLLED_BACK if is_back else ReleaseState.ROLLBACK_FAILED


def _has_stayed(release: Release, good: Release, live: LiveService) -> bool:
    # The same image may run under both task definitions: then only the definition tells.
    failed = _intended_task_definition(release)
    return live.primary_task_definition_arn == failed != _intended_task_definition(good)


def _image_check(release: Release, live: LiveService) -> Check:
    intended = release.image.digest if release.image else "unknown"
    if not live.image_digests:
        return Check(name="image", ok=None, detail=f"no running image seen, intended {intended}")
    running = ", ".join(sorted(set(live.image_digests)))
    return Check(
        name="image", ok=running == intended, detail=f"running {running}, intended {intended}"
    )


def _task_definition_check(release: Release, live: LiveService) -> Check:
    intended = _intended_task_definition(release)
    seen = live.primary_task_definition_arn
    if seen is None or intended is None:
        return Check(name="task definition", ok=None, detail=f"primary {seen}, intended {intended}")
    return Check(
        name="task definition", ok=seen == intended, detail=f"primary {seen}, intended {intended}"
    )


def _intended_task_definition(release: Release) -> str | None:
    if release.rollout is not None:
        return release.rollout.task_definition_arn
    return release.stack.outputs.task_definition_arn if release.stack else None


def _running_check(live: LiveService) -> Check:
    return Check(
        name="tasks",
        ok=live.running_count >= live.desired_count > 0,
        detail=f"{live.running_count} of {live.desired_count} running",
    )


def _traffic_check(live: LiveService) -> Check:
    if not live.weights:
        return Check(name="traffic", ok=None, detail="the listener's weights could not be read")
    groups = ", ".join(
        f"{arn.rsplit(':', 1)[-1]} weight {weight} healthy {live.healthy_targets.get(arn, 0)}"
        for arn, weight in sorted(live.weights.items())
    )
    return Check(name="traffic", ok=live.is_answered_for, detail=groups)


def rollout_check(release: Release, live: LiveService) -> Check:
    """Check that no rollout but the release's own moves traffic."""
    ours = release.rollout.deployment_id if release.rollout else None
    active = live.active_deployment_id
    detail = f"active CodeDeploy deployment {active or 'none'}, of this release {ours or 'none'}"
    return Check(name="rollout", ok=active in (None, ours), detail=detail)


def alarm_check(release: Release, live: LiveService) -> Check:
    """Check that all alarms of the release's stack look, and that none fires."""
    names = release.stack.outputs.alarm_names if release.stack else ()
    if live.alarms_firing:
        return Check(name="alarms", ok=False, detail=f"firing: {', '.join(live.alarms_firing)}")
    if live.alarms_without_data or not names:
        silent = ", ".join(live.alarms_without_data) or "there are none"
        return Check(name="alarms", ok=None, detail=f"without data: {silent}")
    return Check(name="alarms", ok=True, detail=f"{len(names)} quiet")


def _smoke_checks(release: Release, smoke: SmokeResponse, expected: SmokeTest) -> Iterator[Check]:
    answer = escaped(smoke.error) if smoke.error else f"status {smoke.status}"
    yield Check(
        name="smoke",
        ok=smoke.error is None and smoke.status == expected.status,
        detail=f"{smoke.url} answered {answer}, expected status {expected.status}",
    )
    # A service need not tell its commit; one that does must tell the right one.
    if smoke.commit_header is not None:
        told = escaped(smoke.commit_header)
        yield Check(
            name="commit",
            ok=smoke.commit_header == release.commit,
            detail=f"answered by {told}, intended {release.commit}",
        )


def _failure(
    checks: tuple[Check, ...], smoke: SmokeResponse, phase: str = "observe"
) -> Failure | None:
    broken = [check for check in checks if check.ok is not True]
    if not broken:
        return None
    worst = next((check for check in broken if check.ok is False), broken[0])
    return Failure(
        phase=phase,
        reason=f"{worst.name}: {worst.detail}",
        response=smoke.error or smoke.body_excerpt or None,
    )
