"""What agrees with the ledger, and what is shown because it does not."""

import pytest

from delightful.agreement import (
    Finding,
    Standing,
    artifact_finding,
    attempt_finding,
    disagreements,
    exit_code,
    image_finding,
    is_in_order,
    ledger_finding,
    lock_finding,
    refused_state_finding,
    registry_finding,
    rollout_finding,
    state_finding,
    task_definition_finding,
    traffic_finding,
    unsaved_state_finding,
    unseen,
)
from delightful.errors import ConfigError
from delightful.locks import LockJudgement, StateLock
from delightful.release import AttemptKind, Head, Release, ReleaseState
from tests.delightful.samples import BLUE, GREEN, START, image, live, release


def _finding(standing: Standing) -> Finding:
    return Finding(subject="image", standing=standing, detail="as it was seen")


def test_shows_whatever_does_not_simply_agree() -> None:
    """Drifted, unknown and adopted are shown, in the order in which they were found."""
    found = [_finding(standing) for standing in Standing]
    assert [one.standing for one in disagreements(found)] == ["drifted", "unknown", "adopted"]


def test_what_was_adopted_is_in_order() -> None:
    """A subject that is known from what was found there is shown, and mends nothing further."""
    assert is_in_order([_finding(Standing.AGREES), _finding(Standing.ADOPTED)])


def test_what_is_unknown_is_not_in_order() -> None:
    """What could not be looked at is no agreement."""
    assert not is_in_order([_finding(Standing.AGREES), _finding(Standing.UNKNOWN)])


def test_no_look_is_no_agreement() -> None:
    """Where nothing was looked at nothing agrees."""
    assert not is_in_order([])


def test_what_could_not_be_looked_at_is_unknown() -> None:
    """An error of the look is the finding, with the error's own next step."""
    error = ConfigError("E_REPOSITORY", "there is no image repository api", hint="apply registry")
    found = unseen("registry", error)
    assert found.standing is Standing.UNKNOWN
    assert "E_REPOSITORY there is no image repository api" in found.detail
    assert found.next_step == "apply registry"


@pytest.mark.parametrize(
    ("attempt", "is_gone", "standing"),
    [
        (None, False, Standing.AGREES),
        (release(2, state=ReleaseState.APPLIED), False, Standing.AGREES),
        (release(2, state=ReleaseState.APPLIED), True, Standing.DRIFTED),
    ],
)
def test_an_open_attempt_needs_a_run_that_lives(
    attempt: Release | None, is_gone: bool, standing: Standing
) -> None:
    """An attempt whose owner is proven dead has drifted, whatever it left."""
    assert attempt_finding(attempt, is_gone=is_gone).standing is standing


def test_what_was_rebuilt_is_shown_as_adopted() -> None:
    """A good release that nobody deployed is marked as such."""
    head = Head(service="api", environment="sandbox", sequence=1, good="api-sandbox-000001")
    adopted = release(1, kind=AttemptKind.ADOPTION)
    assert ledger_finding(head, adopted, None, is_there=True).standing is Standing.ADOPTED
    assert ledger_finding(head, adopted, None, is_there=False).standing is Standing.DRIFTED
    assert ledger_finding(head, release(1), None, is_there=True).standing is Standing.AGREES


def test_a_release_that_the_head_names_is_kept() -> None:
    """A good or open release whose item is gone has drifted."""
    head = Head(service="api", environment="sandbox", good="api-sandbox-000001")
    assert ledger_finding(head, None, None, is_there=True).standing is Standing.DRIFTED
    head = head.model_copy(update={"in_progress": "api-sandbox-000002"})
    assert ledger_finding(head, release(1), None, is_there=True).standing is Standing.DRIFTED


def test_exit_codes_are_those_of_every_verb() -> None:
    """Drift is a failure; what could not be seen is out of reach, never a pass."""
    drifted, unknown = _finding(Standing.DRIFTED), _finding(Standing.UNKNOWN)
    assert exit_code([_finding(Standing.AGREES)]) == 0
    assert exit_code([unknown, drifted]) == 1
    assert exit_code([unknown]) == 6
    assert exit_code([]) == 6


def test_a_service_that_no_ledger_knows_is_unknown() -> None:
    """Before the first release nothing is there; what is there then belongs to a lost ledger."""
    head = Head(service="api", environment="sandbox")
    assert ledger_finding(head, None, None, is_there=False).standing is Standing.AGREES
    assert ledger_finding(head, None, None, is_there=True).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("running", "attempt", "standing"),
    [
        (1, None, Standing.AGREES),
        (2, None, Standing.DRIFTED),
        (2, release(2, state=ReleaseState.LIVE), Standing.AGREES),
        (3, release(2, state=ReleaseState.LIVE), Standing.DRIFTED),
    ],
)
def test_the_image_that_runs_is_a_known_one(
    running: int, attempt: Release | None, standing: Standing
) -> None:
    """It is the good release's, or that of the attempt that is open; no other."""
    assert image_finding(release(1), attempt, live(running)).standing is standing


def test_no_running_image_has_drifted() -> None:
    """Where nothing runs the good release does not serve."""
    empty = live(1).model_copy(update={"image_digests": (), "running_count": 0})
    assert image_finding(release(1), None, empty).standing is Standing.DRIFTED
    unseen_ones = live(1).model_copy(update={"image_digests": ()})
    assert image_finding(release(1), None, unseen_ones).standing is Standing.UNKNOWN


