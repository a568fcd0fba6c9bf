"""Whether a Terraform state can be trusted, and which of its versions counts."""

from delightful.state_health import StateFault, StateVersion, judge_state, other_state
from tests.delightful.samples import START, release

APPLIED = release(5).stack


def version(serial: int | None, lineage: str | None = "lineage") -> StateVersion:
    """Return a version whose md5 is told by its serial."""
    name = str(serial)
    return StateVersion(version_id=name, md5=name, serial=serial, lineage=lineage, at=START)


def test_state_that_was_recorded_is_trusted() -> None:
    """Digest, serial and lineage are those of the last apply, or go on from them."""
    assert judge_state([version(5)], "5", APPLIED) is None
    assert judge_state([version(9), version(5)], "9", APPLIED) is None
    assert judge_state([version(9)], None, APPLIED) is None
    assert judge_state([version(1)], "1", None) is None
    assert judge_state([], None, None) is None


def test_lost_digest_is_told_from_a_foreign_write() -> None:
    """Only a version that goes on from the recorded one can be ours."""
    judged = judge_state([version(6), version(5)], "5", APPLIED)
    assert judged is not None
    assert (judged.fault, judged.version) == (StateFault.DIGEST_LOST, version(6))
    judged = judge_state([version(6, "another"), version(5)], "5", APPLIED)
    assert judged is not None
    assert (judged.fault, judged.version) == (StateFault.DAMAGED, version(5))


def test_damaged_state_is_put_back_to_what_was_recorded() -> None:
    """What is no state, or older than what was recorded, gives way to the recorded version."""
    for damaged in (version(None), version(4)):
        judged = judge_state([damaged, version(5), version(4)], "5", APPLIED)
        assert judged is not None
        assert (judged.fault, judged.version) == (StateFault.DAMAGED, version(5))


def test_state_that_went_back_is_not_mended() -> None:
    """Where the digest was edited too, nothing says which version is true."""
    judged = judge_state([version(3), version(5)], "3", APPLIED)
    assert judged is not None
    assert (judged.fault, judged.version) == (StateFault.WENT_BACK, None)
    assert judged.detail == "from serial 5 to 3"
    judged = judge_state([version(8, "another")], "8", APPLIED)
    assert judged is not None
    assert (judged.fault, judged.version) == (StateFault.OTHER, None)
    judged = judge_state([version(None), version(3), version(5)], "3", APPLIED)
    assert judged is not None
    assert (judged.fault, judged.version) == (StateFault.WENT_BACK, None)


def test_digest_that_no_version_has_is_nobodys_to_mend() -> None:
    """The versions are named, and left as they are."""
    judged = judge_state([version(None), version(3)], "0", APPLIED)
    assert judged is not None
    assert (judged.fault, judged.version) == (StateFault.UNKNOWN, None)
    assert "3 of 2026-11-23 12:00:00Z (serial 3)" in judged.detail


def test_serial_may_grow_and_never_shrink() -> None:
    """The way back applies without a record of its own, so that a state may be newer."""
    assert APPLIED is not None
    assert other_state(APPLIED, "lineage", 9) is None
    assert other_state(APPLIED, "lineage", 4) == "from serial 5 to 4"
    assert other_state(APPLIED, "x", 9) == "lineage x, applied was lineage"
