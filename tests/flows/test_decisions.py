"""What the flows decide without asking anybody."""

import pytest

from delightful.errors import ConfigError, DeployFailed, RollbackFailed
from delightful.live import LiveService
from delightful.ordering import Order
from delightful.release import AttemptKind, Failure, Release, ReleaseState
from delightful.showing import differs
from flows.attempts.attempt import deploy_request, refuse_stale, rollback_request
from flows.attempts.put_back import end_state, has_changed_inputs, told
from flows.attempts.target import as_artifact_id
from flows.failing import StepFailed
from flows.observe import bake_seconds_of, bake_trouble
from flows.rollouts.evidence import merged
from flows.rollouts.smoke import expected_smoke
from tests.delightful.samples import commit, live, release

WHY = Failure(phase="codedeploy", reason="status 500")
STEP_FAILED = StepFailed(WHY)
NO_SUCH_FIELD = ConfigError("E_KEY", "no such field", hint="mend it")


def applied(number: int = 2, kind: AttemptKind = AttemptKind.DEPLOY) -> Release:
    """Return an attempt whose stack was applied and whose rollout began."""
    return release(number, state=ReleaseState.APPLIED, kind=kind)


def test_history_begins_with_the_commit_itself() -> None:
    """A history that leaves the commit out gets it, one that has it stays."""
    without = deploy_request("api", "sandbox", commit(2), [commit(1)])
    assert without.history == (commit(2), commit(1))
    assert deploy_request("api", "sandbox", commit(2), [commit(2), commit(1)]) == without


@pytest.mark.parametrize("text", ["main", commit(1)[:7], f"{commit(1)}\n", ""])
def test_deploy_of_anything_but_a_full_commit_is_refused(text: str) -> None:
    """A branch or a short id could mean another commit tomorrow."""
    with pytest.raises(ConfigError) as refused:
        deploy_request("api", "sandbox", text, [])
    assert refused.value.code == "E_SHA"


def test_first_deploy_is_never_stale() -> None:
    """Without a good release every commit is newer."""
    assert refuse_stale(deploy_request("api", "sandbox", commit(1), []), None) is Order.NEWER


def test_rollback_asks_for_the_whole_release() -> None:
    """A rollback names the release, its commit and that commit's history."""
    target = release(1)
    request = rollback_request(target, "alarm")
    assert (request.restores, request.commit) == (target.release_id, target.commit)
    assert (request.history, request.kind) == (target.history, AttemptKind.ROLLBACK)


@pytest.mark.parametrize(
    ("state", "error", "changed"),
    [
        (ReleaseState.PENDING, NO_SUCH_FIELD, False),
        (ReleaseState.BUILT, NO_SUCH_FIELD, False),
        (ReleaseState.BUILT, STEP_FAILED, True),
        (ReleaseState.APPLIED, NO_SUCH_FIELD, True),
        (ReleaseState.LIVE, STEP_FAILED, True),
    ],
)
def test_inputs_go_back_only_where_an_apply_began(
    state: ReleaseState, error: StepFailed | ConfigError, changed: bool
) -> None:
    """A plan that was refused changed nothing; an apply that broke may have."""
    assert has_changed_inputs(release(2, state=state), error) is changed


def test_attempt_is_rolled_back_where_the_good_release_serves() -> None:
    """Traffic that was to move and did not stay moved is ROLLED_BACK."""
    assert end_state(applied(), release(1), live(1), None) is ReleaseState.ROLLED_BACK


def test_attempt_without_a_good_release_before_it_is_failed() -> None:
    """There is nothing to roll back to."""
    assert end_state(applied(), None, None, None) is ReleaseState.FAILED


def test_attempt_whose_way_back_failed_is_rollback_failed() -> None:
    """A second failure is never hidden behind the first."""
    assert end_state(applied(), release(1), None, NO_SUCH_FIELD) is ReleaseState.ROLLBACK_FAILED


