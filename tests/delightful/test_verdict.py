"""A release is good when the intended image runs, has the traffic and answers: nothing less."""

from typing import Any

import pytest

from delightful.live import LiveService, SmokeResponse
from delightful.manifest import SmokeTest
from delightful.release import Release, ReleaseState
from delightful.verdict import is_serving, smoke_verdict, state_after_failure, verdict_of
from tests.delightful.samples import BLUE, GREEN, commit, digest, live, outputs, release, smoke

LIVE = ReleaseState.LIVE
EXPECTED = SmokeTest()


def seen(**changes: Any) -> LiveService:
    """Return the healthy service of release 2 with something different about it."""
    return live(2).model_copy(update=changes)


def answered(**changes: Any) -> SmokeResponse:
    """Return the right answer of release 2 with something different about it."""
    return smoke(2).model_copy(update=changes)


def failing(service: LiveService, response: SmokeResponse) -> list[tuple[str, bool | None]]:
    """Return the checks that did not pass."""
    verdict = verdict_of(release(2, state=LIVE), service, response, EXPECTED)
    broken = [(check.name, check.ok) for check in verdict.checks if check.ok is not True]
    assert verdict.is_good is (not broken)
    assert (verdict.failure is None) is (not broken)
    return broken


def test_what_was_intended_and_serves_is_good() -> None:
    """Identity, tasks, traffic, alarms and answer all hold: the release is good."""
    assert failing(live(2), smoke(2)) == []


@pytest.mark.parametrize(
    ("changes", "check", "ok"),
    [
        ({"image_digests": (digest(1), digest(1))}, "image", False),
        ({"image_digests": (digest(1), digest(2))}, "image", False),
        ({"image_digests": ()}, "image", None),
        ({"primary_task_definition_arn": "arn:other"}, "task definition", False),
        ({"primary_task_definition_arn": None}, "task definition", None),
        ({"running_count": 1}, "tasks", False),
        ({"running_count": 0, "desired_count": 0}, "tasks", False),
        ({"weights": {}}, "traffic", None),
        ({"weights": {BLUE: 0, GREEN: 0}}, "traffic", False),
        ({"weights": {BLUE: 50, GREEN: 50}}, "traffic", False),
        ({"healthy_targets": {}}, "traffic", False),
        ({"active_deployment_id": "d-other"}, "rollout", False),
        ({"alarms_firing": ("api-errors",)}, "alarms", False),
        ({"alarms_without_data": ("api-errors",)}, "alarms", None),
    ],
)
def test_stability_is_not_success(changes: dict[str, object], check: str, ok: bool | None) -> None:
    """Each thing that is not as intended is found, and what could not be seen is no pass."""
    assert failing(seen(**changes), smoke(2)) == [(check, ok)]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"status": 500}, "smoke"),
        ({"status": 204}, "smoke"),
        ({"status": None, "error": "connection refused"}, "smoke"),
        ({"error": "body larger than 65536 bytes"}, "smoke"),
        ({"commit_header": commit(1)}, "commit"),
        ({"commit_header": ""}, "commit"),
    ],
)
def test_a_wrong_answer_is_a_failure(changes: dict[str, object], check: str) -> None:
    """A status that was not wanted, no answer, or another commit's answer is not good."""
    assert failing(live(2), answered(**changes)) == [(check, False)]


def test_a_service_need_not_tell_its_commit() -> None:
    """Where no commit is told, the digest alone proves identity."""
    assert failing(live(2), answered(commit_header=None)) == []


def test_no_alarm_at_all_is_no_quiet_alarm() -> None:
    """A stack without alarms was not watched, so its verdict is open."""
    unwatched = release(2, state=LIVE)
    assert unwatched.stack is not None
    silent = outputs(2).model_copy(update={"alarm_names": ()})
    stack = unwatched.stack.model_copy(update={"outputs": silent})
    verdict = verdict_of(unwatched.with_parts(stack=stack), live(2), smoke(2), EXPECTED)
    assert [check.name for check in verdict.checks if check.ok is None] == ["alarms"]


def test_a_found_fault_comes_before_what_could_not_be_seen() -> None:
    """The failure names what was wrong rather than what was not looked at."""
    service = seen(weights={}, alarms_firing=("api-errors",))
    verdict = verdict_of(release(2, state=LIVE), service, smoke(2), EXPECTED)
    assert verdict.failure is not None
    assert verdict.failure.reason == "alarms: firing: api-errors"


def test_the_smoke_verdict_shows_the_failing_response() -> None:
    """Before there is traffic the answer alone is judged, and kept where it is wrong."""
    response = answered(status=500, body_excerpt="Traceback")
    verdict = smoke_verdict(release(2), response, EXPECTED)
    assert verdict.failure is not None
    assert (verdict.failure.phase, verdict.failure.response) == ("codedeploy", "Traceback")
    assert smoke_verdict(release(2), smoke(2), EXPECTED).is_good


def test_serving_means_traffic_and_identity() -> None:
    """A release serves if only its image runs and every weighted group is healthy."""
    assert is_serving(release(1), live(1))
    assert not is_serving(release(1), live(2))
    assert not is_serving(release(1), live(1).model_copy(update={"healthy_targets": {}}))
    assert not is_serving(release(1).with_parts(image=None), live(1))


MOVED = release(2, state=LIVE)


@pytest.mark.parametrize(
    ("failed", "good", "service", "state"),
    [
        (MOVED.with_parts(rollout=None), release(1), live(1), ReleaseState.FAILED),
        (MOVED, None, live(2), ReleaseState.FAILED),
        (MOVED, release(1), live(1), ReleaseState.ROLLED_BACK),
        (MOVED, release(1), live(2), ReleaseState.ROLLBACK_FAILED),
        (MOVED, release(1), None, ReleaseState.ROLLBACK_FAILED),
        (
            MOVED,
            release(1),
            live(1).model_copy(update={"healthy_targets": {}}),
            ReleaseState.ROLLBACK_FAILED,
        ),
    ],
)
def test_says_how_a_failed_attempt_ends(
    failed: Release, good: Release | None, service: LiveService | None, state: ReleaseState
) -> None:
    """Rolled back is said only where the good release was seen to serve again."""
    assert state_after_failure(failed, good, service) is state


def test_the_same_image_in_another_task_definition_has_not_rolled_back() -> None:
    """Where both releases run one image, the task definition tells which of them serves."""
    failed = MOVED.with_parts(image=release(1).image)
    still = live(1).model_copy(
        update={"primary_task_definition_arn": outputs(2).task_definition_arn}
    )
    assert state_after_failure(failed, release(1), still) is ReleaseState.ROLLBACK_FAILED
    assert state_after_failure(failed, release(1), live(1)) is ReleaseState.ROLLED_BACK
