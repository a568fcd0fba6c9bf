"""Whether a Terraform state can be trusted: by its recorded digest, its serial and its lineage."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import AwareDatetime

from delightful.frozen import Frozen
from delightful.release import AppliedStack, Release


class StateVersion(Frozen):
    """One version of a state object; `serial` and `lineage` are None where it is no state.

    `md5` is of the content, as Terraform records it.
    """

    version_id: str
    md5: str
    serial: int | None
    lineage: str | None
    at: AwareDatetime

    @property
    def told(self) -> str:
        """Return which version it is."""
        what = "no state" if self.serial is None else f"serial {self.serial}"
        return f"{self.version_id} of {self.at:%Y-%m-%d %H:%M:%SZ} ({what})"


class StateFault(StrEnum):
    """What is wrong with a state."""

    DIGEST_LOST = "the digest of its newest version was never recorded"
    DAMAGED = "its newest version is not what was recorded"
    WENT_BACK = "it went back"
    OTHER = "it is another state"
    UNKNOWN = "no version of it is what was recorded"


class StateJudgement(Frozen):
    """What is wrong, and the version that counts; None where none can be named."""

    fault: StateFault
    version: StateVersion | None
    detail: str


def judge_state(
    versions: Sequence[StateVersion], digest: str | None, newest: AppliedStack | None
) -> StateJudgement | None:
    """Return what is wrong with a state, or None.

    `versions` are the object's, newest first and empty where it was deleted before anything was
    kept; `digest` is the one that the lock table has; `newest` is the last apply that the ledger
    knows. A digest is believed lost only where the newest version goes on from the recorded one.
    """
    if not versions:
        return None
    now = versions[0]
    if digest in (None, now.md5):
        return _beside_ledger(now, newest)
    recorded = next((one for one in versions if one.md5 == digest), None)
    if _goes_on(now, recorded, newest):
        told = f"{now.told} goes on from {recorded.told if recorded else 'the last apply'}"
        return StateJudgement(fault=StateFault.DIGEST_LOST, version=now, detail=told)
    if recorded is None:
        listed = "; ".join(one.told for one in versions[:5])
        return StateJudgement(fault=StateFault.UNKNOWN, version=None, detail=listed)
    gone_back = _beside_ledger(recorded, newest)
    if gone_back is not None:
        return gone_back
    told = f"{now.told} is there, {recorded.told} was recorded"
    return StateJudgement(fault=StateFault.DAMAGED, version=recorded, detail=told)


def newest_apply(history: Sequence[Release]) -> AppliedStack | None:
    """Return the last apply that ended well, of attempts given newest first."""
    return next((one.stack for one in history if one.stack is not None), None)


def other_state(newest: AppliedStack, lineage: str, serial: int) -> str | None:
    """Return in what a state cannot be the one that was applied last, or None."""
    if lineage != newest.state_lineage:
        return f"lineage {lineage}, applied was {newest.state_lineage}"
    if serial < newest.state_serial:
        return f"from serial {newest.state_serial} to {serial}"
    return None


def _beside_ledger(version: StateVersion, newest: AppliedStack | None) -> StateJudgement | None:
    if version.serial is None or version.lineage is None:
        return StateJudgement(
            fault=StateFault.UNKNOWN, version=None, detail=f"{version.told} was recorded"
        )
    if newest is None:
        return None
    detail = other_state(newest, version.lineage, version.serial)
    if detail is None:
        return None
    is_same = version.lineage == newest.state_lineage
    fault = StateFault.WENT_BACK if is_same else StateFault.OTHER
    return StateJudgement(fault=fault, version=None, detail=detail)


def _goes_on(now: StateVersion, recorded: StateVersion | None, newest: AppliedStack | None) -> bool:
    if now.serial is None or now.lineage is None:
        return False
    if recorded is not None and recorded.serial is not None:
        is_next = now.lineage == recorded.lineage and now.serial > recorded.serial
    else:
        is_next = newest is not None
    return is_next and (newest is None or other_state(newest, now.lineage, now.serial) is None)
