"""A state that is not the one that was applied last: mended where that is proven, else refused."""

from datetime import UTC, datetime

import pytest

from delightful.errors import DeployFailed, Refused
from delightful.locks import StateLock
from delightful.recovery import Remedy
from delightful.release import ReleaseState
from delightful.state_health import StateFault, StateJudgement, StateVersion
from flows.recovery.state_health import mend_state
from tests.delightful.samples import START, commit
from tests.flows.fakes.cloud import FakeCloud
from tests.flows.test_deploy import deployed

pytestmark = pytest.mark.usefixtures("told_plainly")
VERSION = StateVersion(version_id="v", md5="m", serial=7, lineage="one", at=START)


def judgement(fault: StateFault) -> StateJudgement:
    """Return what is wrong with the state."""
    return StateJudgement(fault=fault, version=VERSION, detail="told")


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (StateFault.DIGEST_LOST, Remedy.REPAIR_DIGEST),
        (StateFault.DAMAGED, Remedy.PUT_BACK_STATE),
    ],
)
def test_what_is_proven_is_mended(cloud: FakeCloud, fault: StateFault, remedy: Remedy) -> None:
    """A lost digest is recorded, a damaged object gives way to the recorded version; once."""
    cloud.state_judgement = judgement(fault)
    assert [one.remedy for one in mend_state("api", "sandbox", dry_run=True)] == [remedy]
    assert cloud.effects == []
    assert [one.remedy for one in mend_state("api", "sandbox")] == [remedy]
    assert cloud.effects == [f"mend state: {fault}"]
    assert mend_state("api", "sandbox") == []


@pytest.mark.parametrize("fault", [StateFault.WENT_BACK, StateFault.OTHER, StateFault.UNKNOWN])
def test_what_is_not_proven_is_left(cloud: FakeCloud, fault: StateFault) -> None:
    """Nobody guesses which of two states is true."""
    cloud.state_judgement = judgement(fault)
    assert mend_state("api", "sandbox") == []
    assert cloud.effects == []


def test_state_that_somebody_writes_is_not_looked_at(cloud: FakeCloud) -> None:
    """While its lock is held, object and digest may differ for a moment."""
    cloud.state_judgement = judgement(StateFault.DIGEST_LOST)
    cloud.state_lock = StateLock(
        lock_id="1", state="s", operation="o", who="ann@laptop", created=datetime.now(UTC)
    )
    assert mend_state("api", "sandbox") == []


def test_state_that_could_not_be_saved_is_pushed(cloud: FakeCloud) -> None:
    """What an apply kept on this machine reaches the bucket."""
    cloud.has_unsaved_state = True
    assert [one.remedy for one in mend_state("api", "sandbox")] == [Remedy.SAVE_STATE]
    assert cloud.effects == ["push state"]


def test_deploy_beside_a_state_that_went_back_is_refused(cloud: FakeCloud, source: str) -> None:
    """Nothing is applied, and the good release serves on."""
    cloud.serve(1)
    cloud.serve(2)
    cloud.serial = 1
    with pytest.raises((Refused, DeployFailed), match=r"E_STATE_WENT_BACK .* from serial 2 to 1"):
        deployed(source, 3)
    assert cloud.effects == ["build", "push"]
    assert cloud.serving_commit() == commit(2)
    assert cloud.ledger("api").history("api", "sandbox", 1)[0].state is ReleaseState.FAILED
