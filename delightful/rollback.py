"""Which release a rollback takes back."""

from collections.abc import Mapping, Sequence

from delightful.errors import ConfigError
from delightful.release import Release, ReleaseState
from delightful.text import escaped

PREVIOUS = "previous"


def rollback_target(history: Sequence[Release], good: str | None, wanted: str) -> Release:
    """Return the release to restore: one that was GOOD, and never the one that is good now.

    `history` is newest first, `good` the release id that is good now, `wanted` a release id or
    "previous". Previous is the last GOOD one before what serves: after a rollback that is the one
    before the restored release, never the one that was just left.

    Raises:
        ConfigError: E_TARGET, naming the last five that can be restored.
    """
    others = [one for one in history if _is_restorable(one, good)]
    found = (
        next(iter(_earlier(others, history, good)), None)
        if wanted == PREVIOUS
        else next((release for release in others if release.release_id == wanted), None)
    )
    if found is None:
        raise _no_target(others, good, wanted)
    return found


def restorable(history: Sequence[Release], good: str | None) -> tuple[Release, ...]:
    """Return what could be taken back, best first: newest before what serves, then what was left.

    `history` is newest first, `good` the release id that is good now. What serves that very commit
    is what serves already.
    """
    serving = {one.commit for one in history if one.release_id == good}
    others = [one for one in history if _is_restorable(one, good) and one.commit not in serving]
    earlier = _earlier(others, history, good)
    return (*earlier, *(one for one in others if one not in earlier))


def _is_restorable(release: Release, good: str | None) -> bool:
    return release.state is ReleaseState.GOOD and release.release_id != good


def _earlier(
    others: Sequence[Release], history: Sequence[Release], good: str | None
) -> list[Release]:
    if good is None:
        return list(others)
    by_id = {release.release_id: release for release in history}
    serving = origin_of(by_id, good)
    if serving is None:
        return []
    return [release for release in others if release.sequence < serving.sequence]


def origin_of(by_id: Mapping[str, Release], release_id: str) -> Release | None:
    """Return the deploy that a release is or restores, or None where its record is not there."""
    release = by_id.get(release_id)
    while release is not None and release.restores is not None:
        # A restored release is always older; anything else is a record that lies.
        restored = by_id.get(release.restores)
        release = restored if restored and restored.sequence < release.sequence else None
    return release


def _no_target(others: Sequence[Release], good: str | None, wanted: str) -> ConfigError:
    names = ", ".join(release.release_id for release in others[:5]) or "none"
    reason = "is good already" if wanted == good else "is not an earlier good release"
    return ConfigError(
        "E_TARGET",
        f"release: {reason} (got {escaped(wanted)!r}, allowed {names})",
        hint="name one of those: `delightful rollback RELEASE`; `delightful releases` lists all",
    )
