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

    `history` is newest first. With an older one the newest is shown again, so that it stays the
    latest that is shown.
    """
    lost = [one for one in history if not any(_shows(artifact, one) for artifact in shown)]
    if lost and lost[0] != history[0]:
        lost = [history[0], *lost]
    return lost[::-1]


def _shows(artifact: Release, stored: Release) -> bool:
    is_it = (artifact.release_id, artifact.state) == (stored.release_id, stored.state)
    return is_it and not differs(artifact, stored)