def test_a_revision_of_the_same_content_is_the_same_task_definition() -> None:
    """What was put back after a failure is another revision, and no drift."""
    found = task_definition_finding(release(1), None, live(2), has_good_content=False)
    assert found.standing is Standing.DRIFTED
    assert found.detail.endswith("task-definition/api:1")
    assert str(found.next_step).startswith(f"delightful deploy --commit {release(1).commit} ")
    same = task_definition_finding(release(1), None, live(2), has_good_content=True)
    assert same.standing is Standing.AGREES
    mine = task_definition_finding(release(1), None, live(1), has_good_content=False)
    assert mine.standing is Standing.AGREES


@pytest.mark.parametrize(
    ("weights", "attempt", "standing"),
    [
        ({BLUE: 0, GREEN: 100}, None, Standing.AGREES),
        ({BLUE: 100, GREEN: 0}, None, Standing.DRIFTED),
        ({BLUE: 10, GREEN: 90}, None, Standing.DRIFTED),
        ({}, None, Standing.DRIFTED),
    ],
)
def test_traffic_goes_where_the_tasks_are(
    weights: dict[str, int], attempt: Release | None, standing: Standing
) -> None:
    """A weight that somebody set leads to a group without tasks, or splits what is one."""
    seen = live(1).model_copy(update={"weights": weights})
    assert traffic_finding(attempt, seen).standing is standing


def test_an_attempt_may_split_the_traffic() -> None:
    """A canary of the attempt that is open is no drift; between attempts it is."""
    update = {"weights": {BLUE: 10, GREEN: 90}, "healthy_targets": {BLUE: 1, GREEN: 2}}
    seen = live(1).model_copy(update=update)
    assert traffic_finding(release(2, state=ReleaseState.APPLIED), seen).standing == "agrees"
    assert traffic_finding(None, seen).standing == "drifted"


def test_an_active_rollout_belongs_to_an_open_attempt() -> None:
    """One that nobody waits for has drifted, and says for whom it was made."""
    moving = live(1).model_copy(update={"active_deployment_id": "d-9"})
    attempt = release(2, state=ReleaseState.APPLIED)
    assert rollout_finding(release(1), attempt, moving, None).standing == "agrees"
    found = rollout_finding(release(1), None, moving, "api-sandbox-000002")
    assert found.standing == "drifted"
    assert "api-sandbox-000002" in found.detail
    own = live(1).model_copy(update={"active_deployment_id": "d-000000001"})
    assert rollout_finding(release(1), None, own, None).standing == "agrees"


def test_the_good_image_stays_in_the_registry() -> None:
    """A tag that is gone, or names another image, has drifted."""
    assert registry_finding(release(1), image(1)).standing == "agrees"
    assert registry_finding(release(1), None).standing == "drifted"
    other = image(1).model_copy(update={"digest": image(2).digest})
    assert registry_finding(release(1), other).standing == "drifted"


@pytest.mark.parametrize(
    ("lineage", "serial", "standing"),
    [
        ("lineage", 3, Standing.AGREES),
        ("lineage", 5, Standing.AGREES),
        ("lineage", 2, Standing.DRIFTED),
        ("another", 3, Standing.DRIFTED),
    ],
)
def test_a_state_only_grows(lineage: str, serial: int, standing: Standing) -> None:
    """A serial before the recorded one, or another lineage, is another state."""
    assert state_finding(release(3).stack, lineage, serial).standing is standing


def test_a_lost_state_has_drifted() -> None:
    """A state that was applied and is gone is no beginning."""
    gone = ConfigError("E_NO_STATE", "nothing was applied yet", hint="deploy first")
    assert refused_state_finding(release(1).stack, gone).standing == "drifted"
    assert refused_state_finding(None, gone).standing == "agrees"
    denied = ConfigError("E_AWS", "denied", hint="allow it")
    assert refused_state_finding(release(1).stack, denied).standing == "unknown"


def _judged(*, is_stale: bool, release_id: str | None) -> LockJudgement:
    lock = StateLock(lock_id="1", state="s", operation="apply", who="ann@host", created=START)
    return LockJudgement(lock=lock, release_id=release_id, is_stale=is_stale, reason="seen")


def test_the_worst_lock_decides() -> None:
    """A dead owner's lock comes before one that nobody knows, and that before a living one."""
    living = _judged(is_stale=False, release_id="api-sandbox-000002")
    nobodys = _judged(is_stale=False, release_id=None)
    dead = _judged(is_stale=True, release_id="api-sandbox-000001")
    assert lock_finding([]).standing == "agrees"
    assert lock_finding([living]).standing == "agrees"
    assert lock_finding([living, nobodys]).standing == "unknown"
    assert lock_finding([living, nobodys, dead]).standing == "drifted"


def test_a_state_that_could_not_be_saved_is_shown() -> None:
    """What lies on this machine is mended before anything else is applied."""
    assert unsaved_state_finding(is_there=True).standing == "drifted"
    assert unsaved_state_finding(is_there=False).standing == "agrees"


def test_an_artifact_is_held_beside_the_ledger() -> None:
    """One that is gone or was changed has drifted; the ledger counts."""
    assert artifact_finding(release(1), release(1)).standing == "agrees"
    assert artifact_finding(release(1), None).standing == "drifted"
    changed = release(1).with_parts(reason="somebody wrote here")
    assert artifact_finding(release(1), changed).standing == "drifted"
