"""What a recovery does about what a dead run left, and what it found afterwards."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from delightful.agreement import RECOVER, Finding, exit_code, is_in_order
from delightful.errors import DelightfulError
from delightful.frozen import Frozen
from delightful.release import AttemptKind, Release, ReleaseState

# The phases of a failure whose reason is that another attempt closed this one: nobody worked on it
# any more, or a rollback stopped it.
ABANDONED, STOPPED = "abandoned", "stopped"
CLOSED_BY_ANOTHER = frozenset({ABANDONED, STOPPED})

# What to do about what a recovery has left, since another one would leave it too.
_TAKES_A_PERSON = "look with `delightful status`; then deploy again, or roll back to a good release"


class Remedy(StrEnum):
    """What is done about one thing that a dead run left."""

    END_ATTEMPT = "end attempt"
    FINISH_ATTEMPT = "finish attempt"
    COMPLETE_APPLY = "complete apply"
    RESTORE_GOOD = "restore good release"
    END_RUN = "end flow run"
    BREAK_LOCK = "break lock"
    SAVE_STATE = "save state"
    REPAIR_DIGEST = "repair digest of state"
    PUT_BACK_STATE = "put back state"
    SHOW_RELEASE = "show release"
    REBUILD_HEAD = "rebuild head of ledger"
    REBUILD_RELEASE = "rebuild release"


class Step(Frozen):
    """One thing that was done, or in a dry run would be: about what, and why or with what end."""

    remedy: Remedy
    subject: str
    detail: str


class Recovery(Frozen):
    """One recovery: what it did, and whether everything agrees now."""

    service: str
    environment: str
    dry_run: bool
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]

    @property
    def left(self) -> tuple[Finding, ...]:
        """Return what does not agree yet."""
        return tuple(one for one in self.findings if not is_in_order([one]))


class NotRecovered(DelightfulError):
    """Something is left that does not agree; `recovery` says what, and what was done."""

    def __init__(self, recovery: Recovery) -> None:
        first, *others = recovery.left
        more = f" (and {len(others)} more)" if others else ""
        super().__init__(
            "E_NOT_RECOVERED",
            f"{recovery.service} in {recovery.environment}: {first.subject} is "
            f"{first.standing}: {first.detail}{more}",
            hint=_TAKES_A_PERSON if first.next_step in (None, RECOVER) else first.next_step,
        )
        self.recovery = recovery
        self.exit_code = exit_code(recovery.findings)


def remedy_for(attempt: Release, *, is_live: bool, has_good: bool, now: datetime) -> Remedy | None:
    """Return what becomes of an open attempt that nobody holds any more; None: nothing yet.

    `is_live` says that its rollout has given it all the traffic. Who is asked about a plan is given
    the time that he was promised. A way back is gone on with: somebody wanted it. A deploy is
    finished where it has the traffic, and taken back otherwise; the first one of a service, which
    has nothing to be taken back to, gets its infrastructure completed, so that the state knows all
    that is there.
    """
    if attempt.is_waiting and attempt.review is not None and now < attempt.review.expires_at:
        return None
    if attempt.kind is not AttemptKind.DEPLOY or is_live:
        return Remedy.FINISH_ATTEMPT
    if attempt.state is ReleaseState.BUILT and not has_good:
        return Remedy.COMPLETE_APPLY
    return Remedy.END_ATTEMPT


def unsettled(history: Sequence[Release], good: Release | None) -> Release | None:
    """Return the attempt since which nobody knows that the good release's inputs are in place.

    `history` is newest first. Where they were put in place again, or that was tried by a recovery
    and failed, there is none.
    """
    for one in history:
        if good is None or one.sequence <= good.sequence or not one.is_terminal:
            return None
        if one.state is ReleaseState.ROLLBACK_FAILED:
            return None if one.kind is AttemptKind.ADOPTION else one
        if may_have_applied(one):
            return one if _was_left(one) else None
    return None


def may_have_orphans(history: Sequence[Release]) -> bool:
    """Say whether an apply may have been cut short since the last release that became good.

    `history` is newest first. Then what that apply made may be there without the state knowing it.
    """
    for one in history:
        if one.state is ReleaseState.GOOD:
            return False
        is_cut = one.stack is None if one.is_terminal else bool(one.taken_over)
        if may_have_applied(one) and (is_cut or one.state is ReleaseState.ROLLBACK_FAILED):
            return True
    return False


def may_have_applied(attempt: Release) -> bool:
    """Say whether the attempt got as far as an apply, whatever came of it."""
    return any(step.state is ReleaseState.BUILT for step in attempt.transitions)


def _was_left(one: Release) -> bool:
    """Say whether an attempt was closed by the one after it, which took nothing back."""
    phase = one.failure.phase if one.failure else ""
    return one.state is ReleaseState.ABORTED and phase in CLOSED_BY_ANOTHER