def test_rollback_that_did_not_arrive_is_rollback_failed() -> None:
    """What was asked for is not there, even if what served before serves again."""
    attempt = applied(kind=AttemptKind.ROLLBACK)
    assert end_state(attempt, release(1), live(1), None) is ReleaseState.ROLLBACK_FAILED


def test_caller_hears_what_serves_now() -> None:
    """A deploy that was put back says so, names the release that serves and the next command."""
    closed = applied().with_parts(state=ReleaseState.ROLLED_BACK, failure=WHY)
    error = told(closed, release(1), STEP_FAILED)
    assert isinstance(error, DeployFailed)
    assert error.rolled_back
    assert "api-sandbox-000001 serves as before" in str(error)
    assert "delightful show api-sandbox-000002" in str(error)


def test_caller_hears_the_readers_own_mistake_as_it_is() -> None:
    """A manifest that cannot be read stays a bad input, whatever the attempt is called."""
    closed = release(2, state=ReleaseState.FAILED).with_parts(failure=WHY)
    assert told(closed, release(1), NO_SUCH_FIELD) is NO_SUCH_FIELD


def test_failed_way_back_is_the_loudest() -> None:
    """Whoever asked hears RollbackFailed, with the release to look at."""
    closed = applied().with_parts(state=ReleaseState.ROLLBACK_FAILED, failure=WHY)
    error = told(closed, release(1), STEP_FAILED)
    assert isinstance(error, RollbackFailed)
    assert error.release_id == closed.release_id


def test_evidence_keeps_what_was_seen_before_the_tasks_were_gone() -> None:
    """A target that answered 503 is remembered when it is only draining, or registering again."""
    earlier = WHY.model_copy(update={"response": "codes: [503]", "log_tail": ("one",)})
    later = Failure(phase="codedeploy", reason="", response="Elb.InitialHealthChecking")
    seen = merged(earlier, later.model_copy(update={"exit_code": 1}))
    assert (seen.response, seen.log_tail, seen.exit_code) == ("codes: [503]", ("one",), 1)


def test_bake_ends_at_the_first_alarm() -> None:
    """An alarm is trouble, and so is traffic that nobody healthy answers."""
    assert bake_trouble(live(1), None) is None
    firing = live(1).model_copy(update={"alarms_firing": ("api-errors",)})
    assert "api-errors" in str(bake_trouble(firing, None))
    nobody = LiveService(primary_task_definition_arn=None, running_count=0, desired_count=1)
    assert bake_trouble(nobody, None) is not None


def test_bake_lasts_as_the_manifest_says() -> None:
    """What somebody asked for wins; without either, it is a minute."""
    assert bake_seconds_of(release(1), 5) == 5
    assert bake_seconds_of(release(1), None) == 60


def test_smoke_test_falls_back_to_the_health_check() -> None:
    """A service that names no smoke test is asked where its load balancer asks it."""
    stack = release(1).stack
    assert stack is not None
    with_path = stack.model_copy(update={"variables": {"health_check": {"path": "/healthz"}}})
    assert expected_smoke(release(1).with_parts(stack=with_path)).path == "/healthz"
    assert expected_smoke(release(1)).path == "/"


def test_artifact_of_an_earlier_state_is_no_lie() -> None:
    """An artifact published at APPLIED differs from the ledger only in what came later."""
    stored = release(1)
    earlier = stored.with_parts(transitions=stored.transitions[:1], verdict=None, stack=None)
    assert not differs(earlier, stored)
    assert differs(stored.with_parts(commit=commit(9)), stored)
    assert differs(
        stored.with_parts(transitions=(*stored.transitions, stored.transitions[0])), stored
    )


def test_only_an_artifact_id_is_read_as_one() -> None:
    """A release id is never taken for an artifact's."""
    assert as_artifact_id("488b1db5-2563-4e0c-85fd-3f5f1dd7083a") is not None
    assert as_artifact_id("api-sandbox-000001") is None
    assert as_artifact_id("previous") is None
