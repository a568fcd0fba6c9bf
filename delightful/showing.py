"""Whether what is shown of a release is what the ledger has of it."""

from collections.abc import Sequence

from delightful.release import Release


def differs(shown: Release, stored: Release) -> bool:
    """Say whether an artifact tells another story than the ledger; an earlier state does not."""
    steps = len(shown.transitions)
    if shown.transitions != stored.transitions[:steps]:
        return True
    same = {"commit", "image", "stack", "sequence", "kind"}
    known = {name for name in same if getattr(shown, name) is not None}
    return any(getattr(shown, name) != getattr(stored, name) for name in known)


def unshown(history: Sequence[Release], shown: Sequence[Release]) -> list[Release]:
    """Return the releases that nothing shows as they are, oldest first.

    Both are newest first, and of what shows a release in its state the newest counts. With an older
    release the newest one is shown again, so that it stays the latest that is shown.
    """
    lost = [one for one in history if not _is_shown(one, shown)]
    if lost and lost[0] != history[0]:
        lost = [history[0], *lost]
    return lost[::-1]


def _is_shown(stored: Release, shown: Sequence[Release]) -> bool:
    it = (stored.release_id, stored.state)
    newest = next((one for one in shown if (one.release_id, one.state) == it), None)
    if newest is None:
        return False
    # Of an open attempt the record grows without being shown each time.
    return newest == stored if stored.is_terminal else not differs(newest, stored)
