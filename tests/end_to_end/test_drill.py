"""A rollback is rehearsed for real: real Terraform, real tasks, a real shift of traffic, twice."""

import pytest

from delightful.drill import BACK, FORWARD
from delightful.release import Release, ReleaseState
from rehearsal.witness import Witness
from tests.end_to_end.stage import ENVIRONMENT, SERVICE, Stage
from tests.end_to_end.test_submitted import submitted

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]


def test_a_drill_by_the_worker_leaves_all_as_it_was(stage: Stage, first: Release) -> None:
    """Freeze, weights and the good commit are what they were, no request failed, and it is told."""
    stage.commit("next")
    code, good = stage.deploy()
    assert (code, good.state) == (0, ReleaseState.GOOD)
    assert good.stack is not None
    outputs = good.stack.outputs
    before, weights = stage.ledger().head(SERVICE, ENVIRONMENT), stage.weights(outputs.listener_arn)
    with stage.load(outputs.url) as traffic:
        answer = submitted(stage, "drill", "--service", SERVICE)
        seen = traffic()
    assert (answer["exit_code"], answer["message"]) == (0, None)
    assert seen.failed == 0, seen.failures
    assert set(seen.commits) == {good.commit, first_of(stage, BACK).commit}
    after = stage.ledger().head(SERVICE, ENVIRONMENT)
    assert (after.in_progress, after.frozen_reason) == (None, before.frozen_reason)
    assert (stage.good().commit, stage.good().reason) == (good.commit, FORWARD)
    assert stage.weights(outputs.listener_arn) == weights
    assert all(check.ok for check in Witness(stage.session(), outputs).checks(stage.good()))
    key = {"any_": [f"drill-{SERVICE}-{ENVIRONMENT}"]}
    (card,) = stage.ask_prefect("/artifacts/filter", {"artifacts": {"key": key}})
    assert "traffic moved after" in card["data"]
    assert "everything is as it was" in card["description"]


def first_of(stage: Stage, reason: str) -> Release:
    """Return the newest attempt with a reason."""
    return next(one for one in stage.history() if one.reason == reason)
